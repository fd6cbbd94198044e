#include "platform/export/schema.hpp"

#include "platform/export/withheld.hpp"
#include "storage/inventory.hpp"
#include "storage/stores/subject_records.hpp"

#include <boost/describe/enumerators.hpp>
#include <boost/json/array.hpp>
#include <boost/mp11/algorithm.hpp>
#include <fmt/format.h>

namespace calyptenora::platform {
namespace {

using boost::json::array;
using boost::json::object;

constexpr std::string_view uuid = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$";
constexpr std::string_view moment = "^-?[0-9]{4,}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{6}Z$";

object text() {
    return {{"type", "string"}};
}

object text_like(std::string_view pattern) {
    return {{"type", "string"}, {"pattern", pattern}};
}

object or_null(object schema) {
    schema["type"] = array{schema.at("type"), "null"};
    return schema;
}

object list_of(object items) {
    return {{"type", "array"}, {"items", std::move(items)}};
}

/// An object with exactly these members.
object exactly(object properties) {
    array names;
    for (const auto& [name, schema] : properties)
        names.emplace_back(name);
    return {{"type", "object"},
            {"properties", std::move(properties)},
            {"required", std::move(names)},
            {"additionalProperties", false}};
}

std::string description_of(std::string_view table, std::string_view column) {
    for (const auto& entry : storage::inventory())
        if (entry.database == "data" && entry.table == table && entry.column == column)
            return fmt::format("{}; {}; kept: {}", entry.category, entry.export_, entry.retention);
    return {};
}

object schema_of(const storage::RecordSet& set, const storage::RecordField& field) {
    using storage::FieldForm;
    object schema;
    if (field.form == FieldForm::number)
        schema = {{"type", "integer"}};
    else if (field.form == FieldForm::moment)
        schema = text_like(moment);
    else if (field.form != FieldForm::document)
        schema = text();
    // What is sealed may have become unreadable. A document is any JSON.
    if (schema.contains("type") && (field.may_be_absent || field.is_sealed()))
        schema = or_null(std::move(schema));
    schema["description"] = description_of(set.table, field.column);
    return schema;
}

object schema_of(const storage::RecordSet& set) {
    object properties;
    for (const auto& field : set.fields)
        properties[field.name()] = schema_of(set, field);
    auto list = list_of(exactly(std::move(properties)));
    list["description"] = fmt::format("Table {}.", set.table);
    return list;
}

object recipient_schema() {
    array outcomes;
    for (const auto name : {"done", "pending", "partial", "retained", "manual"})
        outcomes.push_back(exactly({{name, {{"type", "object"}}}}));
    outcomes.push_back({{"type", "null"}});
    return exactly({{"instance", text()},
                    {"recipient", text()},
                    {"person", text_like(uuid)},
                    {"pseudonym", text()},
                    {"sent", {{"type", "integer"}, {"minimum", 0}}},
                    {"last_at", or_null(text_like(moment))},
                    {"status", {{"enum", {"answered", "unanswered", "not_asked"}}}},
                    {"reason", text()},
                    {"outcome", {{"oneOf", std::move(outcomes)}}}});
}

object withheld_schema() {
    array reasons;
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<Withheld>>(
        [&](auto reason) { reasons.emplace_back(reason.name); });
    return exactly({{"column", text()}, {"rows", text()}, {"reason", {{"enum", std::move(reasons)}}}});
}

}  // namespace

boost::json::object make_export_schema() {
    object records;
    for (const auto& set : storage::record_sets())
        records[set.name] = schema_of(set);
    auto schema =
        exactly({{"schema", {{"const", export_schema_id}}},
                 {"version", {{"const", export_version}}},
                 {"made_at", text_like(moment)},
                 {"learner", text_like(uuid)},
                 {"platform",
                  exactly({{"name", text()}, {"origin", text()}, {"controller", text()}, {"email", text()}})},
                 {"records", exactly(std::move(records))},
                 {"recipients", list_of(recipient_schema())},
                 {"withheld", list_of(withheld_schema())},
                 {"unreadable", list_of(text())}});
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema";
    schema["$id"] = export_schema_id;
    schema["title"] = "What a Calyptenora platform keeps about one learner";
    schema["description"] =
        "Each column says its data category, whether Art. 20 GDPR covers it (portable) or Art. 15 alone "
        "(access), and how long it is kept. Moments are UTC with microseconds. Amounts are in the currency's "
        "smallest unit. A text that begins with \"base64:\" stands for bytes (RFC 4648) that are no text, or "
        "that begin so themselves. The CSV files hold the same values; there, a value that is absent is an "
        "empty field, and a document is its JSON text.";
    return schema;
}

}  // namespace calyptenora::platform
