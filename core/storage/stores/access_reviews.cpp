#include "storage/stores/access_reviews.hpp"

#include <boost/describe/enum_from_string.hpp>

namespace calyptenora::storage::access_reviews {
namespace {

std::string to_list(const std::vector<ReviewRule>& rules) {
    std::string list;
    for (const auto rule : rules)
        list.append(list.empty() ? "" : ",").append(key_of(rule));
    return list;
}

std::vector<ReviewRule> from_list(std::string_view list) {
    std::vector<ReviewRule> rules;
    while (!list.empty()) {
        const std::string word(list.substr(0, list.find(',')));
        ReviewRule rule{};
        if (boost::describe::enum_from_string(word.c_str(), rule))
            rules.push_back(rule);
        list.remove_prefix(std::min(list.size(), word.size() + 1));
    }
    return rules;
}

Access open(const FieldCipher& cipher, AccessId&& id, SubjectId&& subject, const std::string& sealed,
            Role role, AccessedPart part, std::string&& reason, Timestamp at) {
    auto actor = cipher.decrypt_system({"accesses", id.text(), "actor_enc"}, sealed);
    return {std::move(id),
            std::move(subject),
            actor ? std::move(*actor) : std::string(),
            role,
            part,
            std::move(reason),
            at};
}

template <class... Args>
std::vector<OpenReview> select_open(Transaction& tx, const FieldCipher& cipher, std::string_view sql,
                                    const Args&... args) {
    std::vector<OpenReview> found;
    for (auto& [id, subject, sealed, role, part, reason, at, rules, considered_at] :
         tx.rows<AccessId, SubjectId, std::string, Role, AccessedPart, std::string, Timestamp, std::string,
                 Timestamp>(sql, args...))
        found.push_back(
            {open(cipher, std::move(id), std::move(subject), sealed, role, part, std::move(reason), at),
             from_list(rules), considered_at});
    return found;
}

}  // namespace

constexpr std::string_view unconsidered_sql =
    "select id, subject, actor_enc, role, part, reason, at from accesses where not exists (select 1 from "
    "access_reviews where access = accesses.id) order by at, id limit :limit";
std::vector<Access> list_unconsidered(Transaction& tx, const FieldCipher& cipher, int limit) {
    std::vector<Access> found;
    for (auto& [id, subject, sealed, role, part, reason, at] :
         tx.rows<AccessId, SubjectId, std::string, Role, AccessedPart, std::string, Timestamp>(
             unconsidered_sql, limit))
        found.push_back(
            open(cipher, std::move(id), std::move(subject), sealed, role, part, std::move(reason), at));
    return found;
}

constexpr std::string_view consider_sql =
    "insert into access_reviews (access, subject, rules, considered_at) values (:access, :subject, :rules, "
    ":now) on conflict (access) do nothing";
void consider(Transaction& tx, const Access& access, const std::vector<ReviewRule>& rules, Timestamp now) {
    tx.execute(consider_sql, access.id, access.subject, to_list(rules), now);
}

constexpr std::string_view list_open_sql =
    "select a.id, a.subject, a.actor_enc, a.role, a.part, a.reason, a.at, r.rules, r.considered_at from "
    "access_reviews r join accesses a on a.id = r.access where r.rules <> '' and r.verdict is null order by "
    "r.considered_at, a.id limit :limit";
std::vector<OpenReview> list_open(Transaction& tx, const FieldCipher& cipher, int limit) {
    return select_open(tx, cipher, list_open_sql, limit);
}

constexpr std::string_view find_open_sql =
    "select a.id, a.subject, a.actor_enc, a.role, a.part, a.reason, a.at, r.rules, r.considered_at from "
    "access_reviews r join accesses a on a.id = r.access where r.access = :access and r.rules <> '' and "
    "r.verdict is null";
std::optional<OpenReview> find_open(Transaction& tx, const FieldCipher& cipher, const AccessId& access) {
    auto found = select_open(tx, cipher, find_open_sql, access);
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

constexpr std::string_view list_since_sql =
    "select a.id, a.subject, a.actor_enc, a.role, a.part, a.reason, a.at, r.rules, r.verdict from "
    "access_reviews r join accesses a on a.id = r.access where a.at >= :since order by a.at desc, a.id desc "
    "limit :limit";
std::vector<SignedReview> list_since(Transaction& tx, const FieldCipher& cipher, Timestamp since, int limit) {
    std::vector<SignedReview> found;
    for (auto& [id, subject, sealed, role, part, reason, at, rules, verdict] :
         tx.rows<AccessId, SubjectId, std::string, Role, AccessedPart, std::string, Timestamp, std::string,
                 std::optional<Verdict>>(list_since_sql, since, limit))
        found.push_back(
            {open(cipher, std::move(id), std::move(subject), sealed, role, part, std::move(reason), at),
             from_list(rules), verdict});
    return found;
}

constexpr std::string_view sign_sql =
    "update access_reviews set verdict = :verdict, remark = :remark, reviewer_enc = :reviewer, reviewed_at = "
    ":now where access = :access and rules <> '' and verdict is null";
bool sign(Transaction& tx, const FieldCipher& cipher, const AccessId& access, Verdict verdict,
          std::string_view remark, std::string_view reviewer, Timestamp now) {
    const auto sealed = cipher.encrypt_system({"access_reviews", access.text(), "reviewer_enc"}, reviewer);
    return tx.execute(sign_sql, verdict, remark, sealed, now, access) > 0;
}

}  // namespace calyptenora::storage::access_reviews
