#include "integration/export/person.hpp"
#include "platform/export/exporter.hpp"
#include "platform/export/schema.hpp"
#include "platform/export/shelf.hpp"
#include "platform/export/withheld.hpp"
#include "storage/inventory.hpp"
#include "storage/stores/erasure.hpp"
#include "support/databases.hpp"

#include <calyptenora/json.hpp>

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <fstream>
#include <set>

namespace calyptenora::platform {
namespace {

using storage::Transaction;

Status carry_on(const ExportProgress&) {
    return {};
}

std::string read_all(storage::EncryptedFileReader reader) {
    std::string all;
    for (;;) {
        const auto chunk = reader.read().value();
        if (!chunk)
            return all;
        all += *chunk;
    }
}

class Export : public test::StoreTest {
  protected:
    static const web::Translations& texts() {
        static const auto loaded = web::Translations::load(
            std::filesystem::path(CALYPTENORA_SOURCE_DIR) / "core/web/texts", web::AddressForm::sie);
        return loaded.value();
    }

    const Exporter& exporter() {
        if (!exporter_)
            exporter_.emplace(cipher(), texts(),
                              ExportIssuer{.platform = "Lernhaus <&> Söhne",
                                           .origin = "https://lms.example",
                                           .controller = "Lernhaus GmbH, Weg 1",
                                           .email = "datenschutz@lms.example",
                                           .authority = "LfDI",
                                           .time_zone = "Europe/Berlin",
                                           .receipts = {.name = "Lernhaus GmbH",
                                                        .address = "Weg 1\n12345 Ort",
                                                        .email = "datenschutz@lms.example",
                                                        .origin = "https://lms.example",
                                                        .country = "DE"}});
        return *exporter_;
    }
    ExportShelf shelf() {
        return ExportShelf::open(folder_.path() / "exports", database(), cipher(), exporter()).value();
    }
    std::filesystem::path file_of(const std::string& id) {
        return folder_.path() / "exports" / (id + ".export");
    }

    /// One recipient knows the person under two names, and was asked about the guest.
    ExportOrder order_for(const test::Person& person) {
        const auto me = person.id.text();
        const SubjectOutcome all = outcome::Done{R"({"statements":["<b>"]})"};
        const SubjectOutcome some = outcome::Partial{{"a letter"}};
        return {.learner = person.id,
                .made_at = now_,
                .answers = {{"analytics/xapi", me, "Lernarchiv <GmbH>", all, ""},
                            {"auth/password", me, "Anmeldung", {}, "antwortet <nicht>"},
                            {"support/mail", person.guest.text(), "Postamt & Co.", some, ""}}};
    }

    /// What the check has to find of recipients.
    std::string expected(const test::Person& person, int disclosures) {
        const auto known = [&](const std::string& instance, const storage::SubjectId& id, std::string status,
                               std::string name, std::string reason, std::string outcome, int sent) {
            return fmt::format(
                R"("{} {}":{{"status":"{}","name":"{}","reason":"{}","outcome":{},"sent":{},"pseudonym":"{}"}})",
                instance, id.text(), status, name, reason, outcome, sent,
                cipher().pseudonym(id, instance).value());
        };
        return known("analytics/xapi", person.id, "answered", "Lernarchiv <GmbH>", "",
                     R"({"done":{"evidence":"{\"statements\":[\"<b>\"]}"}})", disclosures / 2) +
               "," +
               known("auth/password", person.id, "unanswered", "Anmeldung", "antwortet <nicht>", "null", 0) +
               "," +
               known("support/mail", person.id, "not_asked", "Postamt & Co.", "", "null",
                     disclosures - disclosures / 2 - 1) +
               "," +
               known("support/mail", person.guest, "answered", "Postamt & Co.", "",
                     R"({"partial":{"residuals":["a letter"]}})", 1);
    }

    /// Makes the archive and lets another program compare it with the database.
    int check(const test::Person& person, const test::PersonOptions& options, const std::string& more = "") {
        const auto id = storage::make_uuid_v7();
        const auto summary = shelf().make(id, order_for(person), carry_on);
        if (!summary) {
            ADD_FAILURE() << summary.error().message;
            return -1;
        }
        const auto archive = folder_.path() / "plain.zip", dump = folder_.path() / "dump.json";
        std::ofstream(archive, std::ios::binary) << read_all(shelf().read(id, person.id).value());
        auto document = test::dump_person(database(), person);
        document.insert(
            1, fmt::format(R"("expected":{{"language":"{}","secret":"{}","recipients":{{{}}}}},)",
                           options.language, test::credential, expected(person, options.disclosures)));
        std::ofstream(dump) << document;
        return std::system(
            fmt::format("/usr/bin/python3 {}/tests/integration/export/check_export.py {} {} {} >&2",
                        CALYPTENORA_SOURCE_DIR, archive.string(), dump.string(), more)
                .c_str());
    }

