#include "storage/stores/incidents.hpp"

#include "storage/category_list.hpp"
#include "storage/stores/accesses.hpp"

#include <map>

namespace calyptenora::storage::incidents {
namespace {

FieldAddress actor_address(const IncidentId& id) {
    return {"incidents", id.text(), "actor_enc"};
}

constexpr std::string_view columns =
    "id, title, nature, instance, actor_enc, categories, began_at, ended_at, aware_at, recorded_at, risk, "
    "consequences, measures, authority_told_at, authority_evidence, people_told_at, people_evidence, "
    "closed_at";

template <class... Args>
std::vector<Incident> select(Transaction& tx, const FieldCipher& cipher, std::string_view which,
                             const Args&... args) {
    const auto sql = std::string("select ").append(columns).append(" from incidents ").append(which);
    std::vector<Incident> found;
    for (auto& row : tx.rows<IncidentId, std::string, std::string, std::string, std::string, std::string,
                             Timestamp, Timestamp, Timestamp, Timestamp, std::optional<Risk>, std::string,
                             std::string, std::optional<Timestamp>, std::string, std::optional<Timestamp>,
                             std::string, std::optional<Timestamp>>(sql, args...)) {
        auto& [id, title, nature, instance, sealed, categories, began_at, ended_at, aware_at, recorded_at,
               risk, consequences, measures, authority_at, authority_evidence, people_at, people_evidence,
               closed_at] = row;
        auto actor = cipher.decrypt_system(actor_address(id), sealed);
        found.push_back({std::move(id), std::move(title), std::move(nature), std::move(instance),
                         actor ? std::move(*actor) : std::string(), parse_category_list(categories), began_at,
                         ended_at, aware_at, recorded_at, risk, std::move(consequences), std::move(measures),
                         authority_at, std::move(authority_evidence), people_at, std::move(people_evidence),
                         closed_at});
    }
    return found;
}

}  // namespace

constexpr std::string_view insert_sql =
    "insert into incidents (id, title, nature, instance, actor_enc, categories, began_at, ended_at, "
    "aware_at, "
    "recorded_at, risk, consequences, measures, authority_told_at, authority_evidence, people_told_at, "
    "people_evidence, closed_at) values (:id, :title, :nature, :instance, :actor, :categories, :began_at, "
    ":ended_at, :aware_at, :recorded_at, :risk, :consequences, :measures, :authority_told_at, "
    ":authority_evidence, :people_told_at, :people_evidence, :closed_at)";
void insert(Transaction& tx, const FieldCipher& cipher, const Incident& incident) {
    tx.execute(insert_sql, incident.id, incident.title, incident.nature, incident.instance,
               cipher.encrypt_system(actor_address(incident.id), incident.actor),
               make_category_list(incident.categories), incident.began_at, incident.ended_at,
               incident.aware_at, incident.recorded_at, incident.risk, incident.consequences,
               incident.measures, incident.authority_told_at, incident.authority_evidence,
               incident.people_told_at, incident.people_evidence, incident.closed_at);
}

constexpr std::string_view update_sql =
    "update incidents set ended_at = :ended_at, risk = :risk, consequences = :consequences, measures = "
    ":measures, "
    "authority_told_at = :authority_told_at, authority_evidence = :authority_evidence, people_told_at = "
    ":people_told_at, people_evidence = :people_evidence, closed_at = :closed_at where id = :id";
void update(Transaction& tx, const Incident& incident) {
    tx.execute(update_sql, incident.ended_at, incident.risk, incident.consequences, incident.measures,
               incident.authority_told_at, incident.authority_evidence, incident.people_told_at,
               incident.people_evidence, incident.closed_at, incident.id);
}

constexpr std::string_view find_sql = "where id = :id";
std::optional<Incident> find(Transaction& tx, const FieldCipher& cipher, const IncidentId& id) {
    auto found = select(tx, cipher, find_sql, id);
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

constexpr std::string_view list_sql = "order by recorded_at desc, id desc limit :limit";
std::vector<Incident> list(Transaction& tx, const FieldCipher& cipher, int limit) {
    return select(tx, cipher, list_sql, limit);
}

// What had been sent there before the incident began lay there when it did. Whether an attempt arrived nobody
// can say. Who was a guest and has signed in since is one person.
constexpr std::string_view sent_sql =
    "select coalesce(s.merged_into, d.subject), d.categories from disclosures d left join subjects s on s.id "
    "= d.subject "
    "where d.kind = 'attempted' and d.instance = :instance and d.at <= :ended_at";
constexpr std::string_view opened_sql =
    "select a.id, coalesce(s.merged_into, a.subject), a.actor_enc from accesses a left join subjects s on "
    "s.id = "
    "a.subject where a.at >= :began_at and a.at <= :ended_at";
constexpr std::string_view forget_sql = "delete from incident_people where incident = :incident";
constexpr std::string_view keep_sql =
    "insert into incident_people (incident, subject, title, aware_at, records) values (:incident, :subject, "
    ":title, :aware_at, :records)";
long long recount(Transaction& tx, const FieldCipher& cipher, const Incident& incident) {
    std::map<SubjectId, long long> people;
    if (!incident.instance.empty())
        for (const auto& [subject, categories] :
             tx.rows<SubjectId, std::string>(sent_sql, incident.instance, incident.ended_at))
            if (incident.categories.empty() ||
                !(incident.categories & parse_category_list(categories)).empty())
                ++people[subject];
    if (!incident.actor.empty())
        for (const auto& [id, subject, sealed] :
             tx.rows<AccessId, SubjectId, std::string>(opened_sql, incident.began_at, incident.ended_at)) {
            const auto actor = cipher.decrypt_system({"accesses", id.text(), "actor_enc"}, sealed);
            if (actor && *actor == incident.actor)
                ++people[subject];
        }
    tx.execute(forget_sql, incident.id);
    for (const auto& [subject, records] : people)
        tx.execute(keep_sql, incident.id, subject, incident.title, incident.aware_at, records);
    return static_cast<long long>(people.size());
}

constexpr std::string_view people_sql =
    "select subject, records from incident_people where incident = :incident order by subject";
std::vector<AffectedPerson> list_people(Transaction& tx, const IncidentId& id) {
    std::vector<AffectedPerson> people;
    for (auto& [subject, records] : tx.rows<SubjectId, long long>(people_sql, id))
        people.push_back({std::move(subject), records});
    return people;
}

}  // namespace calyptenora::storage::incidents
