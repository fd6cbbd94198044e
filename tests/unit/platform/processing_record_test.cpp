#include "platform/processing_record.hpp"

#include "gate/explanation.hpp"
#include "support/policies.hpp"
#include "web/translations.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace calyptenora::platform {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

ProcessingRecord probe_record(const std::string& more = "") {
    const auto yaml = test::probe_settings() + more;
    const auto settings = settings::parse_settings(yaml, "test.yaml");
    const auto policy = test::compile_policy(yaml, {test::probe_manifest(), test::desk_manifest()});
    return make_processing_record(*settings.value, *policy);
}

std::vector<storage::InventoryEntry> inventory_with(std::string table, std::string category,
                                                    std::string whose) {
    storage::InventoryEntry entry;
    entry.database = "data";
    entry.table = std::move(table);
    entry.column = "entry";
    entry.category = category;
    entry.term = find_term<Category>(category);
    entry.whose = std::move(whose);
    entry.retention = "until erasure";
    return {entry};
}

const KeptActivity& find_activity(const ProcessingRecord& record, std::string_view key) {
    return *std::ranges::find(record.kept, key, &KeptActivity::key);
}

// Whoever adds a table says what it is for: in activity_rows(), with texts in both languages.
TEST(ProcessingRecord, KnowsWhatEachTableIsFor) {
    EXPECT_THAT(unassigned_tables(storage::inventory()), IsEmpty());
    const auto unknown = inventory_with("diaries", "user.content.message", "learner");
    EXPECT_THAT(unassigned_tables(unknown), ElementsAre("data.diaries"));
    const auto nobodys = inventory_with("prices", "none", "none");
    EXPECT_THAT(unassigned_tables(nobodys), IsEmpty());

    const auto settings = settings::parse_settings(test::probe_settings(), "test.yaml");
    const auto record = make_processing_record(*settings.value, *gate::Policy::compile({}), unknown);
    ASSERT_EQ(record.kept.size(), 1u) << "and until then it is hidden from nobody";
    EXPECT_EQ(record.kept.front().key, "other");
    EXPECT_EQ(record.kept.front().categories, CategoryMask(Category::user_content_message));
}

// Whoever writes new words into the inventory gives them a name, and texts in both languages.
TEST(ProcessingRecord, HasANameForEachLengthOfTime) {
    std::set<std::string_view> used;
    for (const auto& entry : storage::inventory()) {
        const auto* rule = find_retention_rule(entry.retention);
        ASSERT_TRUE(rule) << entry.table << "." << entry.column
                          << ": add to retention.cpp: " << entry.retention;
        used.insert(rule->key);
    }
    EXPECT_EQ(used.size(), retention_rules().size()) << "a rule that nothing in the inventory uses";
    EXPECT_EQ(find_retention_rule("until erasure "), nullptr);
}

TEST(ProcessingRecord, HasTextsForAllThatItSays) {
    const auto texts =
        web::Translations::load(CALYPTENORA_SOURCE_DIR "/core/web/texts", web::AddressForm::du).value();
    const auto expect = [&](const std::string& key) {
        EXPECT_TRUE(texts.find_text(web::Language::de, key)) << key;
    };
    const auto record = probe_record();
    for (const auto& activity : record.kept)
        for (const auto* form : {"stored.{}_what", "stored.{}_why", "activity.{}"})
            expect(fmt::format(fmt::runtime(form), activity.key));
    for (const auto* key : {"stored.other_what", "stored.other_why", "activity.other"})
        expect(key);
    for (const auto& rule : retention_rules())
        expect(fmt::format("retention.{}", rule.key));
    for (const auto& cookie : own_cookies)
        expect(fmt::format("device.{}", cookie.name));
    for (const auto* measure : {"default_deny", "ledger", "tls", "tls_by_proxy", "loopback_only",
                                "subject_keys", "sandbox", "in_process", "pseudonyms", "organisational"})
        expect(fmt::format("measure.{}", measure));
    for (const auto key : record.measures)
        expect(fmt::format("measure.{}", key));
    for (const auto key : settings::storage_kind_keys)
        expect(fmt::format("storage_kind.{}", key));
}

TEST(ProcessingRecord, TakesFromTheInventoryWhatIsKept) {
    const auto record = probe_record();
    const auto& account = find_activity(record, "account");
    EXPECT_TRUE(
        account.categories.contains(CategoryMask(Category::user_name) | Category::user_contact_email));
    EXPECT_TRUE(account.persons.visitors) << "a guest's choices need a subject, too";
    const auto& learning = find_activity(record, "learning");
    EXPECT_FALSE(learning.persons.visitors);
    EXPECT_EQ(learning.bases, std::vector{LegalBasis::contract});
    EXPECT_TRUE(find_activity(record, "proof").persons.guardians);
    EXPECT_THAT(account.parts, Contains(testing::Field(&KeptPart::table, "keys.subject_keys")));
}

