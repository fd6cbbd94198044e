#include "cli/control_socket.hpp"

#include "cli/data_folder_lock.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

namespace calyptenora::cli::test {
namespace {

using ::testing::HasSubstr;

/// A data folder whose path is longer than a socket's address can be.
class ControlSocket : public ::testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = std::filesystem::temp_directory_path() / "calyptenora-cli-XXXXXX";
        root_ = mkdtemp(pattern.data());
        data_ = root_ / std::string(150, 'x');
        std::filesystem::create_directory(data_);
    }
    void TearDown() override { std::filesystem::remove_all(root_); }

    std::filesystem::path root_, data_;
};

Result<boost::json::value> echo(const std::string& command, const boost::json::object& arguments) {
    if (command == "refuse")
        return Error(ErrorKind::not_found, "nothing here");
    if (command == "throw")
        throw std::runtime_error("broken");
    return boost::json::object{{"command", command}, {"arguments", arguments}};
}

TEST_F(ControlSocket, CarriesCommandsAndAnswers) {
    const auto server = ControlServer::start(data_, echo);
    ASSERT_TRUE(server) << server.error().message;
    const std::string large(5 * 1024 * 1024, 'a');
    const auto answer = send_to_server(data_, "say", {{"text", large}});
    ASSERT_TRUE(answer && *answer);
    EXPECT_EQ((**answer).at("command"), "say");
    EXPECT_TRUE((**answer).at("arguments").at("text").as_string() == large);
}

TEST_F(ControlSocket, CarriesErrorsWithTheirKind) {
    const auto server = ControlServer::start(data_, echo);
    ASSERT_TRUE(server);
    const auto refused = send_to_server(data_, "refuse", {});
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->error(), Error(ErrorKind::not_found, "nothing here"));
    const auto thrown = send_to_server(data_, "throw", {});
    ASSERT_TRUE(thrown);
    EXPECT_EQ(thrown->error(), Error(ErrorKind::permanent, "broken"));
    EXPECT_TRUE(*send_to_server(data_, "still alive", {}));
}

TEST_F(ControlSocket, BelongsToTheOwnerAlone) {
    const auto server = ControlServer::start(data_, echo);
    ASSERT_TRUE(server);
    struct stat status{};
    ASSERT_EQ(stat((data_ / "control.sock").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u);
}

TEST_F(ControlSocket, NobodyListensBeforeAndAfter) {
    EXPECT_FALSE(send_to_server(data_, "say", {}));
    {
        const auto server = ControlServer::start(data_, echo);
        ASSERT_TRUE(server);
        EXPECT_TRUE(send_to_server(data_, "say", {}));
        // What a crash leaves behind does not keep the next server from listening.
        const auto successor = ControlServer::start(data_, echo);
        ASSERT_TRUE(successor) << successor.error().message;
    }
    EXPECT_FALSE(send_to_server(data_, "say", {}));
}

TEST_F(ControlSocket, TheDataFolderHasOneHolder) {
    {
        const auto first = DataFolderLock::take(data_);
        ASSERT_TRUE(first) << first.error().message;
        const auto second = DataFolderLock::take(data_);
        ASSERT_FALSE(second);
        EXPECT_EQ(second.error().kind, ErrorKind::conflict);
        EXPECT_THAT(second.error().message, HasSubstr("process " + std::to_string(getpid())));
    }
    EXPECT_TRUE(DataFolderLock::take(data_));
    EXPECT_TRUE(DataFolderLock::take(root_ / "new" / "folder")) << "a missing folder is made";
}

}  // namespace
}  // namespace calyptenora::cli::test
