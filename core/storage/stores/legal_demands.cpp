#include "storage/stores/legal_demands.hpp"

#include "storage/category_list.hpp"

namespace calyptenora::storage {

bool DemandScope::is_within(const DemandScope& wider) const {
    return wider.categories.contains(categories) && (!wider.from || (from && *from >= *wider.from)) &&
           (!wider.until || (until && *until <= *wider.until));
}

namespace legal_demands {
namespace {

std::string seal(const FieldCipher& cipher, const LegalDemandId& id, std::string_view column,
                 const std::string& actor) {
    return cipher.encrypt_system({"legal_demands", id.text(), column}, actor);
}

std::string open(const FieldCipher& cipher, const LegalDemandId& id, std::string_view column,
                 const std::string& sealed) {
    auto actor = cipher.decrypt_system({"legal_demands", id.text(), column}, sealed);
    return actor ? std::move(*actor) : std::string();
}

constexpr std::string_view columns =
    "id, subject, learner, authority, address, reference, ground, asked_categories, asked_from, asked_until, "
    "received_on, due_on, entered_at, entered_by_enc, decision, decision_reason, granted_categories, "
    "granted_from, granted_until, assessed_at, assessed_by_enc, released_at, released_by_enc, call_id, "
    "digest, deferred_until, deferral_ground, deferral_ended_at, deferral_end, told_at";

template <class... Args>
std::vector<LegalDemand> select(Transaction& tx, const FieldCipher& cipher, std::string_view which,
                                const Args&... args) {
    const auto sql = std::string("select ").append(columns).append(" from legal_demands ").append(which);
    using Text = std::string;
    using MaybeText = std::optional<std::string>;
    using MaybeTime = std::optional<Timestamp>;
    std::vector<LegalDemand> found;
    for (auto& row :
         tx.rows<LegalDemandId, SubjectId, LearnerId, Text, Text, Text, Text, Text, MaybeText, MaybeText,
                 Text, Text, Timestamp, Text, std::optional<DemandDecision>, Text, Text, MaybeText, MaybeText,
                 MaybeTime, Text, MaybeTime, Text, std::optional<CallId>, Text, MaybeText, Text, MaybeTime,
                 Text, MaybeTime>(sql, args...)) {
        auto& [id, subject, learner, authority, address, reference, ground, asked, asked_from, asked_until,
               received_on, due_on, entered_at, entered_by, decision, decision_reason, granted, granted_from,
               granted_until, assessed_at, assessed_by, released_at, released_by, call, digest,
               deferred_until, deferral_ground, deferral_ended_at, deferral_end, told_at] = row;
        found.push_back(
            {.id = id,
             .subject = std::move(subject),
             .learner = std::move(learner),
             .authority = std::move(authority),
             .address = std::move(address),
             .reference = std::move(reference),
             .ground = std::move(ground),
             .asked = {parse_category_list(asked), std::move(asked_from), std::move(asked_until)},
             .received_on = std::move(received_on),
             .due_on = std::move(due_on),
             .entered_at = entered_at,
             .entered_by = open(cipher, id, "entered_by_enc", entered_by),
             .decision = decision,
             .decision_reason = std::move(decision_reason),
             .granted = {parse_category_list(granted), std::move(granted_from), std::move(granted_until)},
             .assessed_at = assessed_at,
             .assessed_by = open(cipher, id, "assessed_by_enc", assessed_by),
             .released_at = released_at,
             .released_by = open(cipher, id, "released_by_enc", released_by),
             .call = std::move(call),
             .digest = std::move(digest),
             .deferred_until = std::move(deferred_until),
             .deferral_ground = std::move(deferral_ground),
             .deferral_ended_at = deferral_ended_at,
             .deferral_end = std::move(deferral_end),
             .told_at = told_at});
    }
    return found;
}

std::optional<LegalDemand> first_of(std::vector<LegalDemand> found) {
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

}  // namespace

constexpr std::string_view insert_sql =
    "insert into legal_demands (id, subject, learner, authority, address, reference, ground, "
    "asked_categories, asked_from, asked_until, received_on, due_on, entered_at, entered_by_enc, decision, "
    "decision_reason, granted_categories, granted_from, granted_until, assessed_at, assessed_by_enc, "
    "released_at, released_by_enc, call_id, digest, deferred_until, deferral_ground, deferral_ended_at, "
    "deferral_end, told_at) values (:id, :subject, :learner, :authority, :address, :reference, :ground, "
    ":asked_categories, :asked_from, :asked_until, :received_on, :due_on, :entered_at, :entered_by_enc, "
    ":decision, :decision_reason, :granted_categories, :granted_from, :granted_until, :assessed_at, "
    ":assessed_by_enc, :released_at, :released_by_enc, :call_id, :digest, :deferred_until, :deferral_ground, "
    ":deferral_ended_at, :deferral_end, :told_at)";
void insert(Transaction& tx, const FieldCipher& cipher, const LegalDemand& demand) {
    tx.execute(insert_sql, demand.id, demand.subject, demand.learner, demand.authority, demand.address,
               demand.reference, demand.ground, make_category_list(demand.asked.categories),
               demand.asked.from, demand.asked.until, demand.received_on, demand.due_on, demand.entered_at,
               seal(cipher, demand.id, "entered_by_enc", demand.entered_by), demand.decision,
               demand.decision_reason, make_category_list(demand.granted.categories), demand.granted.from,
               demand.granted.until, demand.assessed_at,
               seal(cipher, demand.id, "assessed_by_enc", demand.assessed_by), demand.released_at,
               seal(cipher, demand.id, "released_by_enc", demand.released_by), demand.call, demand.digest,
               demand.deferred_until, demand.deferral_ground, demand.deferral_ended_at, demand.deferral_end,
               demand.told_at);
}

constexpr std::string_view update_sql =
    "update legal_demands set decision = :decision, decision_reason = :decision_reason, granted_categories = "
    ":granted_categories, granted_from = :granted_from, granted_until = :granted_until, assessed_at = "
    ":assessed_at, "
    "assessed_by_enc = :assessed_by_enc, released_at = :released_at, released_by_enc = :released_by_enc, "
    "call_id = "
    ":call_id, digest = :digest, deferred_until = :deferred_until, deferral_ground = :deferral_ground, "
    "deferral_ended_at = :deferral_ended_at, deferral_end = :deferral_end, told_at = :told_at where id = :id";
void update(Transaction& tx, const FieldCipher& cipher, const LegalDemand& demand) {
    tx.execute(update_sql, demand.decision, demand.decision_reason,
               make_category_list(demand.granted.categories), demand.granted.from, demand.granted.until,
               demand.assessed_at, seal(cipher, demand.id, "assessed_by_enc", demand.assessed_by),
               demand.released_at, seal(cipher, demand.id, "released_by_enc", demand.released_by),
               demand.call, demand.digest, demand.deferred_until, demand.deferral_ground,
               demand.deferral_ended_at, demand.deferral_end, demand.told_at, demand.id);
}

constexpr std::string_view find_sql = "where id = :id";
std::optional<LegalDemand> find(Transaction& tx, const FieldCipher& cipher, const LegalDemandId& id) {
    return first_of(select(tx, cipher, find_sql, id));
}

std::optional<LegalDemand> lock(Transaction& tx, const FieldCipher& cipher, const LegalDemandId& id) {
    return first_of(select(tx, cipher, std::string(find_sql).append(lock_rows(tx.dialect())), id));
}

constexpr std::string_view list_sql = "order by entered_at desc, id desc limit :limit";
std::vector<LegalDemand> list(Transaction& tx, const FieldCipher& cipher, int limit) {
    return select(tx, cipher, list_sql, limit);
}

constexpr std::string_view list_told_sql =
    "where learner = :learner and told_at is not null order by told_at desc, id desc";
std::vector<LegalDemand> list_told(Transaction& tx, const FieldCipher& cipher, const LearnerId& learner) {
    return select(tx, cipher, list_told_sql, learner);
}

}  // namespace legal_demands
}  // namespace calyptenora::storage
