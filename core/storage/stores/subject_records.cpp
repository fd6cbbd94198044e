#include "storage/stores/subject_records.hpp"

#include "storage/stores/plugin_store.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace calyptenora::storage {
namespace {

constexpr std::string_view own = "learner = :subject";
constexpr std::string_view own_or_as_guest = "subject in (:persons)";

RecordField text(std::string_view column) {
    return {column, FieldForm::text, false};
}
RecordField number(std::string_view column) {
    return {column, FieldForm::number, false};
}
RecordField moment(std::string_view column) {
    return {column, FieldForm::moment, false};
}
RecordField document(std::string_view column) {
    return {column, FieldForm::document, false};
}
RecordField maybe(RecordField field) {
    field.may_be_absent = true;
    return field;
}

std::vector<RecordSet> make_record_sets() {
    return {
        {.name = "account",
         .table = "learners",
         .whose = "id = :subject",
         .fields = {text("id"), maybe(text("display_name_enc")), maybe(text("email_enc")), text("language"),
                    text("role"), text("state"), moment("created_at"), maybe(moment("email_confirmed_at")),
                    maybe(text("guardian_needed_until")), text("auth_instance"),
                    maybe(moment("restricted_at")), maybe(number("notice_seen")),
                    maybe(number("notice_mailed")), maybe(text("time_zone")), maybe(text("theme")),
                    maybe(text("text_size")), maybe(text("education_enc"))},
         .order = {"id"}},
        {.name = "persons",
         .table = "subjects",
         .whose = "id in (:persons)",
         .fields = {text("id"), text("kind"), moment("created_at"), moment("last_seen_at"),
                    maybe(moment("gpc_seen_at")), maybe(text("merged_into"))},
         .order = {"id"}},
        {.name = "sessions",
         .table = "sessions",
         .whose = own_or_as_guest,
         .fields = {text("id"), text("subject"), text("privilege"), moment("created_at"),
                    moment("last_seen_at"), moment("idle_expires_at"), moment("absolute_expires_at"),
                    maybe(moment("authenticated_at")), text("user_agent")},
         .order = {"id"}},
        {.name = "account_links",
         .table = "account_links",
         .whose = own,
         .fields = {text("id"), text("learner"), text("kind"), maybe(text("email_enc")), moment("created_at"),
                    moment("expires_at")},
         .order = {"created_at", "id"},
         .owner = "learner"},
        {.name = "account_events",
         .table = "account_events",
         .whose = own,
         .fields = {text("id"), text("learner"), text("kind"), moment("at"), text("user_agent")},
         .order = {"at", "id"}},
        {.name = "announcement_reads",
         .table = "announcement_reads",
         .whose = own,
         .fields = {text("learner"), text("announcement"), moment("read_at")},
         .order = {"announcement"}},
        {.name = "terms_acceptances",
         .table = "terms_acceptances",
         .whose = own,
         .fields = {text("learner"), number("version"), text("language"), moment("accepted_at")},
         .order = {"version"}},
        {.name = "mail_choices",
         .table = "mail_choices",
         .whose = own,
         .fields = {text("learner"), text("topic"), number("wanted")},
         .order = {"topic"}},
        {.name = "devices",
         .table = "devices",
         .whose = own_or_as_guest,
         .fields = {text("subject"), text("device"), text("form"), text("browser"), text("system"),
                    moment("first_seen"), moment("last_seen"), number("days")},
         .order = {"subject", "device"}},
        {.name = "enrolments",
         .table = "enrolments",
         .whose = own,
         .fields = {text("learner"), text("course"), moment("since"), text("state"), maybe(text("order_id"))},
         .order = {"course"}},
        {.name = "lesson_progress",
         .table = "lesson_progress",
         .whose = own,
         .fields = {text("learner"), text("course"), text("lesson"), text("state"), number("position"),
                    maybe(text("place")), moment("started_at"), moment("updated_at"),
                    maybe(moment("completed_at"))},
         .order = {"course", "lesson"}},
        {.name = "watch_time",
         .table = "watch_time",
         .whose = own,
         .fields = {text("learner"), text("course"), text("lesson"), text("media"), number("watched_seconds"),
                    number("furthest_second"), moment("updated_at")},
         .order = {"course", "lesson", "media"}},
        {.name = "study_clocks",
         .table = "study_clocks",
         .whose = own,
         .fields = {text("learner"), moment("since"), moment("counted_until"), maybe(text("course")),
                    maybe(text("lesson")), moment("opened_at"), number("reports")},
         .order = {"learner"}},
        {.name = "study_time",
         .table = "study_time",
         .whose = own,
         .fields = {text("learner"), text("course"), text("lesson"), number("seconds"), moment("updated_at")},
         .order = {"course", "lesson"}},
        {.name = "notes",
         .table = "notes",
         .whose = own,
         .fields = {text("id"), text("learner"), text("course"), text("lesson"), text("anchor"),
                    maybe(text("body_enc")), moment("created_at"), moment("updated_at")},
         .order = {"course", "lesson", "id"},
         .owner = "learner"},
        {.name = "orders",
         .table = "orders",
         .whose = own,
         .fields = {text("id"), text("learner"), text("course"), text("instance"), number("amount_minor"),
                    text("currency"), text("reference"), text("state"), number("captured_minor"),
                    moment("created_at"), moment("updated_at"), maybe(moment("due_at")),
                    maybe(document("instructions_enc"))},
         .order = {"created_at", "id"},
         .owner = "learner"},
        {.name = "declarations",
         .table = "declarations",
         .whose = own_or_as_guest,
         .fields = {text("id"), text("kind"), text("alias"), text("subject"), maybe(text("order_id")),
                    text("language"), maybe(document("details_enc")), moment("received_at")},
         .order = {"received_at", "id"},
         .owner = "subject"},
        {.name = "cases",
         .table = "cases",
         .whose = own,
         .fields = {text("id"), text("learner"), text("instance"), maybe(text("subject_line_enc")),
                    text("state"), text("alias"), moment("created_at"), moment("updated_at"),
                    maybe(moment("seen_at"))},
         .order = {"created_at", "id"},
         .owner = "learner"},
        {.name = "case_messages",
         .table = "case_messages",
         .whose = "case_id in (select id from cases where learner = :subject)",
         .fields = {text("id"), text("case_id"), text("author"), maybe(text("body_enc")),
                    maybe(text("external_id")), moment("at")},
         .order = {"case_id", "at", "id"},
         .page_size = 100},
        {.name = "consents",
         .table = "consents",
         .whose = own_or_as_guest,
         .fields = {text("subject"), text("instance"), text("purpose"), text("state"),
                    maybe(moment("shown_at")), text("record_id"), moment("changed_at"),
                    maybe(moment("expires_at")), text("policy_hash"), text("origin")},
         .order = {"subject", "instance", "purpose"}},
        {.name = "consent_history",
         .table = "consent_events",
         .whose = "pii_principal_id in (:persons)",
         .fields = {text("record_id"),      text("pii_principal_id"),
                    number("sequence"),     moment("event_time"),
                    text("event_type"),     text("event_state"),
                    text("entity_id"),      text("instance"),
                    text("purpose"),        text("recipient_third_parties"),
                    text("privacy_notice"), text("language"),
                    text("action"),         maybe(number("validity_duration")),
                    text("text_hash"),      text("choices_hash"),
                    text("manifest_hash"),  text("policy_hash"),
                    text("previous_hash"),  text("hash")},
         .order = {"pii_principal_id", "sequence"}},
        {.name = "consent_texts",
         .table = "consent_texts",
         .whose = "hash in (select text_hash from consent_events where pii_principal_id in (:persons))",
         .fields = {text("hash"), text("language"), text("body"), moment("first_shown_at")},
         .order = {"hash"},
         .page_size = 50},
        {.name = "objections",
         .table = "objections",
         .whose = own_or_as_guest,
         .fields = {text("subject"), text("instance"), text("purpose"), moment("objected_at"),
                    maybe(text("compelling_grounds")), maybe(moment("grounds_at"))},
         .order = {"subject", "instance", "purpose"}},
        {.name = "requests",
         .table = "requests",
         .whose = own_or_as_guest,
         .fields = {text("id"), text("subject"), text("kind"), text("status"), text("language"),
                    text("entered_by"), maybe(document("details_enc")), moment("received_at"),
                    moment("starts_at"), moment("due_at"), maybe(text("extension_reason")),
                    maybe(moment("settled_at"))},
         .order = {"received_at", "id"},
         .owner = "subject"},
        {.name = "request_steps",
         .table = "request_steps",
         .whose = "request in (select id from requests where subject in (:persons))",
         .fields = {text("request"), text("instance"), text("subject"), text("recipient"), text("status"),
                    number("attempts"), text("job"), text("outcome"), maybe(text("retained_until")),
                    moment("updated_at")},
         .order = {"request", "instance", "subject"}},
        {.name = "recipient_answers",
         .table = "recipient_answers",
         .whose = own_or_as_guest,
         .fields = {text("id"), text("request"), text("instance"), text("subject"),
                    maybe(document("answer_enc")), moment("answered_at")},
         .order = {"request", "id"},
         .owner = "subject",
         .page_size = 20},
        {.name = "copies",
         .table = "copies",
         .whose = own_or_as_guest,
         .fields = {text("request"), text("subject"), number("size"), moment("made_at"), moment("expires_at"),
                    maybe(moment("fetched_at"))},
         .order = {"request"}},
        {.name = "disclosures",
         .table = "disclosures",
         .whose = own_or_as_guest,
         .fields = {text("id"), text("subject"), number("sequence"), text("kind"), text("call_id"),
                    text("instance"), text("recipient"), text("purpose"), text("operation"),
                    text("categories"), text("host"), text("commitment"), text("outcome"), moment("at"),
                    text("previous_hash"), text("hash")},
         .order = {"subject", "sequence"}},
        {.name = "accesses",
         .table = "accesses",
         .whose = own_or_as_guest,
         .fields = {text("id"), text("subject"), number("sequence"), text("role"), text("part"),
                    text("reason"), moment("at"), text("previous_hash"), text("hash")},
         .order = {"subject", "sequence"}},
        {.name = "access_reviews",
         .table = "access_reviews",
         .whose = own_or_as_guest,
         .fields = {text("access"), text("subject"), moment("considered_at"), maybe(text("verdict")),
                    maybe(moment("reviewed_at"))},
         .order = {"access"}},
        {.name = "incidents",
         .table = "incident_people",
         .whose = own_or_as_guest,
         .fields = {text("incident"), text("subject"), text("title"), moment("aware_at"), number("records")},
         .order = {"incident", "subject"}},
        {.name = "legal_demands",
         .table = "legal_demands",
         .whose = own_or_as_guest,
         .fields = {text("id"),
                    text("subject"),
                    text("learner"),
                    text("authority"),
                    text("address"),
                    text("reference"),
                    text("ground"),
                    text("asked_categories"),
                    maybe(text("asked_from")),
                    maybe(text("asked_until")),
                    text("received_on"),
                    text("due_on"),
                    moment("entered_at"),
                    maybe(text("decision")),
                    text("decision_reason"),
                    text("granted_categories"),
                    maybe(text("granted_from")),
                    maybe(text("granted_until")),
                    maybe(moment("assessed_at")),
                    maybe(moment("released_at")),
                    maybe(text("call_id")),
                    text("digest"),
                    maybe(text("deferred_until")),
                    text("deferral_ground"),
                    maybe(moment("deferral_ended_at")),
                    text("deferral_end"),
                    maybe(moment("told_at"))},
         .order = {"entered_at", "id"}},
        {.name = "staff_events",
         .table = "staff_events",
         .whose = own,
         .fields = {text("id"), text("learner"), text("kind"), maybe(text("role")),
                    maybe(text("system_user")), text("on_day"), text("evidence"), moment("at")},
         .order = {"at", "id"}},
        {.name = "events",
         .table = "outbox",
         .whose = own_or_as_guest,
         .fields = {text("id"), text("instance"), text("operation"), text("purpose"), text("subject"),
                    maybe(document("payload_enc")), moment("created_at"), text("state"), number("attempts"),
                    moment("next_attempt_at"), text("last_error"), maybe(text("claimed_by")),
                    maybe(moment("claim_until")), maybe(moment("settled_at"))},
         .order = {"subject", "id"},
         .owner = "subject"},
        {.name = "plugin_store",
         .table = "plugin_store",
         .whose = own_or_as_guest,
         .fields = {text("instance"),
                    text("subject"),
                    text("key"),
                    text("purpose"),
                    {"value_enc", FieldForm::bytes, false},
                    moment("updated_at")},
         .order = {"subject", "instance", "key"},
         .owner = "subject",
         .page_size = 20},
        {.name = "inbound_events",
         .table = "inbound_events",
         .whose = own_or_as_guest,
         .fields = {text("id"), text("instance"), text("dedupe_key"), text("event_id"), text("object_ref"),
                    text("kind"), maybe(text("subject")), maybe(document("detail_enc")),
                    moment("received_at"), maybe(moment("handled_at"))},
         .order = {"subject", "id"},
         .owner = "subject"},
    };
}

std::string make_columns(const RecordSet& set) {
    std::string columns;
    for (const auto& field : set.fields)
        columns.append(columns.empty() ? "" : ", ").append(field.column);
    return columns;
}

/// `(a, b) > (:after_a, :after_b)`
std::string make_page_condition(const RecordSet& set) {
    return fmt::format("({}) > (:after_{})", fmt::join(set.order, ", "), fmt::join(set.order, ", :after_"));
}

SqlType column_type(const RecordField& field) {
    return field.form == FieldForm::number || field.form == FieldForm::moment ? SqlType::bigint
                                                                              : SqlType::text;
}

FieldValue to_field(const RecordField& field, SqlValue&& value) {
    if (value.is_null)
        return std::monostate();
    switch (field.form) {
        case FieldForm::number:
            return std::int64_t{value.number};
        case FieldForm::moment:
            return timestamp_of(value.number);
        default:
            return std::move(value.text);
    }
}

SqlValue to_parameter(const FieldValue& value) {
    if (const auto* number = std::get_if<std::int64_t>(&value))
        return SqlValue::of_number(*number);
    if (const auto* moment = std::get_if<Timestamp>(&value))
        return SqlValue::of_number(microseconds_of(*moment));
    return SqlValue::of_text(std::get<std::string>(value));
}

const std::string& text_of(const RecordSet& set, const RecordRow& row, std::string_view column) {
    return std::get<std::string>(row[set.index_of(column)]);
}

/// As the store that sealed it calls the row.
std::string sealed_row(const RecordSet& set, const RecordRow& row) {
    if (set.table == "plugin_store")
        return plugin_store::row_name(text_of(set, row, "instance"), text_of(set, row, "subject"),
                                      text_of(set, row, "key"));
    return text_of(set, row, "id");
}

bool holds_credential(const RecordSet& set, const RecordRow& row) {
    return set.table == "plugin_store" &&
           text_of(set, row, "purpose") == key_of(Purpose::essential_service_authentication);
}

}  // namespace

