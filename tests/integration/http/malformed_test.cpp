#include "integration/http/raw_client.hpp"
#include "integration/http/test_server.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

/// Each file of malformed/ is one request that must be refused, and its twin, which differs by the one change
/// that the file names and must be accepted. See malformed/README.md for the notation.
namespace calyptenora::http::test {
namespace {

struct Case {
    std::string name;
    int expected_status = 0;
    std::string malformed;
    std::string twin;
};

std::string unescape(std::string_view text) {
    std::string bytes;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '{') {
            auto star = text.find('*', i);
            auto end = text.find('}', i);
            auto count = std::stoul(std::string(text.substr(i + 1, star - i - 1)));
            auto unit = unescape(text.substr(star + 1, end - star - 1));
            for (std::size_t k = 0; k < count; ++k) {
                bytes += unit;
            }
            i = end;
            continue;
        }
        if (text[i] != '\\') {
            bytes += text[i];
            continue;
        }
        switch (text[++i]) {
            case 'r':
                bytes += '\r';
                break;
            case 'n':
                bytes += '\n';
                break;
            case 't':
                bytes += '\t';
                break;
            case '0':
                bytes += '\0';
                break;
            case '\\':
                bytes += '\\';
                break;
            case 'x':
                bytes += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
                i += 2;
                break;
            default:
                throw std::runtime_error("unknown escape");
        }
    }
    return bytes;
}

Case read_case(const std::filesystem::path& path) {
    Case result;
    result.name = path.stem().string();
    std::ifstream file(path);
    std::string line;
    std::string old_text;
    std::string new_text;
    while (std::getline(file, line) && line != "---") {
        if (line.starts_with("expect: ")) {
            result.expected_status = std::stoi(line.substr(8));
        } else if (line.starts_with("twin: ")) {
            auto arrow = line.find(" => ");
            old_text = line.substr(6, arrow - 6);
            new_text = line.substr(arrow + 4);
        }
    }
    std::string text;
    while (std::getline(file, line)) {
        text += line;
    }
    auto at = text.find(old_text);
    if (result.expected_status == 0 || old_text.empty() || at == std::string::npos) {
        throw std::runtime_error(path.string() + ": expect, twin or the twin's place is missing");
    }
    result.malformed = unescape(text);
    result.twin = unescape(text.replace(at, old_text.size(), new_text));
    return result;
}

std::vector<Case> read_cases() {
    std::vector<Case> cases;
    for (const auto& entry :
         std::filesystem::directory_iterator(CALYPTENORA_SOURCE_DIR "/tests/integration/http/malformed")) {
        if (entry.path().extension() == ".http") {
            cases.push_back(read_case(entry.path()));
        }
    }
    std::ranges::sort(cases, {}, &Case::name);
    return cases;
}

class Malformed : public testing::Test {
  protected:
    static void SetUpTestSuite() {
        server_ = std::make_unique<TestServer>();
        cases_ = read_cases();
    }
    static void TearDownTestSuite() { server_.reset(); }

    static inline std::unique_ptr<TestServer> server_;
    static inline std::vector<Case> cases_;
};

TEST_F(Malformed, ThereAreAtLeastSixty) {
    EXPECT_GE(cases_.size(), 60U);
}

TEST_F(Malformed, IsRefusedAndTheConnectionClosedBeforeAnyHandlerRuns) {
    for (const auto& each : cases_) {
        SCOPED_TRACE(each.name);
        int handled_before = server_->handled();
        RawClient client(server_->port());
        client.send(each.malformed);
        // A second request behind it must not be answered either.
        client.send(get("/echo"));
        auto response = client.read_response();
        EXPECT_TRUE(response.has_value());
        if (response) {
            EXPECT_EQ(response->status, each.expected_status);
            EXPECT_EQ(response->headers["connection"], "close");
            EXPECT_TRUE(client.is_closed_by_server());
        }
        EXPECT_EQ(server_->handled(), handled_before);
    }
}

TEST_F(Malformed, TwinIsAcceptedAndTheConnectionGoesOn) {
    for (const auto& each : cases_) {
        SCOPED_TRACE(each.name);
        int handled_before = server_->handled();
        RawClient client(server_->port());
        client.send(each.twin);
        auto response = client.read_response();
        EXPECT_TRUE(response.has_value());
        if (response) {
            EXPECT_EQ(response->status, 200) << response->body;
            EXPECT_EQ(server_->handled(), handled_before + 1);
            auto next = client.ask(get("/healthz"));
            EXPECT_TRUE(next.has_value() && next->body == "ok")
                << "the twin's end was not where it should be";
        }
    }
}

/// Byte by byte the verdict is the same: nothing depends on how packets are cut.
TEST_F(Malformed, VerdictDoesNotDependOnPackets) {
    for (const auto& each : cases_) {
        if (each.malformed.size() > 400) {
            continue;
        }
        SCOPED_TRACE(each.name);
        RawClient client(server_->port());
        for (char c : each.malformed) {
            if (!client.send(std::string_view(&c, 1))) {
                break;
            }
        }
        auto response = client.read_response();
        EXPECT_TRUE(response.has_value() && response->status == each.expected_status);
    }
}

}  // namespace
}  // namespace calyptenora::http::test
