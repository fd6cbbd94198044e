#pragma once

#include "storage/database.hpp"
#include "storage/field_cipher.hpp"

#include <map>
#include <string>

/// A learner about whom every table holds something, in texts that try to break out of every format.
namespace calyptenora::test {

inline constexpr std::string_view hostile_name = "<script>alert(1)</script> \"Mia\" & 'Müller', =1+1";
inline constexpr std::string_view hostile_text =
    "<img src=x onerror=alert(1)>\r\n</td></table><script>alert(2)</script>\n\"quoted\", and; "
    "=HYPERLINK(\"x\")\t"
    "&lt; Grüße 🦉 {{name}} ]]> --> base64:";

/// Must be in no export.
inline constexpr std::string_view credential = "$argon2id$v=19$never-hand-this-out";

struct Person {
    storage::LearnerId id;
    /// Who the learner was before signing in.
    storage::SubjectId guest;
    std::string email;
    /// What was sealed: by `table.column id`.
    std::map<std::string, std::string> plain;
};

struct PersonOptions {
    std::string email = "mia@example.org";
    std::string language = "de";
    int events = 12;
    int disclosures = 10;  ///< Attempts, each with its outcome.
};

/// Writes it all through the stores.
Person make_person(storage::Database& database, const storage::FieldCipher& cipher, storage::Timestamp now,
                   const PersonOptions& options = {});

/// Every column of every row about the person, read without the export's own reader: JSON, each value as the
/// database's text or null, what is sealed as what was sealed.
std::string dump_person(storage::Database& database, const Person& person);

}  // namespace calyptenora::test
