#include "storage/database.hpp"

#include "support/databases.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <thread>

namespace calyptenora::storage {
namespace {

namespace asio = boost::asio;

/// For coroutines that the io_context of the same test runs to their end.
constexpr auto rethrow = [](const std::exception_ptr& error) {
    if (error)
        std::rethrow_exception(error);
};

/// A coroutine that awaits one transaction and tells its outcome.
asio::awaitable<void> transact(Database& database, std::function<Status(Transaction&)> function,
                               std::function<void(const Status&)> tell) {
    tell(co_await database.transaction(std::move(function)));
}

/// A coroutine whose frame is read by the function that it awaits.
asio::awaitable<void> insert_local(Database& database, std::promise<void>& begun,
                                   std::promise<void>& release) {
    const std::string local(1000, 'x');
    (void)co_await database.transaction([&](Transaction& tx) {
        begun.set_value();
        release.get_future().wait();
        // A sanitizer finds it if the frame is gone.
        tx.execute("insert into notes (id, body) values (1, :body)", local);
        return Status();
    });
    ADD_FAILURE() << "nobody runs the io_context any more";
}

class DatabasePool : public ::testing::TestWithParam<Dialect> {
  protected:
    DatabasePool() {
        database_
            ->transaction_blocking([](Transaction& tx) -> Status {
                tx.execute(
                    "create table notes (id bigint primary key, body text, parent bigint references notes "
                    "(id))");
                return {};
            })
            .value();
    }

    template <class F>
    auto write(F function, Isolation isolation = Isolation::read_committed) {
        return database_->transaction_blocking(std::move(function), isolation);
    }
    long long count() {
        return database_
            ->run_blocking([](Transaction& tx) -> Result<long long> {
                return std::get<0>(*tx.find<long long>("select count(*) from notes"));
            })
            .value();
    }
    static Status insert(Transaction& tx, long long id) {
        tx.execute("insert into notes (id, body) values (:id, 'x')", id);
        return {};
    }

    test::TemporaryFolder folder_;
    std::string url_ = test::make_database_url(GetParam(), folder_, "data");
    std::unique_ptr<Database> database_ = Database::open(url_).value();
};
CALYPTENORA_ON_BOTH_DATABASES(DatabasePool);

TEST_P(DatabasePool, CommitsSuccess) {
    ASSERT_TRUE(write([](Transaction& tx) { return insert(tx, 1); }));
    EXPECT_EQ(count(), 1);
}

TEST_P(DatabasePool, RollsBackOnError) {
    const auto failed = write([](Transaction& tx) -> Status {
        (void)insert(tx, 1);
        return Error(ErrorKind::denied, "no");
    });
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error(), Error(ErrorKind::denied, "no"));
    EXPECT_EQ(count(), 0);
}

TEST_P(DatabasePool, RollsBackOnExceptionAndPassesItOn) {
    EXPECT_THROW((void)write([](Transaction& tx) -> Status {
                     (void)insert(tx, 1);
                     throw std::logic_error("broken");
                 }),
                 std::logic_error);
    EXPECT_EQ(count(), 0);
    ASSERT_TRUE(write([](Transaction& tx) { return insert(tx, 2); })) << "the session is usable again";
}

TEST_P(DatabasePool, TurnsFailuresIntoErrorsWithoutValues) {
    ASSERT_TRUE(write([](Transaction& tx) { return insert(tx, 1); }));
    const auto twice = write([](Transaction& tx) { return insert(tx, 1); });
    ASSERT_FALSE(twice);
    EXPECT_EQ(twice.error().kind, ErrorKind::conflict);

    const auto orphan = write([](Transaction& tx) -> Status {
        tx.execute("insert into notes (id, body, parent) values (:id, :body, :parent)", 7, "canary-value",
                   4711);
        return {};
    });
    ASSERT_FALSE(orphan) << "foreign keys are not enforced";
    EXPECT_EQ(orphan.error().kind, ErrorKind::permanent);
    EXPECT_EQ(orphan.error().message.find("canary"), std::string::npos) << orphan.error().message;
    EXPECT_EQ(orphan.error().message.find("4711"), std::string::npos) << orphan.error().message;

    const auto nonsense = write([](Transaction& tx) -> Status {
        tx.execute("insert into nowhere values (:v)", "canary-value");
        return {};
    });
    ASSERT_FALSE(nonsense);
    EXPECT_EQ(nonsense.error().kind, ErrorKind::permanent);
    EXPECT_EQ(nonsense.error().message.find("canary"), std::string::npos) << nonsense.error().message;
}

TEST_P(DatabasePool, RefusesTextThatDatabasesTreatDifferently) {
    for (const auto& text : {std::string("a\0b", 3), std::string("\xff")}) {
        const auto refused = write([&](Transaction& tx) -> Status {
            tx.execute("insert into notes (id, body) values (1, :body)", text);
            return {};
        });
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().kind, ErrorKind::invalid_input);
    }
    EXPECT_EQ(count(), 0);
}

