#include "storage/stores/persons.hpp"

#include <fmt/format.h>

#include <tuple>

namespace calyptenora::storage::persons {
namespace {

constexpr std::string_view person_columns =
    "s.id, s.kind, s.created_at, s.last_seen_at, s.gpc_seen_at, s.merged_into, s.erased_at, (select count(*) "
    "from objections o where o.subject = s.id), l.created_at, l.state, l.role, l.language, "
    "l.email_confirmed_at, l.guardian_needed_until, l.auth_instance, l.restricted_at, l.time_zone, l.theme, "
    "l.text_size";
using PersonRow = std::tuple<SubjectId, SubjectKind, Timestamp, Timestamp, std::optional<Timestamp>,
                             std::optional<SubjectId>, std::optional<Timestamp>, std::int64_t,
                             std::optional<Timestamp>, std::optional<LearnerState>, std::optional<Role>,
                             std::optional<std::string>, std::optional<Timestamp>, std::optional<std::string>,
                             std::optional<std::string>, std::optional<Timestamp>, std::optional<std::string>,
                             std::optional<Theme>, std::optional<TextSize>>;

constexpr std::string_view session_columns =
    "n.id, n.privilege, n.created_at, n.last_seen_at, n.idle_expires_at, n.absolute_expires_at, "
    "n.authenticated_at, n.user_agent, l.display_name_enc, l.email_enc";
using SessionRow =
    std::tuple<SessionId, Privilege, Timestamp, Timestamp, Timestamp, Timestamp, std::optional<Timestamp>,
               std::string, std::optional<std::string>, std::optional<std::string>>;

template <class>
struct Find;
template <class... Columns>
struct Find<std::tuple<Columns...>> {
    template <class... Args>
    static auto in(Transaction& tx, const std::string& sql, const Args&... args) {
        return tx.find<Columns...>(sql, args...);
    }
};

Person to_person(PersonRow&& row) {
    auto& [id, kind, created_at, last_seen_at, gpc_seen_at, merged_into, erased_at, objections, joined_at,
           state, role, language, confirmed_at, guardian_needed_until, auth_instance, restricted_at,
           time_zone, theme, text_size] = row;
    Person person{
        .subject = {id, kind, created_at, last_seen_at, gpc_seen_at, std::move(merged_into), erased_at},
        .learner = {},
        .has_objected = objections > 0};
    if (state)
        person.learner = Learner{.id = std::move(id),
                                 .created_at = *joined_at,
                                 .state = *state,
                                 .role = *role,
                                 .language = std::move(*language),
                                 .email_confirmed_at = confirmed_at,
                                 .guardian_needed_until = std::move(guardian_needed_until),
                                 .auth_instance = std::move(*auth_instance),
                                 .restricted_at = restricted_at,
                                 .presentation = {std::move(time_zone), theme, text_size}};
    return person;
}

template <class Row, std::size_t... I>
PersonRow person_part(Row& row, std::index_sequence<I...>) {
    return {std::move(std::get<std::tuple_size_v<SessionRow> + I>(row))...};
}

}  // namespace

std::optional<Person> find(Transaction& tx, const SubjectId& id) {
    static const std::string sql = fmt::format(
        "select {} from subjects s left join learners l on l.id = s.id where s.id = :id", person_columns);
    auto row = Find<PersonRow>::in(tx, sql, id);
    return row ? std::optional(to_person(std::move(*row))) : std::nullopt;
}

std::optional<SignedIn> find_by_session(Transaction& tx, std::string_view token, Timestamp now) {
    using Row = decltype(std::tuple_cat(std::declval<SessionRow>(), std::declval<PersonRow>()));
    static const std::string sql = fmt::format(
        "select {}, {} from sessions n join subjects s on s.id = n.subject left join learners l "
        "on l.id = s.id where n.token_hash = :token_hash and n.idle_expires_at > :idle "
        "and n.absolute_expires_at > :absolute",
        session_columns, person_columns);
    auto row = Find<Row>::in(tx, sql, sessions::token_hash(token), now, now);
    if (!row)
        return std::nullopt;
    auto person = to_person(person_part(*row, std::make_index_sequence<std::tuple_size_v<PersonRow>>()));
    Session session{std::move(std::get<0>(*row)),
                    person.subject.id,
                    std::get<1>(*row),
                    std::get<2>(*row),
                    std::get<3>(*row),
                    std::get<4>(*row),
                    std::get<5>(*row),
                    std::get<6>(*row),
                    std::move(std::get<7>(*row))};
    return SignedIn{
        std::move(session), std::move(person), {std::move(std::get<8>(*row)), std::move(std::get<9>(*row))}};
}

}  // namespace calyptenora::storage::persons
