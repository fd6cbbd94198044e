#include "storage/stores/learners.hpp"

#include "storage/row_batch.hpp"
#include "storage/stores/population.hpp"
#include "storage/stores/sessions.hpp"

#include <stdexcept>

namespace calyptenora::storage {

std::optional<Role> find_role(std::string_view key) {
    for (std::size_t i = 0; i < role_keys.size(); ++i)
        if (role_keys[i] == key)
            return static_cast<Role>(i);
    return std::nullopt;
}

Role SqlConversion<Role>::from(SqlValue&& value) {
    const auto role = find_role(value.text);
    if (!role)
        throw std::out_of_range("unknown role in the database: " + value.text);
    return *role;
}

namespace learners {
namespace {

using Row = std::tuple<LearnerId, Timestamp, LearnerState, Role, std::string, std::optional<Timestamp>,
                       std::optional<std::string>, std::string, std::optional<Timestamp>,
                       std::optional<std::string>, std::optional<Theme>, std::optional<TextSize>>;
/// The columns of a Row.
constexpr std::string_view columns =
    "select id, created_at, state, role, language, email_confirmed_at, guardian_needed_until, auth_instance, "
    "restricted_at, time_zone, theme, text_size from learners ";

std::string select(std::string_view which) {
    return std::string(columns).append(which);
}

Learner to_learner(Row&& row) {
    auto& [id, created_at, state, role, language, confirmed, guardian, auth_instance, restricted_at,
           time_zone, theme, text_size] = row;
    return {std::move(id),
            created_at,
            state,
            role,
            std::move(language),
            confirmed,
            std::move(guardian),
            std::move(auth_instance),
            restricted_at,
            {std::move(time_zone), theme, text_size}};
}

template <class>
struct Select;
template <class... Columns>
struct Select<std::tuple<Columns...>> {
    template <class... Args>
    static std::optional<Learner> one(Transaction& tx, const std::string& sql, const Args&... args) {
        auto row = tx.find<Columns...>(sql, args...);
        if (!row)
            return std::nullopt;
        return to_learner(std::move(*row));
    }
    template <class... Args>
    static std::vector<Learner> all(Transaction& tx, const std::string& sql, const Args&... args) {
        std::vector<Learner> learners;
        for (auto& row : tx.rows<Columns...>(sql, args...))
            learners.push_back(to_learner(std::move(row)));
        return learners;
    }
};

FieldAddress name_address(const LearnerId& id) {
    return {"learners", id.text(), "display_name_enc"};
}
FieldAddress email_address(const LearnerId& id) {
    return {"learners", id.text(), "email_enc"};
}
FieldAddress education_address(const LearnerId& id) {
    return {"learners", id.text(), "education_enc"};
}

constexpr std::string_view email_taken_sql = "select id from learners where email_lookup = :email_lookup";
bool is_taken_by_other(Transaction& tx, const std::string& lookup, const LearnerId& id) {
    const auto owner = tx.find<LearnerId>(email_taken_sql, lookup);
    return owner && std::get<0>(*owner) != id;
}

}  // namespace

constexpr std::string_view insert_sql =
    "insert into learners (id, created_at, state, role, language, display_name_enc, email_enc, email_lookup, "
    "email_confirmed_at, guardian_needed_until, auth_instance) values (:id, :created_at, :state, :role, "
    ":language, "
    ":display_name_enc, :email_enc, :email_lookup, :email_confirmed_at, :guardian_needed_until, "
    ":auth_instance)";
Status insert(Transaction& tx, const FieldCipher& cipher, const Learner& learner, const Contact& contact) {
    const auto name = cipher.encrypt(learner.id, name_address(learner.id), contact.display_name);
    const auto email = cipher.encrypt(learner.id, email_address(learner.id), contact.email);
    if (!name || !email)
        return (name ? email : name).error();
    const auto lookup = cipher.email_lookup_hash(normalise_email(contact.email));
    if (is_taken_by_other(tx, lookup, learner.id))
        return Error(ErrorKind::conflict, "this e-mail address has an account");
    subjects::insert(tx, learner.id, SubjectKind::learner, learner.created_at);
    tx.execute(insert_sql, learner.id, learner.created_at, learner.state, learner.role, learner.language,
               *name, *email, lookup, learner.email_confirmed_at, learner.guardian_needed_until,
               learner.auth_instance);
    return {};
}

Status insert_all(Transaction& tx, const FieldCipher& cipher, std::span<const NewLearner> people) {
    RowBatch subject_rows("subjects", "id, kind, created_at, last_seen_at");
    RowBatch rows("learners",
                  "id, created_at, state, role, language, display_name_enc, email_enc, email_lookup, "
                  "email_confirmed_at, guardian_needed_until, auth_instance, time_zone, theme, text_size, "
                  "education_enc");
    for (const auto& [learner, contact, education, last_seen_at] : people) {
        const auto name = cipher.encrypt(learner.id, name_address(learner.id), contact.display_name);
        const auto email = cipher.encrypt(learner.id, email_address(learner.id), contact.email);
        if (!name || !email)
            return (name ? email : name).error();
        std::optional<std::string> sealed;
        if (!education.empty()) {
            auto text = cipher.encrypt(learner.id, education_address(learner.id), education);
            if (!text)
                return text.error();
            sealed = std::move(*text);
        }
        subject_rows.add(learner.id, SubjectKind::learner, learner.created_at, last_seen_at);
        rows.add(learner.id, learner.created_at, learner.state, learner.role, learner.language, *name, *email,
                 cipher.email_lookup_hash(normalise_email(contact.email)), learner.email_confirmed_at,
                 learner.guardian_needed_until, learner.auth_instance, learner.presentation.time_zone,
                 learner.presentation.theme, learner.presentation.text_size, sealed);
    }
    subject_rows.write(tx);
    rows.write(tx);
    return {};
}

constexpr std::string_view count_sql = "select count(*) from learners where state <> 'erased'";
std::int64_t count(Transaction& tx) {
    return std::get<0>(*tx.find<std::int64_t>(count_sql));
}

std::optional<Learner> find(Transaction& tx, const LearnerId& id) {
    static const std::string sql = select("where id = :id");
    return Select<Row>::one(tx, sql, id);
}

std::optional<Learner> find_by_email(Transaction& tx, const FieldCipher& cipher, std::string_view email) {
    static const std::string sql = select("where email_lookup = :email_lookup");
    return Select<Row>::one(tx, sql, cipher.email_lookup_hash(normalise_email(email)));
}

constexpr std::string_view contact_sql = "select display_name_enc, email_enc from learners where id = :id";
Result<Contact> load_contact(Transaction& tx, const FieldCipher& cipher, const LearnerId& id) {
    auto row = tx.find<std::optional<std::string>, std::optional<std::string>>(contact_sql, id);
    return open_contact(
        cipher, id,
        row ? SealedContact{std::move(std::get<0>(*row)), std::move(std::get<1>(*row))} : SealedContact());
}

Result<Contact> open_contact(const FieldCipher& cipher, const LearnerId& id, const SealedContact& sealed) {
    if (!sealed.display_name || !sealed.email)
        return Error(ErrorKind::not_found, "there is no such learner");
    auto name = cipher.decrypt(id, name_address(id), *sealed.display_name);
    auto email = cipher.decrypt(id, email_address(id), *sealed.email);
    if (!name || !email)
        return (name ? email : name).error();
    return Contact{std::move(*name), std::move(*email)};
}

constexpr std::string_view update_contact_sql =
    "update learners set display_name_enc = :display_name_enc, email_enc = :email_enc, "
    "email_confirmed_at = case when email_lookup = :same_lookup then email_confirmed_at end, "
    "email_lookup = :email_lookup where id = :id and state <> 'erased'";
Status update_contact(Transaction& tx, const FieldCipher& cipher, const LearnerId& id,
                      const Contact& contact) {
    const auto name = cipher.encrypt(id, name_address(id), contact.display_name);
    const auto email = cipher.encrypt(id, email_address(id), contact.email);
    if (!name || !email)
        return (name ? email : name).error();
    const auto lookup = cipher.email_lookup_hash(normalise_email(contact.email));
    if (is_taken_by_other(tx, lookup, id))
        return Error(ErrorKind::conflict, "this e-mail address has an account");
    if (tx.execute(update_contact_sql, *name, *email, lookup, lookup, id) == 0)
        return Error(ErrorKind::not_found, "there is no such learner");
    return {};
}

constexpr std::string_view education_sql = "select education_enc from learners where id = :id";
Result<std::string> load_education(Transaction& tx, const FieldCipher& cipher, const LearnerId& id) {
    const auto row = tx.find<std::optional<std::string>>(education_sql, id);
    if (!row || !std::get<0>(*row))
        return std::string();
    return cipher.decrypt(id, education_address(id), *std::get<0>(*row));
}

constexpr std::string_view set_education_sql =
    "update learners set education_enc = :education_enc where id = :id and state <> 'erased'";
Status set_education(Transaction& tx, const FieldCipher& cipher, const LearnerId& id,
                     std::string_view education) {
    std::optional<std::string> sealed;
    if (!education.empty()) {
        auto text = cipher.encrypt(id, education_address(id), education);
        if (!text)
            return text.error();
        sealed = std::move(*text);
    }
    tx.execute(set_education_sql, sealed, id);
    return {};
}

constexpr std::string_view set_presentation_sql =
    "update learners set time_zone = :time_zone, theme = :theme, text_size = :text_size where id = :id and "
    "state <> 'erased'";
void set_presentation(Transaction& tx, const LearnerId& id, const Presentation& presentation) {
    tx.execute(set_presentation_sql, presentation.time_zone, presentation.theme, presentation.text_size, id);
}

constexpr std::string_view set_language_sql = "update learners set language = :language where id = :id";
void set_language(Transaction& tx, const LearnerId& id, std::string_view language) {
    tx.execute(set_language_sql, language, id);
}

constexpr std::string_view set_role_sql = "update learners set role = :role where id = :id";
void set_role(Transaction& tx, const LearnerId& id, Role role) {
    tx.execute(set_role_sql, role, id);
}

constexpr std::string_view restrict_sql =
    "update learners set state = 'restricted', restricted_at = coalesce(restricted_at, :now) where id = :id "
    "and state <> 'erased'";
bool restrict(Transaction& tx, const LearnerId& id, Timestamp now) {
    return tx.execute(restrict_sql, now, id) > 0;
}

constexpr std::string_view lift_restriction_sql =
    "update learners set state = 'active', restricted_at = null where id = :id and state <> 'erased'";
bool lift_restriction(Transaction& tx, const LearnerId& id) {
    return tx.execute(lift_restriction_sql, id) > 0;
}

constexpr std::string_view confirm_email_sql = "update learners set email_confirmed_at = :now where id = :id";
void confirm_email(Transaction& tx, const LearnerId& id, Timestamp now) {
    tx.execute(confirm_email_sql, now, id);
}

constexpr std::string_view guardian_sql =
    "update learners set guardian_needed_until = :year_month where id = :id";
void set_guardian_needed_until(Transaction& tx, const LearnerId& id,
                               const std::optional<std::string>& year_month) {
    tx.execute(guardian_sql, year_month, id);
}

std::vector<Learner> list_staff(Transaction& tx) {
    static const std::string sql = select("where role <> 'learner' order by id");
    return Select<Row>::all(tx, sql);
}

constexpr std::string_view any_but_staff_sql =
    "select id from learners where role = 'learner' and state <> 'erased' limit 1";
bool has_any_but_staff(Transaction& tx) {
    return tx.find<LearnerId>(any_but_staff_sql).has_value();
}

std::vector<Learner> list(Transaction& tx, const std::optional<LearnerId>& after, int limit) {
    static const std::string sql = select("where id > :after order by id limit :limit");
    return Select<Row>::all(tx, sql, after ? after->text() : "", limit);
}

}  // namespace learners
}  // namespace calyptenora::storage
