#pragma once

#include "storage/stores/subject_records.hpp"

#include <optional>
#include <string>

/// How the values of records are spelt in the files for machines; one spelling, which can be read back.
namespace calyptenora::platform {

/// UTC with all digits: `2026-11-25T12:00:00.000000Z`.
std::string format_moment(storage::Timestamp moment);

/// The text itself. What is no text (not UTF-8, or with NUL), and what begins with `base64:`, is `base64:`
/// and its bytes by RFC 4648.
std::string portable_text(const std::string& bytes);

/// A cell; nothing where there is no value to hand out.
std::optional<std::string> to_cell(const storage::FieldValue& value);

/// Appends JSON: `null` where there is no value to hand out, a document as itself if it is JSON.
void write_json_value(std::string& out, storage::FieldForm form, const storage::FieldValue& value);

}  // namespace calyptenora::platform