std::string_view RecordField::name() const {
    return is_sealed() ? column.substr(0, column.size() - std::string_view("_enc").size()) : column;
}

std::size_t RecordSet::index_of(std::string_view column) const {
    const auto found = std::ranges::find(fields, column, &RecordField::column);
    if (found == fields.end())
        throw std::out_of_range(fmt::format("{} has no field {}", name, column));
    return static_cast<std::size_t>(found - fields.begin());
}

const std::vector<RecordSet>& record_sets() {
    static const auto sets = make_record_sets();
    return sets;
}

constexpr std::string_view guests_sql = "select id from subjects where merged_into = :subject order by id";
SubjectRecords::SubjectRecords(Transaction& tx, const FieldCipher& cipher, SubjectId subject)
    : tx_(tx), cipher_(cipher), persons_{std::move(subject)} {
    for (auto& [guest] : tx_.rows<SubjectId>(guests_sql, persons_.front()))
        persons_.push_back(std::move(guest));
}

std::string SubjectRecords::whose(const RecordSet& set, std::vector<SqlValue>& parameters) const {
    constexpr std::string_view list = ":persons";
    std::string condition(set.whose);
    const auto at = condition.find(list);
    if (at == std::string::npos) {
        parameters.push_back(SqlValue::of_text(persons_.front().text()));
        return condition;
    }
    std::string names;
    for (std::size_t i = 0; i < persons_.size(); ++i) {
        names += fmt::format("{}:person{}", i ? ", " : "", i);
        parameters.push_back(SqlValue::of_text(persons_[i].text()));
    }
    return condition.replace(at, list.size(), names);
}

