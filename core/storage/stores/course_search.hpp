#pragma once

#include "storage/transaction.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The full-text index over courses: PostgreSQL's tsvector, SQLite's FTS5. Both hold terms that the platform
/// made (platform/search_terms.hpp) and make none themselves, so that they find the same. Caller: platform.
namespace calyptenora::storage {

/// One course in terms: words and stems, letters and digits only.
struct CourseDocument {
    std::string document;  ///< The hash of what it was made from.
    std::vector<std::string> title;
    std::vector<std::string> about;    ///< Subject and summary.
    std::vector<std::string> lessons;  ///< Their titles.
    std::vector<std::string> body;     ///< Their texts.
};

/// A word that must occur, in one of these forms.
struct SearchWord {
    std::vector<std::string> forms;     ///< At least one.
    std::optional<std::string> begins;  ///< Or as the beginning of a term.
};

namespace course_search {

/// Says that these documents are in use, and returns those that are not there yet; whoever got a document's
/// name adds it in the same transaction. Another process that has the same courses waits, and gets none.
std::vector<std::string> claim(Transaction& tx, std::vector<std::string> documents, Timestamp now);
void add(Transaction& tx, const CourseDocument& course);
/// Deletes what no process has had since. Returns how many documents went.
long long sweep(Transaction& tx, Timestamp used_before);

/// Documents in which every word occurs, best first: all words in the title, then in title, subject and
/// summary, then with the lessons' titles, then anywhere. None for no words. Throws `input` for a term that
/// is not letters and digits.
std::vector<std::string> find(Transaction& tx, const std::vector<SearchWord>& words);

}  // namespace course_search
}  // namespace calyptenora::storage
