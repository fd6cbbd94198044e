#include "storage/stores/disclosures.hpp"

#include "storage/stores/subjects.hpp"
#include "support/databases.hpp"

#include <thread>

namespace calyptenora::storage {
namespace {

class Disclosures : public test::StoreTest {
  protected:
    Disclosure make_row(const SubjectId& subject, DisclosureKind kind = DisclosureKind::attempted,
                        const CallId& call = CallId::make()) {
        return {.id = DisclosureId::make(),
                .subject = subject,
                .kind = kind,
                .call_id = call,
                .instance = "analytics/xapi",
                .recipient = "Lernarchiv GmbH",
                .purpose = Purpose::analytics_reporting_content_performance,
                .operation = "analytics.record",
                .categories =
                    CategoryMask(Category::user_education_progress) | Category::user_unique_id_pseudonymous,
                .host = kind == DisclosureKind::outcome ? "lrs.example.org" : "",
                .commitment = "c",
                .outcome = kind == DisclosureKind::outcome ? "sent" : "",
                .at = now_};
    }
    void append(const std::vector<Disclosure>& rows) {
        write([&](Transaction& tx) -> Status {
            disclosures::append(tx, secrets(), rows);
            return {};
        });
    }
    std::vector<LedgerBreak> verify() {
        return read([&](Transaction& tx) {
            return Result<std::vector<LedgerBreak>>(disclosures::verify_all(tx, secrets()));
        });
    }
    /// As somebody with all rights on the database could.
    void tamper(const std::vector<std::string>& statements) {
        write([&](Transaction& tx) -> Status {
            const std::string suffix = GetParam() == Dialect::sqlite ? "" : " on disclosures";
            for (const auto* trigger : {"disclosures_no_update", "disclosures_no_delete"})
                tx.execute_script("drop trigger if exists " + std::string(trigger) + suffix);
            for (const auto& statement : statements)
                tx.execute_script(statement);
            return {};
        });
    }
};
CALYPTENORA_ON_BOTH_DATABASES(Disclosures);

TEST_P(Disclosures, AreReadAsTheyWereWritten) {
    const auto mia = make_learner("mia@example.org"), max = make_learner("max@example.org");
    const auto call = CallId::make();
    append({make_row(mia, DisclosureKind::attempted, call), make_row(max),
            make_row(mia, DisclosureKind::outcome, call)});
    read([&](Transaction& tx) -> Status {
        const auto rows = disclosures::list(tx, mia, 10);
        EXPECT_EQ(rows.size(), 2u);
        EXPECT_EQ(rows[0].kind, DisclosureKind::outcome);
        EXPECT_EQ(rows[0].host, "lrs.example.org");
        EXPECT_EQ(rows[1].categories,
                  CategoryMask(Category::user_education_progress) | Category::user_unique_id_pseudonymous);
        EXPECT_EQ(disclosures::list_call(tx, call).size(), 2u);
        const auto recipients = disclosures::list_recipients(tx, mia);
        EXPECT_EQ(recipients.size(), 1);
        EXPECT_EQ(recipients.at(0).instance + ", " + recipients.at(0).recipient,
                  "analytics/xapi, Lernarchiv GmbH");
        const auto unsettled = disclosures::list_unsettled(tx, now_ + std::chrono::hours(1), 10);
        EXPECT_EQ(unsettled.size(), 1u);
        EXPECT_EQ(unsettled[0].subject, max);
        return {};
    });
    EXPECT_TRUE(verify().empty());
}

TEST_P(Disclosures, AreListedForThePersonPageByPageAlsoThoseOfTheGuestBefore) {
    const auto mia = make_learner("mia@example.org"), max = make_learner("max@example.org");
    const auto guest = make_guest(), stranger = make_guest();
    std::vector<Disclosure> rows;
    for (int i = 0; i < 7; ++i) {
        auto row = make_row(i == 0 ? guest : i == 1 ? stranger : i == 2 ? max : mia);
        row.at = now_ + std::chrono::seconds(i);
        row.instance = i % 2 ? "support/mail" : "analytics/xapi";
        rows.push_back(row);
        row.id = DisclosureId::make();
        row.kind = DisclosureKind::outcome;
        rows.push_back(row);
    }
    append(rows);
    write([&](Transaction& tx) -> Status {
        subjects::merge_guest(tx, guest, mia);
        return {};
    });
    read([&](Transaction& tx) -> Status {
        const auto seconds_of = [&](const std::vector<Disclosure>& list) {
            std::vector<long long> seconds;
            for (const auto& row : list) {
                EXPECT_EQ(row.kind, DisclosureKind::attempted);
                seconds.push_back(std::chrono::duration_cast<std::chrono::seconds>(row.at - now_).count());
            }
            return seconds;
        };
        using Seconds = std::vector<long long>;
        EXPECT_EQ(seconds_of(disclosures::list_sent(tx, mia, "", 10, 0)), (Seconds{6, 5, 4, 3, 0}));
        EXPECT_EQ(seconds_of(disclosures::list_sent(tx, mia, "", 2, 2)), (Seconds{4, 3}));
        EXPECT_EQ(seconds_of(disclosures::list_sent(tx, mia, "analytics/xapi", 10, 0)), (Seconds{6, 4, 0}));
        EXPECT_EQ(seconds_of(disclosures::list_sent(tx, mia, "support/mail", 1, 1)), (Seconds{3}));
        EXPECT_EQ(seconds_of(disclosures::list_sent(tx, max, "", 10, 0)), (Seconds{2}));
        const auto recipients = disclosures::list_all_recipients(tx, mia);
        EXPECT_EQ(recipients.size(), 2);
        EXPECT_EQ(recipients.at(0).attempts, 3);
        EXPECT_EQ(recipients.at(1).attempts, 2);
        EXPECT_EQ(recipients.at(0).last_at, now_ + std::chrono::seconds(6));
        return {};
    });
}

TEST_P(Disclosures, AreAppendOnly) {
    append({make_row(make_guest())});
    for (const auto* sql : {"update disclosures set host = 'x'", "delete from disclosures"}) {
        const auto refused = database().transaction_blocking([&](Transaction& tx) -> Status {
            tx.execute(sql);
            return {};
        });
        ASSERT_FALSE(refused) << sql;
        EXPECT_NE(refused.error().message.find("append-only"), std::string::npos) << refused.error().message;
    }
    if (GetParam() == Dialect::postgresql)
        EXPECT_FALSE(database().transaction_blocking([](Transaction& tx) -> Status {
            tx.execute("truncate disclosures");
            return {};
        }));
}

TEST_P(Disclosures, KeepTheirChainsUnderConcurrentBatches) {
    std::vector<SubjectId> subjects;
    for (int i = 0; i < 4; ++i)
        subjects.push_back(make_guest());
    const auto other = Database::open(url_).value();
    std::vector<std::thread> threads;
    std::atomic<int> failures = 0;
    for (std::size_t thread = 0; thread < 4; ++thread)
        threads.emplace_back([&, thread] {
            for (std::size_t i = 0; i < 8; ++i) {
                std::vector<Disclosure> batch;
                for (std::size_t k = 0; k < subjects.size(); ++k)
                    batch.push_back(make_row(subjects[(k + thread + i) % subjects.size()]));
                failures +=
                    !(thread % 2 ? *other : database()).transaction_blocking([&](Transaction& tx) -> Status {
                        disclosures::append(tx, secrets(), batch);
                        return {};
                    });
            }
        });
    for (auto& thread : threads)
        thread.join();
    EXPECT_EQ(failures, 0);
    EXPECT_TRUE(verify().empty());
    for (const auto& subject : subjects)
        EXPECT_EQ(read([&](Transaction& tx) {
                      return Result<std::size_t>(disclosures::list(tx, subject, 100).size());
                  }),
                  32u);
}

TEST_P(Disclosures, AnyAlterationIsFound) {
    struct Case {
        std::string name;
        std::vector<std::string> statements;
        std::int64_t sequence;
        std::string what;
    };
    std::vector<Case> cases{
        {"a row in the middle removed", {"delete from disclosures where sequence = 3"}, 3, "missing"},
        {"the first row removed", {"delete from disclosures where sequence = 1"}, 1, "missing"},
        {"the end cut off", {"delete from disclosures where sequence >= 4"}, 4, "cut off"},
        {"everything removed", {"delete from disclosures"}, 1, "cut off"},
        {"the end cut off, head adjusted",
         {"delete from disclosures where sequence = 5",
          "update ledger_heads set count = 4, hash = (select hash from disclosures where sequence = 4)"},
         0,
         "head altered"},
        {"two rows exchanged",
         {"update disclosures set sequence = 99 where sequence = 2",
          "update disclosures set sequence = 2 where sequence = 3",
          "update disclosures set sequence = 3 where sequence = 99"},
         2,
         "altered"},
        {"rows removed with their head", {"delete from ledger_heads"}, 0, "head missing"},
        {"numbers closed up after a removal",
         {"delete from disclosures where sequence = 3",
          "update disclosures set sequence = 3 where sequence = 4",
          "update disclosures set sequence = 4 where sequence = 5"},
         3,
         "altered"},
    };
    for (const auto* column : {"id", "call_id", "instance", "recipient", "purpose", "operation", "categories",
                               "host", "commitment", "outcome", "hash"})
        cases.push_back({std::string("one more byte in ") + column,
                         {std::string("update disclosures set ") + column + " = " + column +
                          " || 'x' where sequence = 2"},
                         2,
                         "altered"});
    cases.push_back(
        {"another kind", {"update disclosures set kind = 'outcome' where sequence = 2"}, 2, "altered"});
    cases.push_back(
        {"another time", {"update disclosures set at = at + 1 where sequence = 2"}, 2, "altered"});

    // Each in a transaction that is undone, on one chain of five rows.
    const auto subject = make_guest();
    for (int i = 0; i < 5; ++i)
        append({make_row(subject)});
    ASSERT_TRUE(verify().empty());
    tamper({});
    ASSERT_TRUE(verify().empty()) << "a negative control: without alteration nothing is found";
    for (const auto& altered : cases) {
        std::vector<LedgerBreak> breaks;
        (void)database().transaction_blocking([&](Transaction& tx) -> Status {
            for (const auto& statement : altered.statements)
                tx.execute_script(statement);
            breaks = disclosures::verify_all(tx, secrets());
            return Error(ErrorKind::denied, "undone");
        });
        ASSERT_FALSE(breaks.empty()) << altered.name;
        EXPECT_EQ(breaks.front(), (LedgerBreak{Ledger::disclosures, subject, altered.sequence, altered.what}))
            << altered.name << ": " << breaks.front().what << " at " << breaks.front().sequence;
    }
    EXPECT_TRUE(verify().empty());
}

// Whoever rewrites rows and head with correct hashes still lacks the key of the seal.
TEST_P(Disclosures, ARewrittenChainIsFound) {
    const auto subject = make_guest();
    append({make_row(subject)});
    tamper({"delete from disclosures", "delete from ledger_heads"});
    write([&](Transaction& tx) -> Status {
        const auto forged =
            KeyStore::open(test::make_database_url(GetParam(), folder_, "forged"), MasterKey::make()).value();
        disclosures::append(tx, forged->service(), std::vector{make_row(subject)});
        return {};
    });
    EXPECT_EQ(verify(), (std::vector<LedgerBreak>{{Ledger::disclosures, subject, 0, "head altered"}}));
}

}  // namespace
}  // namespace calyptenora::storage
