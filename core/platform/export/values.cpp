#include "platform/export/values.hpp"

#include "storage/text.hpp"

#include <calyptenora/json.hpp>

#include <fmt/format.h>

namespace calyptenora::platform {
namespace {

constexpr std::string_view bytes_mark = "base64:";

bool is_json(const std::string& text) {
    boost::json::error_code failure;
    boost::json::monotonic_resource memory;
    (void)boost::json::parse(text, failure, &memory);
    return !failure;
}

}  // namespace

std::string format_moment(storage::Timestamp moment) {
    const auto day = std::chrono::floor<std::chrono::days>(moment);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(moment - day);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       time.hours().count(), time.minutes().count(), time.seconds().count(),
                       time.subseconds().count());
}

std::string portable_text(const std::string& bytes) {
    if (storage::validate_text(bytes) && !bytes.starts_with(bytes_mark))
        return bytes;
    return std::string(bytes_mark) + encode_base64(bytes);
}

std::optional<std::string> to_cell(const storage::FieldValue& value) {
    if (const auto* number = std::get_if<std::int64_t>(&value))
        return std::to_string(*number);
    if (const auto* moment = std::get_if<storage::Timestamp>(&value))
        return format_moment(*moment);
    const auto* text = std::get_if<std::string>(&value);
    return text ? std::optional(portable_text(*text)) : std::nullopt;
}

void write_json_value(std::string& out, storage::FieldForm form, const storage::FieldValue& value) {
    if (const auto* number = std::get_if<std::int64_t>(&value))
        write_json(out, *number);
    else if (const auto* moment = std::get_if<storage::Timestamp>(&value))
        write_json_text(out, format_moment(*moment));
    else if (const auto* text = std::get_if<std::string>(&value); !text)
        out += "null";
    else if (form == storage::FieldForm::document && is_json(*text))
        out += *text;
    else
        write_json_text(out, portable_text(*text));
}

}  // namespace calyptenora::platform