TEST_P(DatabasePool, RefusesToWriteWhileReading) {
    const auto refused = database_->run_blocking([](Transaction& tx) { return insert(tx, 1); });
    ASSERT_FALSE(refused);
    EXPECT_EQ(count(), 0);
    EXPECT_TRUE(write([](Transaction& tx) { return insert(tx, 1); }));
}

TEST_P(DatabasePool, ReadsOneSnapshot) {
    std::promise<void> has_read, has_written;
    auto reader = std::async(std::launch::async, [&] {
        return database_->run_blocking([&](Transaction& tx) -> Result<bool> {
            const auto before = tx.find<long long>("select count(*) from notes");
            has_read.set_value();
            has_written.get_future().wait();
            return before == tx.find<long long>("select count(*) from notes");
        });
    });
    has_read.get_future().wait();
    EXPECT_TRUE(write([](Transaction& tx) { return insert(tx, 1); }));
    has_written.set_value();
    EXPECT_TRUE(reader.get().value());
    EXPECT_EQ(count(), 1) << "the session went on reading an old snapshot";
}

TEST_P(DatabasePool, KeepsNullsAndLargeNumbersAndRepeatedStatements) {
    constexpr auto large = std::numeric_limits<std::int64_t>::max() - 1;
    ASSERT_TRUE(write([&](Transaction& tx) -> Status {
        for (const auto& body :
             {std::optional<std::string>("ä"), std::optional<std::string>(), std::optional<std::string>("")})
            tx.execute(
                "insert into notes (id, body) values ((select coalesce(max(id), 0) + 1 from notes), :body)",
                body);
        tx.execute("insert into notes (id, body) values (:id, 'large')", large);
        return {};
    }));
    const auto rows =
        database_
            ->run_blocking([](Transaction& tx) {
                return Result<std::vector<std::tuple<std::int64_t, std::optional<std::string>>>>(
                    tx.rows<std::int64_t, std::optional<std::string>>(
                        "select id, body from notes order by id"));
            })
            .value();
    ASSERT_EQ(rows.size(), 4u);
    EXPECT_EQ(std::get<1>(rows[0]), "ä");
    EXPECT_EQ(std::get<1>(rows[1]), std::nullopt);
    EXPECT_EQ(std::get<1>(rows[2]), "");
    EXPECT_EQ(std::get<0>(rows[3]), large);
    EXPECT_THROW((void)database_->run_blocking([](Transaction& tx) -> Status {
        (void)tx.find<int>("select max(id) from notes");
        return {};
    }),
                 std::out_of_range)
        << "a number was cut without a word";
}

TEST_P(DatabasePool, SaysWhenParametersAreMissing) {
    EXPECT_THROW((void)write([](Transaction& tx) -> Status {
                     tx.execute("insert into notes (id, body) values (:id, :body)", 1);
                     return {};
                 }),
                 std::logic_error);
}