long long SubjectRecords::count(const RecordSet& set) {
    long long rows = 0;
    std::vector<SqlValue> parameters;
    const auto condition = whose(set, parameters);
    tx_.each_row(fmt::format("select count(*) from {} where {}", set.table, condition), parameters,
                 std::array{SqlType::bigint}, [&](std::span<SqlValue> row) { rows = row[0].number; });
    return rows;
}

std::vector<RecordRow> SubjectRecords::load_page(const RecordSet& set, const RecordRow* after) {
    std::vector<SqlValue> parameters;
    const auto condition = whose(set, parameters);
    auto sql = fmt::format("select {} from {} where ({})", make_columns(set), set.table, condition);
    if (after) {
        sql += " and " + make_page_condition(set);
        for (const auto column : set.order)
            parameters.push_back(to_parameter((*after)[set.index_of(column)]));
    }
    sql += fmt::format(" order by {} limit :limit", fmt::join(set.order, ", "));
    parameters.push_back(SqlValue::of_number(set.page_size));
    std::vector<SqlType> types;
    for (const auto& field : set.fields)
        types.push_back(column_type(field));

    std::vector<RecordRow> page;
    tx_.each_row(sql, parameters, types, [&](std::span<SqlValue> columns) {
        auto& row = page.emplace_back();
        for (std::size_t i = 0; i < columns.size(); ++i)
            row.push_back(to_field(set.fields[i], std::move(columns[i])));
    });
    return page;
}

