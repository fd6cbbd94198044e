#include "integration/storage/ledger_fixture.hpp"

#include <fmt/format.h>

namespace calyptenora::test {

using namespace storage;

std::string Findings::text() const {
    std::string text;
    for (const auto& found : rows)
        text += fmt::format("{} {} {}: {}\n", key_of(found.ledger), found.subject.text(), found.sequence,
                            found.what);
    for (const auto& found : checkpoints)
        text += fmt::format("checkpoint {} [{}]: {}\n", found.checkpoint, found.entry, found.what);
    return text;
}

ConsentEvent LedgerTest::make_event(const SubjectId& subject, int minute) {
    const bool given = minute % 3 != 2;
    return {.record_id = RecordId::make(),
            .pii_principal_id = subject,
            .event_time = now_ + std::chrono::minutes(minute),
            .event_type = given ? "given" : "withdrawn",
            .event_state = given ? ConsentState::given : ConsentState::withdrawn,
            .entity_id = subject.text(),
            .instance = "analytics/xapi",
            .purpose = Purpose::analytics_reporting_content_performance,
            .recipient_third_parties = "Lernarchiv GmbH",
            .privacy_notice = "2026-11-01",
            .language = "de",
            .action = "privacy_page_switch",
            .validity_duration =
                given ? std::optional(std::chrono::seconds(std::chrono::hours(24 * 180))) : std::nullopt,
            .text_hash = given ? "shown" : "",
            .choices_hash = "choices",
            .manifest_hash = "manifest",
            .policy_hash = "policy"};
}

Disclosure LedgerTest::make_disclosure(const SubjectId& subject, int minute) {
    const bool ended = minute % 2 == 1;
    return {
        .id = DisclosureId::make(),
        .subject = subject,
        .kind = ended ? DisclosureKind::outcome : DisclosureKind::attempted,
        .call_id = CallId::make(),
        .instance = "analytics/xapi",
        .recipient = "Lernarchiv GmbH",
        .purpose = Purpose::analytics_reporting_content_performance,
        .operation = "analytics.record",
        .categories = CategoryMask(Category::user_education_progress) | Category::user_unique_id_pseudonymous,
        .host = ended ? "lrs.example.org" : "",
        .commitment = ended ? "" : "c",
        .outcome = ended ? "sent" : "",
        .at = now_ + std::chrono::minutes(minute)};
}

Access LedgerTest::make_access(const SubjectId& subject, int minute) {
    return {.id = AccessId::make(),
            .subject = subject,
            .actor = "system:alva",
            .role = Role::support,
            .part = AccessedPart::record,
            .reason = "asked about an order",
            .at = now_ + std::chrono::minutes(minute)};
}

void LedgerTest::append_event(const SubjectId& subject, int minute) {
    write([&](Transaction& tx) {
        return consents::record(tx, secrets(), make_event(subject, minute), ConsentOrigin::account);
    });
}

void LedgerTest::append_disclosure(const SubjectId& subject, int minute) {
    write([&](Transaction& tx) -> Status {
        disclosures::append(tx, secrets(), std::vector{make_disclosure(subject, minute)});
        return {};
    });
}

void LedgerTest::append_access(const SubjectId& subject, int minute) {
    write([&](Transaction& tx) -> Status {
        accesses::append(tx, cipher(), std::vector{make_access(subject, minute)});
        return {};
    });
}

std::optional<Checkpoint> LedgerTest::take_checkpoint(int limit) {
    return write([&](Transaction& tx) {
        return Result<std::optional<Checkpoint>>(checkpoints::take(tx, secrets(), now_, limit));
    });
}

Findings LedgerTest::find_breaks(Transaction& tx) {
    Findings found{consents::verify_all(tx, secrets()), checkpoints::verify(tx, secrets())};
    std::ranges::move(disclosures::verify_all(tx, secrets()), std::back_inserter(found.rows));
    std::ranges::move(accesses::verify_all(tx, secrets()), std::back_inserter(found.rows));
    return found;
}

Findings LedgerTest::find_breaks() {
    return read([&](Transaction& tx) { return Result<Findings>(find_breaks(tx)); });
}

void LedgerTest::drop_triggers() {
    write([&](Transaction& tx) -> Status {
        for (const std::string table :
             {"consent_events", "disclosures", "accesses", "ledger_checkpoints", "checkpoint_heads"})
            for (const auto* event : {"_no_update", "_no_delete"})
                tx.execute_script("drop trigger " + table + event +
                                  (GetParam() == Dialect::sqlite ? "" : " on " + table));
        return {};
    });
}

Findings LedgerTest::find_breaks_after(const std::vector<std::string>& statements) {
    Findings found;
    const auto undone = database().transaction_blocking([&](Transaction& tx) -> Status {
        for (const auto& statement : statements)
            tx.execute_script(statement);
        found = find_breaks(tx);
        return Error(ErrorKind::denied, "undone");
    });
    EXPECT_EQ(undone.error().kind, ErrorKind::denied) << undone.error().message;
    return found;
}

}  // namespace calyptenora::test
