#include "storage/stores/course_search.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace calyptenora::storage::course_search {
namespace {

/// Terms are quoted in what the databases parse; what could end the quotes is none.
const std::string& checked(const std::string& term) {
    const auto is_syntax = [](unsigned char c) {
        return c < 0x80 && !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z'));
    };
    if (term.empty() || std::ranges::any_of(term, is_syntax))
        throw DatabaseError(DatabaseError::Kind::input, "a search term has other characters than letters");
    return term;
}

/// For FTS5: the terms in their order.
std::string make_text(const std::vector<std::string>& terms) {
    std::string text;
    for (const auto& term : terms)
        text.append(checked(term)).push_back(' ');
    return text;
}

/// For PostgreSQL: each term with its positions, of which it keeps 255 for a term and none beyond 16383.
class Vector {
  public:
    Vector& append(const std::vector<std::string>& terms) {
        constexpr std::size_t most_positions = 255, last_position = 16'383;
        for (const auto& term : terms) {
            auto& positions = positions_[checked(term)];
            position_ = std::min(position_ + 1, last_position);
            if (positions.size() < most_positions && (positions.empty() || positions.back() != position_))
                positions.push_back(position_);
        }
        return *this;
    }
    std::string text() const {
        std::string text;
        for (const auto& [term, positions] : positions_)
            text += fmt::format("'{}':{} ", term, fmt::join(positions, ","));
        return text;
    }

  private:
    std::map<std::string, std::vector<std::size_t>> positions_;
    std::size_t position_ = 0;
};

std::string make_fts5_query(const std::vector<SearchWord>& words) {
    std::string query;
    for (const auto& word : words) {
        std::string forms;
        for (const auto& form : word.forms)
            forms += fmt::format("{}\"{}\"", forms.empty() ? "" : " OR ", checked(form));
        if (word.begins)
            forms += fmt::format("{}\"{}\" *", forms.empty() ? "" : " OR ", checked(*word.begins));
        query += fmt::format("{}({})", query.empty() ? "" : " AND ", forms);
    }
    return query;
}

std::string make_tsquery(const std::vector<SearchWord>& words) {
    std::string query;
    for (const auto& word : words) {
        std::string forms;
        for (const auto& form : word.forms)
            forms += fmt::format("{}'{}'", forms.empty() ? "" : " | ", checked(form));
        if (word.begins)
            forms += fmt::format("{}'{}':*", forms.empty() ? "" : " | ", checked(*word.begins));
        query += fmt::format("{}({})", query.empty() ? "" : " & ", forms);
    }
    return query;
}

constexpr std::string_view add_document_sql =
    "insert into course_documents (document, used_at) values (:document, :used_at) "
    "on conflict (document) do nothing";
constexpr std::string_view use_document_sql =
    "update course_documents set used_at = :used_at where document = :document and used_at < :used_before";

constexpr std::string_view add_fts5_sql =
    "insert into course_search (document, title, about, lessons, body) "
    "values (:document, :title, :about, :lessons, :body)";
/// Each column holds what the ones before it hold too, so that one condition asks for all of them.
constexpr std::string_view add_tsvector_sql =
    "insert into course_search (document, title, about, lessons, body) values (:document, "
    "cast(cast(:title as text) as tsvector), cast(cast(:about as text) as tsvector), "
    "cast(cast(:lessons as text) as tsvector), cast(cast(:body as text) as tsvector))";

constexpr std::string_view sweep_index_sql =
    "delete from course_search where document in "
    "(select document from course_documents where used_at < :used_before)";
constexpr std::string_view sweep_documents_sql = "delete from course_documents where used_at < :used_before";

constexpr std::string_view find_fts5_sql =
    "select document from course_search where course_search match :anywhere order by case "
    "when document in (select document from course_search where course_search match :title) then 0 "
    "when document in (select document from course_search where course_search match :about) then 1 "
    "when document in (select document from course_search where course_search match :lessons) then 2 "
    "else 3 end, bm25(course_search), document";
constexpr std::string_view find_tsvector_sql =
    "with asked as (select cast(cast(:words as text) as tsquery) as words) "
    "select document from course_search, asked where body @@ words order by case "
    "when title @@ words then 0 when about @@ words then 1 when lessons @@ words then 2 else 3 end, "
    "ts_rank(body, words) desc, document";

}  // namespace

// In one order, so that two processes wait for each other and never both.
std::vector<std::string> claim(Transaction& tx, std::vector<std::string> documents, Timestamp now) {
    std::ranges::sort(documents);
    std::vector<std::string> added;
    for (auto& document : documents) {
        if (tx.execute(add_document_sql, document, now) > 0)
            added.push_back(std::move(document));
        else
            tx.execute(use_document_sql, now, document, now);
    }
    return added;
}

void add(Transaction& tx, const CourseDocument& course) {
    if (tx.dialect() == Dialect::sqlite) {
        tx.execute(add_fts5_sql, course.document, make_text(course.title), make_text(course.about),
                   make_text(course.lessons), make_text(course.body));
        return;
    }
    Vector terms;
    const auto title = terms.append(course.title).text();
    const auto about = terms.append(course.about).text();
    const auto lessons = terms.append(course.lessons).text();
    const auto body = terms.append(course.body).text();
    tx.execute(add_tsvector_sql, course.document, title, about, lessons, body);
}

long long sweep(Transaction& tx, Timestamp used_before) {
    tx.execute(sweep_index_sql, used_before);
    return tx.execute(sweep_documents_sql, used_before);
}

std::vector<std::string> find(Transaction& tx, const std::vector<SearchWord>& words) {
    std::vector<std::string> documents;
    if (words.empty())
        return documents;
    const auto take = [&](std::string document) { documents.push_back(std::move(document)); };
    if (tx.dialect() == Dialect::sqlite) {
        const auto query = make_fts5_query(words);
        tx.each<std::string>(find_fts5_sql, take, query, "title : (" + query + ")",
                             "{title about} : (" + query + ")", "{title about lessons} : (" + query + ")");
    } else {
        tx.execute_script(prefer_search_index(tx.dialect()));
        tx.each<std::string>(find_tsvector_sql, take, make_tsquery(words));
    }
    return documents;
}

}  // namespace calyptenora::storage::course_search