TEST(ProcessingRecord, HoldsEachFlowWithItsRecipient) {
    const auto record = probe_record();
    ASSERT_EQ(record.flows.size(), 8u) << "four instances with two purposes each";
    const auto& first = record.flows.front();
    EXPECT_EQ(first.recipient.legal_name, "Lernstatistik AG");
    EXPECT_EQ(gate::keys_in(first.categories),
              (std::vector<std::string>{"user.name", "user.unique_id.pseudonymous", "user.device.ip_address",
                                        "user.education.progress"}));
    EXPECT_TRUE(first.asks_first);
    EXPECT_EQ(first.retention, std::chrono::days(60));
    EXPECT_FALSE(record.flows[1].asks_first) << "legitimate interest";
    EXPECT_EQ(record.parties.size(), 4u);
}

TEST(ProcessingRecord, NamesNobodyWhoGetsNothing) {
    const auto yaml =
        test::replaced(test::probe_settings(),
                       "recipient: {legal_name: Zweite Statistik, address: Weg 3, country: DE, role: "
                       "controller, privacy_policy: 'https://two.example/privacy'}",
                       "recipient: {self: true}");
    const auto settings = settings::parse_settings(yaml, "test.yaml");
    const auto policy = test::compile_policy(yaml, {test::probe_manifest(), test::desk_manifest()});
    const auto record = make_processing_record(*settings.value, *policy);
    EXPECT_EQ(record.flows.size(), 8u) << "it remains an activity";
    EXPECT_EQ(record.parties.size(), 3u) << "but the operator is no third party";
}

TEST(ProcessingRecord, ListsTheProviderOfOurOwnMail) {
    const auto record = probe_record(
        "mail:\n  host: smtp.example\n  from: a@lms.example\n  recipient: {legal_name: Post GmbH, address: "
        "Weg 6, "
        "country: DE, role: processor, privacy_policy: 'https://post.example/privacy', contract: {reference: "
        "AVV-1, date: 2026-01-02}}\n");
    ASSERT_EQ(record.parties.size(), 5u);
    EXPECT_EQ(record.parties.back().id, "core/mail");
    EXPECT_EQ(record.parties.back().purposes,
              (std::vector{Purpose::essential_legal_obligation, Purpose::essential_service_authentication,
                           Purpose::essential_service_operations_support}));
    const auto& flow = record.flows.back();
    EXPECT_EQ(flow.recipient.legal_name, "Post GmbH");
    EXPECT_EQ(flow.basis, LegalBasis::contract);
    EXPECT_EQ(gate::keys_in(flow.categories),
              (std::vector<std::string>{"user.contact.email", "user.account.settings"}));
    EXPECT_EQ(flow.endpoints, std::vector<std::string>{"smtp.example:587"});
}

TEST(ProcessingRecord, SaysWhichMeasuresAreInForce) {
    EXPECT_THAT(probe_record().measures, Contains("sandbox"));
    EXPECT_THAT(probe_record().measures, Not(Contains("in_process")));
    EXPECT_THAT(probe_record().measures, Contains("loopback_only"));
    const auto yaml = test::replaced(test::probe_settings(), "  analytics/probe@second:\n",
                                     "  analytics/probe@second:\n    isolation: in_process\n");
    const auto settings = settings::parse_settings(yaml, "test.yaml");
    const auto policy = test::compile_policy(yaml, {test::probe_manifest(), test::desk_manifest()});
    EXPECT_THAT(make_processing_record(*settings.value, *policy).measures, Contains("in_process"))
        << "a weakness is said as plainly";
}

TEST(ProcessingRecord, ListsWhatLiesOnTheDeviceOnlyWhereTheDeviceIsInvolved) {
    const std::string manifest = R"(id: video/frames
version: 0.1.0
sdk: "1.0"
summary: {de: V, en: V}
licence: AGPL-3.0-or-later
purposes:
  - purpose: essential.service.content_delivery
    legal_basis: consent
    device_access: consent
    cookie_category: external_media
    fields:
      - {category: user.device.ip_address, required: true, why: {de: W, en: W}}
browser:
  frame_origins: ["https://player.example"]
  storage:
    - {name: id, kind: cookie, duration: 30d}
    - {name: volume, kind: local_storage, duration: session}
)";
    const auto yaml =
        test::settings_head() +
        "plugins:\n  video/frames:\n    recipient: {legal_name: Film, address: W, country: US, role: "
        "controller, privacy_policy: 'https://film.example/p', safeguard: scc}\n";
    const auto settings = settings::parse_settings(yaml, "test.yaml");
    const auto record = make_processing_record(*settings.value, *test::compile_policy(yaml, {manifest}));
    ASSERT_EQ(record.device.size(), own_cookies.size() + 2);
    const auto& cookie = record.device[own_cookies.size()];
    EXPECT_EQ(cookie.name, "id");
    EXPECT_EQ(cookie.lifetime, std::chrono::days(30));
    EXPECT_EQ(cookie.access, DeviceAccess::consent);
    EXPECT_EQ(cookie.setter, "Film");
    EXPECT_EQ(record.device.back().lifetime, std::nullopt);
    EXPECT_TRUE(record.flows.front().persons.visitors);

    const auto off = yaml + "    purposes: {essential.service.content_delivery: {enabled: false}}\n";
    const auto without = make_processing_record(*settings::parse_settings(off, "test.yaml").value,
                                                *test::compile_policy(off, {manifest}));
    EXPECT_EQ(without.device.size(), own_cookies.size());
    EXPECT_THAT(without.parties, IsEmpty());
}

}  // namespace
}  // namespace calyptenora::platform
