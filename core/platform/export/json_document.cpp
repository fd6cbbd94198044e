#include "platform/export/json_document.hpp"

#include "platform/export/schema.hpp"
#include "platform/export/values.hpp"
#include "platform/export/withheld.hpp"

#include <calyptenora/json.hpp>

#include <boost/describe/enum_to_string.hpp>
#include <fmt/format.h>

namespace calyptenora::platform {
namespace {

/// `,"name":"text"`
void append_member(std::string& out, std::string_view name, const std::string& text) {
    out += fmt::format(R"(,"{}":)", name);
    write_json_text(out, portable_text(text));
}

}  // namespace

void JsonDocument::begin(const ExportIssuer& issuer, const storage::LearnerId& learner,
                         storage::Timestamp made_at) {
    auto out = fmt::format(R"({{"schema":"{}","version":{})", export_schema_id, export_version);
    append_member(out, "made_at", format_moment(made_at));
    append_member(out, "learner", learner.text());
    out += R"(,"platform":{)";
    std::string platform;
    append_member(platform, "name", issuer.platform);
    append_member(platform, "origin", issuer.origin);
    append_member(platform, "controller", issuer.controller);
    append_member(platform, "email", issuer.email);
    out.append(platform, 1).append(R"(},"records":{)");
    archive_.write(out);
}

void JsonDocument::begin_set(const storage::RecordSet& set) {
    archive_.write(fmt::format("{}\n\"{}\":[", std::exchange(is_first_set_, false) ? "" : ",", set.name));
    is_first_row_ = true;
}

void JsonDocument::write_row(const ExportRow& row) {
    std::string out = std::exchange(is_first_row_, false) ? "\n{" : ",\n{";
    const auto& fields = row.set().fields;
    const auto& values = row.reveal(gate::ForSubject{});
    for (std::size_t i = 0; i < fields.size(); ++i) {
        out += fmt::format("{}\"{}\":", i ? "," : "", fields[i].name());
        write_json_value(out, fields[i].form, values[i]);
    }
    archive_.write(out += "}");
}

void JsonDocument::end_set() {
    archive_.write("]");
}

void JsonDocument::end(const std::vector<ExportedRecipient>& recipients,
                       const std::vector<std::string>& unreadable) {
    archive_.write("},\n\"recipients\":[");
    for (bool first = true; const auto& recipient : recipients)
        archive_.write((std::exchange(first, false) ? "\n" : ",\n") + recipient.to_json());
    archive_.write("],\n\"withheld\":[");
    for (bool first = true; const auto& column : withheld_columns())
        archive_.write(fmt::format(R"({}{{"column":"{}.{}","rows":"{}","reason":"{}"}})",
                                   std::exchange(first, false) ? "\n" : ",\n", column.table, column.column,
                                   column.rows, boost::describe::enum_to_string(column.reason, "")));
    std::string out = "],\n\"unreadable\":";
    write_json(out, unreadable);
    archive_.write(out += "}\n");
}

}  // namespace calyptenora::platform
