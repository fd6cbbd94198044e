#include "integration/cli/program.hpp"
#include "support/page_client.hpp"

#include <boost/system/system_error.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <fstream>

namespace calyptenora::cli::test {
namespace {

using calyptenora::test::PageClient;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

/// A place whose server makes its certificate itself.
class SelfSignedPlace : public Place {
  public:
    SelfSignedPlace() {
        std::ifstream stream(config());
        std::string yaml(std::istreambuf_iterator<char>(stream), {});
        const std::string plain = "origin: 'http://localhost:8080'}\n";
        yaml.replace(yaml.find(plain), plain.size(),
                     "origin: 'https://localhost:8443'}\nserver: {tls: self_signed}\n");
        write("calyptenora.yaml", yaml);
    }
    std::filesystem::path certificate() const { return data() / "tls/self-signed.crt"; }
};

/// What openssl says, which is somebody else's code.
std::string fingerprint_of(const std::filesystem::path& certificate) {
    const auto command = "openssl x509 -noout -fingerprint -sha256 -in " + certificate.string();
    std::string out;
    FILE* pipe = popen(command.c_str(), "r");
    for (std::array<char, 256> part; fgets(part.data(), part.size(), pipe);)
        out += part.data();
    pclose(pipe);
    const auto from = out.find('=');
    return from == std::string::npos ? "" : out.substr(from + 1, 95);
}

TEST(SelfSigned, ServesOverTlsAndIsKept) {
    const SelfSignedPlace place;
    std::string fingerprint;
    {
        const RunningServer server(place);
        ASSERT_TRUE(server.is_open()) << server.output();
        EXPECT_THAT(server.output(),
                    HasSubstr("is open at https://localhost:" + std::to_string(server.port())));
        fingerprint = fingerprint_of(place.certificate());
        ASSERT_EQ(fingerprint.size(), 95u);
        EXPECT_THAT(server.output(), HasSubstr(fingerprint.substr(0, 48)));
        EXPECT_THAT(server.output(), HasSubstr(fingerprint.substr(48)));
        EXPECT_THAT(server.output(), HasSubstr("Valid until 20"));

        PageClient client(server.port(), place.certificate());
        const auto page = client.get("/");
        EXPECT_EQ(page.status, 200);
        EXPECT_THAT(page.body, HasSubstr("Lernhaus"));
        // A form, whose cookie and origin have to be right.
        EXPECT_EQ(client.post("/language", {{"language", "de"}, {"return_to", "/imprint"}}).location,
                  "/imprint");
    }
    const RunningServer again(place);
    ASSERT_TRUE(again.is_open()) << again.output();
    EXPECT_EQ(fingerprint_of(place.certificate()), fingerprint) << "one warning of the browser is enough";
}

TEST(SelfSigned, IsTrustedByNobodyWhoPinnedAnother) {
    const SelfSignedPlace place;
    const SelfSignedPlace other;
    const RunningServer server(place);
    ASSERT_TRUE(server.is_open()) << server.output();
    {
        const RunningServer elsewhere(other);
        ASSERT_TRUE(elsewhere.is_open()) << elsewhere.output();
    }
    PageClient client(server.port(), other.certificate());
    EXPECT_THAT([&] { client.get("/"); },
                ThrowsMessage<boost::system::system_error>(HasSubstr("certificate verify failed")));
    EXPECT_THROW(PageClient(server.port()).get("/"), boost::system::system_error) << "nor without TLS";
    EXPECT_EQ(PageClient(server.port(), place.certificate()).get("/").status, 200);
}

}  // namespace
}  // namespace calyptenora::cli::test
