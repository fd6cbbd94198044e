// The test server itself: durable, unprivileged, and gone when its program is gone, however it ends.
#include "support/postgres.hpp"

#include "storage/database.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>

namespace calyptenora::test {
namespace {

TEST(Postgres, IsDurableAndUnprivileged) {
    auto& server = Postgres::instance();
    const auto url = server.create_database();
    for (const auto& address : {url, server.tcp_url(url)}) {
        const auto database = storage::Database::open(address);
        ASSERT_TRUE(database) << address << ": " << database.error().message;
        const auto settings = (*database)->run_blocking([](storage::Transaction& tx) -> Result<std::string> {
            return std::get<0>(
                *tx.find<std::string>("select current_setting('fsync') || ' ' || "
                                      "current_setting('synchronous_commit') || ' ' || "
                                      "current_setting('server_version_num')"));
        });
        ASSERT_TRUE(settings);
        EXPECT_EQ(settings->substr(0, 8), "on on 15");
    }
    struct stat process{};
    ASSERT_EQ(::stat(("/proc/" + std::to_string(server.server_pid())).c_str(), &process), 0);
    EXPECT_NE(process.st_uid, 0u);
}

// The child is this program again, so that it has a server of its own, and dies without any clean-up.
TEST(Postgres, EndsWhenItsProgramIsKilled) {
    std::array<int, 2> report{};
    ASSERT_EQ(::pipe(report.data()), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        ::setenv("CALYPTENORA_POSTGRES_REPORT", std::to_string(report[1]).c_str(), 1);
        ::execl("/proc/self/exe", "child", "--gtest_filter=PostgresChild.*",
                "--gtest_also_run_disabled_tests", nullptr);
        ::_exit(1);
    }
    ::close(report[1]);
    struct {
        pid_t server;
        char folder[64];
    } told{};
    ASSERT_EQ(::read(report[0], &told, sizeof(told)), static_cast<ssize_t>(sizeof(told)));
    ::close(report[0]);
    ASSERT_EQ(::kill(told.server, 0), 0) << "the server is not there to begin with";
    ASSERT_TRUE(std::filesystem::exists(told.folder));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    for (int i = 0; i < 200 && (::kill(told.server, 0) == 0 || std::filesystem::exists(told.folder)); ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    EXPECT_NE(::kill(told.server, 0), 0) << "the server outlived its program";
    EXPECT_FALSE(std::filesystem::exists(told.folder));
}

TEST(PostgresChild, DISABLED_StartsAServerAndWaitsForItsEnd) {
    const char* report = ::getenv("CALYPTENORA_POSTGRES_REPORT");
    ASSERT_NE(report, nullptr) << "only as the child of EndsWhenItsProgramIsKilled";
    struct {
        pid_t server;
        char folder[64];
    } told{};
    told.server = Postgres::instance().server_pid();
    Postgres::instance().folder().string().copy(told.folder, sizeof(told.folder) - 1);
    ASSERT_EQ(::write(std::stoi(report), &told, sizeof(told)), static_cast<ssize_t>(sizeof(told)));
    ::sleep(60);
}

}  // namespace
}  // namespace calyptenora::test