  private:
    std::optional<Exporter> exporter_;
};
CALYPTENORA_ON_BOTH_DATABASES(Export);

TEST_P(Export, OfTenThousandEventsLosesNothing) {
    const test::PersonOptions options{.events = 10'000, .disclosures = 5'000};
    const auto person = test::make_person(database(), cipher(), now_, options);
    test::make_person(database(), cipher(), now_, {.email = "somebody.else@example.org"});
    EXPECT_EQ(check(person, options), 0);
}

TEST_P(Export, IsCheckedByAProgramThatFindsEveryFault) {
    const test::PersonOptions options{.language = "en"};
    const auto person = test::make_person(database(), cipher(), now_, options);
    EXPECT_EQ(check(person, options), 0);
    EXPECT_EQ(check(person, options, "--spoil"), 0);
}

TEST_P(Export, LiesOnTheDiskEncryptedAndGoesWithThePersonsKey) {
    const auto person = test::make_person(database(), cipher(), now_);
    const auto other = test::make_person(database(), cipher(), now_, {.email = "somebody.else@example.org"});
    const auto id = storage::make_uuid_v7(), another = storage::make_uuid_v7();
    ASSERT_TRUE(shelf().make(id, order_for(person), carry_on));
    const auto plain = read_all(shelf().read(id, person.id).value());
    std::ifstream in(file_of(id), std::ios::binary);
    const std::string stored{std::istreambuf_iterator<char>(in), {}};
    // Names of entries are in clear in every ZIP file.
    EXPECT_NE(plain.find("csv/case_messages.csv"), std::string::npos);
    EXPECT_EQ(stored.find("csv/case_messages.csv"), std::string::npos);
    EXPECT_EQ(std::filesystem::status(file_of(id)).permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);

    EXPECT_EQ(shelf().read(id, other.id).error().kind, ErrorKind::denied);
    std::filesystem::copy_file(file_of(id), file_of(another));
    EXPECT_EQ(shelf().read(another, person.id).error().kind, ErrorKind::denied);
    ASSERT_TRUE(keys().destroy(person.id));
    EXPECT_EQ(shelf().read(id, person.id).error().kind, ErrorKind::not_found);

    EXPECT_TRUE(shelf().remove(id));
    EXPECT_FALSE(shelf().remove(id));
    EXPECT_EQ(shelf().read(id, other.id).error().kind, ErrorKind::not_found);
}

TEST_P(Export, SaysHowFarItIsAndEndsWhenItIsNotWanted) {
    const auto person = test::make_person(database(), cipher(), now_, {.events = 2'000});
    const auto id = storage::make_uuid_v7();
    long long last = 0, total = 0;
    std::set<std::string> files;
    const auto made = shelf().make(id, order_for(person), [&](const ExportProgress& progress) -> Status {
        EXPECT_GE(progress.done, last);
        last = progress.done;
        total = progress.total;
        files.insert(progress.file);
        return {};
    });
    ASSERT_TRUE(made);
    EXPECT_EQ(made->records.at("events"), 2'000);
    EXPECT_EQ(last, total);
    EXPECT_GT(total, 6'000);
    EXPECT_TRUE(files.contains("index.html") && files.contains("csv/events.csv"));
    EXPECT_EQ(made->unanswered, (std::vector<std::string>{"auth/password", "support/mail"}));

    const auto unwanted = storage::make_uuid_v7();
    const auto ended =
        shelf().make(unwanted, order_for(person), [](const ExportProgress& progress) -> Status {
            if (progress.done < 500)
                return {};
            return Error(ErrorKind::conflict, "not wanted any more");
        });
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().message, "not wanted any more");
    const std::filesystem::directory_iterator left(folder_.path() / "exports");
    EXPECT_EQ(std::distance(begin(left), end(left)), 1) << "only the first one";
}

TEST_P(Export, NamesWhatCannotBeReadAndHandsOutTheRest) {
    const auto person = test::make_person(database(), cipher(), now_);
    write([&](Transaction& tx) -> Status {
        tx.execute("update cases set subject_line_enc = (select body_enc from case_messages limit 1)");
        return {};
    });
    const auto id = storage::make_uuid_v7();
    const auto made = shelf().make(id, order_for(person), carry_on);
    ASSERT_TRUE(made);
    ASSERT_EQ(made->unreadable.size(), 1u);
    EXPECT_TRUE(made->unreadable.front().starts_with("cases.subject_line of "));
    EXPECT_EQ(made->records.at("case_messages"), 3);
}

TEST_P(Export, IsNotMadeOfSomebodyErased) {
    const auto person = test::make_person(database(), cipher(), now_);
    write([&](Transaction& tx) -> Status {
        storage::erasure::erase_records(tx, person.id, now_);
        return {};
    });
    EXPECT_EQ(shelf().make(storage::make_uuid_v7(), order_for(person), carry_on).error().kind,
              ErrorKind::not_found);
    auto nobody = order_for(person);
    nobody.learner = storage::LearnerId::make();
    EXPECT_EQ(shelf().make(storage::make_uuid_v7(), nobody, carry_on).error().kind, ErrorKind::not_found);
}

class FullDisk final : public ByteSink {
  public:
    explicit FullDisk(std::size_t space) : space_(space) {}
    Status write(std::string_view bytes) override {
        EXPECT_FALSE(is_full_) << "written after a failure";
        is_full_ = bytes.size() > space_;
        if (is_full_)
            return Error(ErrorKind::temporary, "no space left");
        space_ -= bytes.size();
        return {};
    }

  private:
    std::size_t space_;
    bool is_full_ = false;
};

TEST_P(Export, FailsWhereverTheDiskIsFull) {
    const auto person = test::make_person(database(), cipher(), now_, {.events = 1'000});
    for (const std::size_t space : {0, 10, 1'000, 20'000, 60'000}) {
        FullDisk disk(space);
        const auto made = database().run_blocking(
            [&](Transaction& tx) { return exporter().write(tx, order_for(person), disk, carry_on); });
        ASSERT_FALSE(made) << space;
        EXPECT_EQ(made.error().message, "no space left");
    }
}

/// Columns with which the export does something else than the inventory says.
std::vector<std::string> find_gaps(const std::vector<storage::InventoryEntry>& inventory) {
    std::map<std::string, int> handed_out, withheld;
    for (const auto& set : storage::record_sets())
        for (const auto& field : set.fields)
            ++handed_out[fmt::format("data {}.{}", set.table, field.column)];
    for (const auto& column : withheld_columns())
        if (column.rows.empty())
            ++withheld[fmt::format("{} {}.{}", column.database, column.table, column.column)];
    std::vector<std::string> gaps;
    std::set<std::string> existing;
    for (const auto& entry : inventory) {
        const auto name = fmt::format("{} {}.{}", entry.database, entry.table, entry.column);
        existing.insert(name);
        const bool is_due = entry.export_ == "portable" || entry.export_ == "access";
        if (is_due && !handed_out.contains(name))
            gaps.push_back("is not handed out: " + name);
        if ((entry.export_ == "withheld") != withheld.contains(name))
            gaps.push_back("is withheld, or not, for no reason: " + name);
        if (withheld.contains(name) && handed_out.contains(name))
            gaps.push_back("is both: " + name);
    }
    for (const auto* list : {&handed_out, &withheld})
        for (const auto& [name, count] : *list)
            if (!existing.contains(name) || count != 1)
                gaps.push_back("no such column, or twice: " + name);
    return gaps;
}

TEST(ExportedColumns, AreThoseOfTheInventory) {
    EXPECT_EQ(find_gaps(storage::inventory()), std::vector<std::string>());
}

TEST(ExportedColumns, AreMissedByTheCheckAbove) {
    auto inventory = storage::inventory();
    const auto expect_gap = [&](const std::string& gap) {
        EXPECT_EQ(find_gaps(inventory), std::vector<std::string>{gap});
        inventory = storage::inventory();
    };
    const auto find = [&](std::string_view table, std::string_view column) {
        return std::ranges::find_if(
            inventory, [&](const auto& entry) { return entry.table == table && entry.column == column; });
    };
    inventory.push_back(*find("learners", "language"));
    inventory.back().column = "shoe_size";
    expect_gap("is not handed out: data learners.shoe_size");
    inventory.push_back(*find("sessions", "token_hash"));
    inventory.back().column = "cookie_hash";
    expect_gap("is withheld, or not, for no reason: data sessions.cookie_hash");
    find("sessions", "token_hash")->export_ = "none";
    expect_gap("is withheld, or not, for no reason: data sessions.token_hash");
    inventory.erase(find("sessions", "user_agent"));
    expect_gap("no such column, or twice: data sessions.user_agent");
}

}  // namespace
}  // namespace calyptenora::platform