TEST_P(DatabasePool, LosesNoIncrementOfManyThreads) {
    ASSERT_TRUE(write([](Transaction& tx) -> Status {
        tx.execute("insert into notes (id, body) values (1, '0')");
        return {};
    }));
    const auto increment = [](Transaction& tx) -> Status {
        const auto select = std::string("select body from notes where id = 1").append(lock_rows(GetParam()));
        const auto value = std::stoi(std::get<0>(*tx.find<std::string>(select)));
        tx.execute("update notes set body = :body where id = 1", std::to_string(value + 1));
        return {};
    };
    const auto serializable_increment = [](Transaction& tx) -> Status {
        const auto value =
            std::stoi(std::get<0>(*tx.find<std::string>("select body from notes where id = 1")));
        tx.execute("update notes set body = :body where id = 1", std::to_string(value + 1));
        return {};
    };
    // A second pool stands for another process.
    const auto other = Database::open(url_).value();
    std::vector<std::thread> threads;
    std::atomic<int> failures = 0;
    for (int thread = 0; thread < 4; ++thread)
        threads.emplace_back([&, thread] {
            auto& database = thread % 2 ? *other : *database_;
            for (int i = 0; i < 25; ++i) {
                failures += !database.transaction_blocking(increment);
                failures += !database.transaction_blocking(serializable_increment, Isolation::serializable);
            }
        });
    for (auto& thread : threads)
        thread.join();
    EXPECT_EQ(failures, 0);
    EXPECT_EQ(database_
                  ->run_blocking([](Transaction& tx) {
                      return Result<std::string>(
                          std::get<0>(*tx.find<std::string>("select body from notes where id = 1")));
                  })
                  .value(),
              "200");
}

TEST_P(DatabasePool, IsAwaitedWithoutBlocking) {
    asio::io_context context;
    std::vector<std::string> order;
    std::promise<void> release;
    auto released = release.get_future().share();
    asio::co_spawn(context,
                   transact(
                       *database_,
                       [&](Transaction& tx) {
                           released.wait();
                           return insert(tx, 1);
                       },
                       [&](const Status& done) {
                           EXPECT_TRUE(done);
                           order.emplace_back("database");
                       }),
                   rethrow);
    asio::post(context, [&] {
        order.emplace_back("other work");
        release.set_value();
    });
    context.run();
    EXPECT_EQ(order, (std::vector<std::string>{"other work", "database"}));
    EXPECT_EQ(count(), 1);
}

TEST_P(DatabasePool, PassesExceptionsToTheAwaiter) {
    asio::io_context context;
    std::exception_ptr passed;
    asio::co_spawn(context,
                   transact(
                       *database_, [](Transaction&) -> Status { throw std::logic_error("broken"); },
                       [](const Status&) { ADD_FAILURE() << "an exception is no outcome"; }),
                   [&](const std::exception_ptr& error) { passed = error; });
    context.run();
    ASSERT_TRUE(passed);
    EXPECT_THROW(std::rethrow_exception(passed), std::logic_error);
}

TEST_P(DatabasePool, DropsWhatIsCancelledBeforeItBegan) {
    const auto single = Database::open(url_, {.sessions = 1, .on_fatal = {}}).value();
    asio::io_context context;
    asio::cancellation_signal cancel;
    std::promise<void> begun, release;
    std::thread busy([&] {
        EXPECT_TRUE(single->run_blocking([&](Transaction&) -> Status {
            begun.set_value();
            release.get_future().wait();
            return {};
        }));
    });
    begun.get_future().wait();
    std::optional<Status> outcome;
    asio::co_spawn(context,
                   transact(
                       *single, [](Transaction& tx) { return insert(tx, 1); },
                       [&](const Status& done) { outcome = done; }),
                   asio::bind_cancellation_slot(cancel.slot(), rethrow));
    context.poll();
    cancel.emit(asio::cancellation_type::terminal);
    // The coroutine hears of it on its own executor.
    context.restart();
    context.poll();
    release.set_value();
    busy.join();
    context.restart();
    context.run();
    ASSERT_TRUE(outcome);
    ASSERT_FALSE(*outcome);
    EXPECT_EQ(outcome->error().kind, ErrorKind::temporary);
    EXPECT_EQ(count(), 0);
}

TEST_P(DatabasePool, OutlivesACoroutineThatIsDropped) {
    std::promise<void> begun, release;
    {
        asio::io_context context;
        const auto single = Database::open(url_, {.sessions = 1, .on_fatal = {}}).value();
        asio::co_spawn(context, insert_local(*single, begun, release), rethrow);
        context.poll();
        begun.get_future().wait();
        context.stop();
        release.set_value();
        // The pool ends first and posts to the stopped context, which then destroys the coroutine.
    }
    EXPECT_EQ(count(), 1) << "what had begun was carried out";
}

