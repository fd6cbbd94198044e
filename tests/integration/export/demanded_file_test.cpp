#include "platform/export/demanded_file.hpp"

#include "integration/export/person.hpp"
#include "storage/inventory.hpp"
#include "storage/stores/cases.hpp"
#include "storage/stores/erasure.hpp"
#include "storage/stores/learning.hpp"
#include "storage/stores/orders.hpp"
#include "support/databases.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <gmock/gmock.h>

#include <set>

namespace calyptenora::platform {
namespace {

using storage::DemandScope;
using storage::Transaction;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using namespace std::chrono_literals;
using enum Category;

class Memory final : public ByteSink {
  public:
    Status write(std::string_view bytes) override {
        all.append(bytes);
        return {};
    }
    std::string all;
};

/// The files of a ZIP archive by their names.
std::map<std::string, std::string> unpack(const std::string& zip) {
    std::map<std::string, std::string> files;
    auto* reader = archive_read_new();
    archive_read_support_format_zip(reader);
    EXPECT_EQ(archive_read_open_memory(reader, zip.data(), zip.size()), ARCHIVE_OK);
    for (archive_entry* entry = nullptr; archive_read_next_header(reader, &entry) == ARCHIVE_OK;) {
        auto& text = files[archive_entry_pathname(entry)];
        char buffer[4096];
        for (la_ssize_t size = 0; (size = archive_read_data(reader, buffer, sizeof buffer)) > 0;)
            text.append(buffer, static_cast<std::size_t>(size));
    }
    archive_read_free(reader);
    return files;
}

class DemandedFile : public test::StoreTest {
  protected:
    struct Made {
        DemandedContents contents;
        std::map<std::string, std::string> files;
        std::string all;  ///< Names and contents.
    };
    Made make(const storage::LearnerId& whom, DemandScope granted) {
        const storage::LegalDemand demand{.learner = whom,
                                          .authority = "Amt",
                                          .address = "Weg 1",
                                          .reference = "7/26",
                                          .ground = "section 22 TDDDG",
                                          .asked = {CategoryMask::all(), {}, {}},
                                          .received_on = "2026-11-25",
                                          .due_on = "2026-12-01",
                                          .granted = std::move(granted)};
        ExportIssuer issuer{};
        issuer.controller = "Lernhaus GmbH";
        Memory memory;
        auto contents = read([&](Transaction& tx) {
            memory.all.clear();
            return write_demanded_file(tx, cipher(), issuer, demand, now_, memory);
        });
        Made made{std::move(contents), unpack(memory.all), {}};
        for (const auto& [name, text] : made.files)
            made.all += name + "\n" + text + "\n";
        return made;
    }
    /// A learner with something known in each of several categories.
    storage::LearnerId make_canary() {
        const auto mia = make_learner("canary-address@example.org");
        write([&](Transaction& tx) -> Status {
            storage::learning::enrol(tx, mia, "canary-course", {}, now_ - 24h * 40);
            storage::learning::complete_lesson(tx, mia, "canary-course", "canary-lesson", now_);
            for (const auto& [reference, ago] : {std::pair("CANARY-OLD", 24h * 100), {"CANARY-NEW", 24h * 2}})
                if (auto ordered = storage::orders::insert(tx, {.id = storage::OrderId::make(),
                                                                .learner = mia,
                                                                .course = "canary-bought",
                                                                .instance = "payments/sepa",
                                                                .amount_minor = 4900,
                                                                .currency = "EUR",
                                                                .reference = reference,
                                                                .created_at = now_ - ago,
                                                                .updated_at = now_ - ago,
                                                                .due_at = now_});
                    !ordered)
                    return ordered;
            return {};
        });
        return mia;
    }
};
CALYPTENORA_ON_BOTH_DATABASES(DemandedFile);

TEST_P(DemandedFile, HoldsTheCategoriesThatWereGrantedAndNoOther) {
    const auto mia = make_canary();
    const std::map<std::string, CategoryMask> canaries{{"canary-address", user_contact_email},
                                                       {"canary-course", user_education_enrolment},
                                                       {"canary-lesson", user_education_progress},
                                                       {"CANARY-OLD", user_payment_transaction}};
    const auto all = make(mia, {CategoryMask::all(), {}, {}});
    for (const auto& [canary, category] : canaries)
        EXPECT_THAT(all.all, HasSubstr(canary)) << "is there to be left out";
    for (const auto& [granted, category] : canaries) {
        const auto made = make(mia, {category, {}, {}});
        EXPECT_EQ(made.contents.categories, category) << granted;
        EXPECT_THAT(made.all, HasSubstr(granted));
        for (const auto& [other, its_category] : canaries)
            // A lesson's row names its course, which is progress as well.
            if (other != granted && !(other == "canary-course" && granted == "canary-lesson"))
                EXPECT_THAT(made.all, Not(HasSubstr(other))) << "beside " << granted;
        EXPECT_THAT(made.all, Not(HasSubstr(mia.text()))) << "is no category";
    }
    const auto address = make(mia, {user_contact_email, {}, {}});
    EXPECT_EQ(address.files.at("csv/account.csv"), "email\r\ncanary-address@example.org\r\n");
    EXPECT_EQ(address.files.size(), 3) << "and demand.json, and addresses that wait to be confirmed";
    EXPECT_THAT(address.files.at("demand.json"), HasSubstr(R"("categories":"user.contact.email")"));
    EXPECT_THAT(make(mia, {user_education_grade, {}, {}}).contents.records, IsEmpty());
}

TEST_P(DemandedFile, HoldsThePeriodThatWasGrantedAndNothingElse) {
    const auto mia = make_canary();
    const CategoryMask payments = user_payment_transaction;
    for (const auto& [from, until, has_old, has_new] : {std::tuple("", "", true, true),
                                                        {"2026-11-23", "", false, true},
                                                        {"", "2026-11-22", true, false},
                                                        {"2026-11-23", "2026-11-23", false, true},
                                                        {"2026-11-24", "2026-12-31", false, false},
                                                        {"2026-08-17", "2026-08-17", true, false}}) {
        DemandScope scope{payments, {}, {}};
        if (*from)
            scope.from = from;
        if (*until)
            scope.until = until;
        const auto made = make(mia, scope);
        EXPECT_EQ(made.all.find("CANARY-OLD") != std::string::npos, has_old) << from << " " << until;
        EXPECT_EQ(made.all.find("CANARY-NEW") != std::string::npos, has_new) << from << " " << until;
        EXPECT_EQ(made.contents.records.at("orders"), has_old + has_new);
        EXPECT_EQ(made.contents.categories.empty(), !has_old && !has_new);
    }
}

TEST_P(DemandedFile, HoldsMixedDocumentsOnlyIfAllTheirCategoriesAreGranted) {
    const auto person = test::make_person(database(), cipher(), now_);
    const auto part = make(person.id, {user_content_message, {}, {}});
    EXPECT_TRUE(part.files.contains("csv/case_messages.csv"));
    EXPECT_FALSE(part.files.contains("csv/declarations.csv"));
    EXPECT_FALSE(part.files.contains("csv/requests.csv"));
    const auto all = make(person.id, {CategoryMask::all(), {}, {}});
    for (const auto& set : demanded_sets())
        EXPECT_TRUE(all.files.contains(std::string("csv/") + std::string(set.set) + ".csv")) << set.set;
    EXPECT_THAT(all.all, Not(HasSubstr(test::credential)));
    EXPECT_THAT(all.files.at("csv/case_messages.csv"), testing::StartsWith("author,body,at\r\n"));
}

TEST_P(DemandedFile, IsEmptyOfSomebodyErasedAndSaysSo) {
    const auto mia = make_canary();
    write([&](Transaction& tx) -> Status {
        storage::erasure::erase_records(tx, mia, now_);
        return {};
    });
    const auto made = make(mia, {CategoryMask::all(), {}, {}});
    EXPECT_TRUE(made.contents.is_erased);
    EXPECT_TRUE(made.contents.categories.empty());
    EXPECT_EQ(made.files.size(), 1);
    EXPECT_THAT(made.files.at("demand.json"), HasSubstr("erased: nothing of it is left"));
    EXPECT_THAT(made.all, Not(HasSubstr("canary")));
}

// Whoever adds a set with data of some category decides whether, and how, it can be demanded.
TEST(DemandedSets, AreAllThatHoldDataButThoseThatRepeatOthers) {
    std::set<std::string_view> known{"consent_history", "events", "recipient_answers"};
    for (const auto& demanded : demanded_sets())
        known.insert(demanded.set);
    for (const auto& set : storage::record_sets())
        for (const auto& entry : storage::inventory())
            if (entry.database == "data" && entry.table == set.table && entry.term &&
                std::ranges::count(set.fields, entry.column, &storage::RecordField::column) != 0)
                EXPECT_TRUE(known.contains(set.name)) << set.name << " holds " << entry.category;
}

}  // namespace
}  // namespace calyptenora::platform