void SubjectRecords::open(const RecordSet& set, RecordRow& row) const {
    for (std::size_t i = 0; i < set.fields.size(); ++i) {
        const auto* sealed = set.fields[i].is_sealed() ? std::get_if<std::string>(&row[i]) : nullptr;
        if (!sealed)
            continue;
        // What is settled or erased is an empty text.
        if (sealed->empty()) {
            row[i] = std::monostate();
            continue;
        }
        if (holds_credential(set, row)) {
            row[i] = Credential();
            continue;
        }
        const auto name = sealed_row(set, row);
        const FieldAddress address{set.table, name, set.fields[i].column};
        const auto* owner =
            set.owner.empty() ? nullptr : std::get_if<std::string>(&row[set.index_of(set.owner)]);
        auto opened = !set.owner.empty() && !owner
                          ? cipher_.decrypt_system(address, *sealed)
                          : cipher_.decrypt(owner ? SubjectId::from_database(*owner) : persons_.front(),
                                            address, *sealed);
        row[i] = opened ? FieldValue(std::move(*opened)) : FieldValue(Unreadable());
    }
}

Status SubjectRecords::each(const RecordSet& set, const std::function<Status(const RecordRow&)>& on_row) {
    std::vector<RecordRow> page;
    do {
        RecordRow last;
        if (!page.empty())
            last = std::move(page.back());
        page = load_page(set, last.empty() ? nullptr : &last);
        for (auto& row : page) {
            open(set, row);
            if (auto done = on_row(row); !done)
                return done;
        }
    } while (page.size() == static_cast<std::size_t>(set.page_size));
    return {};
}

}  // namespace calyptenora::storage