TEST_P(DatabasePool, RefusesAfterStop) {
    database_->stop();
    database_->stop();
    const auto refused = write([](Transaction& tx) { return insert(tx, 1); });
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::temporary);
}

TEST(DatabaseUrl, RefusesWhatItDoesNotKnowWithoutRepeatingIt) {
    for (const auto* url :
         {"", "mysql://root:hunter2@db/x", "sqlite:", "sqlite::memory:", "sqlite:a?b", "data.sqlite"}) {
        const auto database = Database::open(url);
        ASSERT_FALSE(database) << url;
        EXPECT_EQ(database.error().kind, ErrorKind::invalid_config);
        EXPECT_EQ(database.error().message.find("hunter2"), std::string::npos);
    }
    const auto nowhere = Database::open("postgresql://u:hunter2@127.0.0.1:1/x");
    ASSERT_FALSE(nowhere);
    EXPECT_EQ(nowhere.error().message.find("hunter2"), std::string::npos) << nowhere.error().message;
    EXPECT_FALSE(Database::open("sqlite:/nowhere/at/all/data.sqlite"));
}

TEST(DatabaseFile, IsForTheOwnerAloneAndDurable) {
    const test::TemporaryFolder folder;
    const auto database = Database::open("sqlite:" + (folder.path() / "with space.sqlite").string());
    ASSERT_TRUE(database) << database.error().message;
    const auto settings = (*database)->transaction_blocking([](Transaction& tx) -> Result<std::string> {
        return std::get<0>(*tx.find<std::string>("select journal_mode from pragma_journal_mode")) + " " +
               std::to_string(std::get<0>(*tx.find<int>("select synchronous from pragma_synchronous"))) +
               " " +
               std::to_string(std::get<0>(*tx.find<int>("select foreign_keys from pragma_foreign_keys")));
    });
    EXPECT_EQ(settings.value(), "wal 2 1");
    for (const auto& file : std::filesystem::directory_iterator(folder.path()))
        EXPECT_EQ(file.status().permissions() & std::filesystem::perms::all,
                  std::filesystem::perms::owner_read | std::filesystem::perms::owner_write)
            << file.path();
}

TEST(DatabaseFile, ReportsCorruptionAsFatal) {
    const test::TemporaryFolder folder;
    const auto file = folder.path() / "data.sqlite";
    {
        const auto database = Database::open("sqlite:" + file.string()).value();
        ASSERT_TRUE(migrate(*database, data_migrations()));
    }
    {
        std::fstream broken(file, std::ios::in | std::ios::out | std::ios::binary);
        // Behind the first page, without which it would not even open.
        broken.seekp(4096);
        const std::string rubbish(60'000, '\x5a');
        broken.write(rubbish.data(), static_cast<std::streamsize>(rubbish.size()));
    }
    std::atomic<int> reports = 0;
    const auto database =
        Database::open("sqlite:" + file.string(), {.on_fatal = [&](const std::string&) { ++reports; }})
            .value();
    EXPECT_FALSE(database->run_blocking([](Transaction& tx) -> Status {
        (void)tx.rows<std::string>("select id from learners");
        return {};
    }));
    EXPECT_GE(reports, 1);
}

// After the server's own restart the pool works again, and says so meanwhile.
TEST(DatabaseReconnect, ComesBackAfterItsSessionsWereEnded) {
    const test::TemporaryFolder folder;
    const auto url = test::make_database_url(Dialect::postgresql, folder, "data");
    const auto database = Database::open(url).value();
    const auto other = Database::open(url).value();
    const auto ask = [](Transaction& tx) { return Result<int>(std::get<0>(*tx.find<int>("select 42"))); };
    EXPECT_EQ(database->run_blocking(ask).value(), 42);
    for (int round = 0; round < 3; ++round) {
        EXPECT_TRUE(other->transaction_blocking([](Transaction& tx) -> Status {
            tx.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() "
                "and datname = current_database()");
            return {};
        }));
        EXPECT_EQ(database->run_blocking(ask).value(), 42);
        EXPECT_EQ(database->transaction_blocking(ask).value(), 42);
    }
}

