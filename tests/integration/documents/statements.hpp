#pragma once

#include "web/translations.hpp"

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

/// What an output says, read from its bytes alone: from HTML by an HTML parser, from CSV, JSON, a header.
namespace calyptenora::documents::test {

/// What is said of one recipient and purpose, in terms that all outputs share: `data` (keys of the
/// vocabulary), and as far as an output says it `basis`, `country`, `address`, `retention`, `role`.
using Facts = std::map<std::string, std::string>;

/// By the recipient's name and the purpose's key.
using Statements = std::map<std::pair<std::string, std::string>, Facts>;

/// Turns words of one language back into keys. Throws std::runtime_error for words that mean nothing.
class Reader {
  public:
    Reader(const web::Translations& texts, web::Language language) : texts_(texts), language_(language) {}

    /// /privacy, or the third-party section of /privacy-notice.
    Statements read_page(const std::string& html) const;
    /// Whom /privacy shows as receiving data now: name and purpose.
    std::set<std::pair<std::string, std::string>> read_switched_on(const std::string& html) const;
    /// The rows of the notice's table of what lies on the device: name, kind, setter.
    std::set<std::vector<std::string>> read_device_table(const std::string& html) const;
    Statements read_record_csv(const std::string& csv) const;
    /// The same from the table of the page; its cells are compared with those of the CSV.
    std::vector<std::vector<std::string>> read_record_html(const std::string& html) const;
    Statements read_map(const std::string& json) const;
    /// What the drawing says in its description.
    Statements read_drawing(const std::string& svg) const;

  private:
    std::string key_of_words(const std::string& group, const std::string& words) const;
    std::set<std::string> keys_of_fields(const std::string& words) const;
    std::string basis_of(const std::string& words) const;
    std::string country_of(const std::string& words) const;

    const web::Translations& texts_;
    web::Language language_;
};

/// Rows of RFC 4180.
std::vector<std::vector<std::string>> read_csv(const std::string& csv);

/// The origins that a Content-Security-Policy admits in frames.
std::set<std::string> read_frame_origins(const std::string& policy);

/// The data categories that a document to a plugin holds, by the names of its fields.
std::set<std::string> read_document(const std::string& json);

/// Where two outputs contradict each other: other recipients, other purposes, or another fact that both
/// state.
std::vector<std::string> contradictions(const std::string& one, const Statements& a, const std::string& other,
                                        const Statements& b);

/// "user.name; user.contact.email", sorted.
std::string join_keys(const std::set<std::string>& keys);

}  // namespace calyptenora::documents::test