TEST(DatabaseReconnect, DoesNotRepeatACommitWhoseOutcomeIsUnknown) {
    const test::TemporaryFolder folder;
    const auto url = test::make_database_url(Dialect::postgresql, folder, "data");
    const auto database = Database::open(url).value();
    const auto other = Database::open(url).value();
    int runs = 0;
    const auto outcome = database->transaction_blocking([&](Transaction& tx) -> Status {
        ++runs;
        const auto pid = std::get<0>(*tx.find<long long>("select pg_backend_pid()"));
        tx.execute("create table t (id bigint)");
        return other->transaction_blocking([&](Transaction& killer) -> Status {
            killer.execute("select pg_terminate_backend(cast(:pid as int), 5000)", pid);
            return {};
        });
    });
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, ErrorKind::temporary);
    EXPECT_NE(outcome.error().message.find("unknown"), std::string::npos) << outcome.error().message;
    EXPECT_EQ(runs, 1);
}

TEST(DatabaseReconnect, ReadsAgainWhenItsSessionEndsBeneathIt) {
    const test::TemporaryFolder folder;
    const auto url = test::make_database_url(Dialect::postgresql, folder, "data");
    const auto database = Database::open(url, {.sessions = 1, .on_fatal = {}}).value();
    const auto other = Database::open(url).value();
    for (const bool ends_before_the_last_statement : {true, false}) {
        int runs = 0;
        const auto read = database->run_blocking([&](Transaction& tx) -> Result<int> {
            const auto pid = std::get<0>(*tx.find<long long>("select pg_backend_pid()"));
            if (++runs == 1) {
                const auto ended = other->transaction_blocking([&](Transaction& killer) -> Status {
                    killer.execute("select pg_terminate_backend(cast(:pid as int), 5000)", pid);
                    return {};
                });
                EXPECT_TRUE(ended);
                if (!ends_before_the_last_statement)
                    return 42;
            }
            return std::get<0>(*tx.find<int>("select 42"));
        });
        EXPECT_EQ(read.value(), 42);
        const auto next = database->run_blocking(
            [](Transaction& tx) { return Result<int>(std::get<0>(*tx.find<int>("select 7"))); });
        EXPECT_EQ(next.value(), 7);
    }
}

/// Whether this process has a lock on the part of a SQLite file that everybody locks who has it open. Asked
/// by another process, since one's own locks are no obstacle, and closing the file here would drop them.
bool is_locked_by_this_process(const std::filesystem::path& file) {
    constexpr off_t shared_first = 0x40000000 + 2, shared_size = 510;
    const auto asking = fork();
    if (asking == 0) {
        const int opened = ::open(file.c_str(), O_RDWR | O_CLOEXEC);
        struct flock lock{.l_type = F_WRLCK,
                          .l_whence = SEEK_SET,
                          .l_start = shared_first,
                          .l_len = shared_size,
                          .l_pid = 0};
        _exit(opened >= 0 && fcntl(opened, F_GETLK, &lock) == 0 && lock.l_pid == getppid() ? 0 : 1);
    }
    int status = -1;
    waitpid(asking, &status, 0);
    return status == 0;
}

// Without it whoever else opens and closes the file takes himself for the last one and removes the log, into
// which this process goes on writing: all of that would be lost with the process.
TEST(DatabaseLocks, StayWhenFurtherSessionsAreOpened) {
    const test::TemporaryFolder folder;
    const auto url = test::make_database_url(Dialect::sqlite, folder, "data");
    const auto database = Database::open(url, {.sessions = 1, .on_fatal = {}}).value();
    const auto create = [](Transaction& tx) -> Status {
        tx.execute("create table t (id bigint)");
        return {};
    };
    ASSERT_TRUE(database->transaction_blocking(create));
    const auto file = url.substr(url.find(':') + 1);
    ASSERT_TRUE(is_locked_by_this_process(file));
    const auto further = Database::open(url, {.sessions = 2, .on_fatal = {}}).value();
    EXPECT_TRUE(is_locked_by_this_process(file));
}

}  // namespace
}  // namespace calyptenora::storage
