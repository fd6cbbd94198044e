#pragma once

#include "gate/personal.hpp"
#include "platform/courses/catalogue.hpp"
#include "storage/clock.hpp"
#include "storage/database.hpp"
#include "storage/field_cipher.hpp"
#include "storage/stores/notes.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>
#include <vector>

/// Notes and bookmarks that learners keep for themselves; nobody else reads them.
namespace calyptenora::platform {

using NoteText = gate::Personal<Category::user_content_message, std::string>;

struct NoteView {
    storage::Note row;  ///< Without its words.
    NoteText text;
    bool is_bookmark = false;
};

class Notes {
  public:
    Notes(storage::Database& database, const storage::FieldCipher& cipher, const storage::Clock& clock,
          const CatalogueHolder& catalogue)
        : database_(database), cipher_(cipher), clock_(clock), catalogue_(catalogue) {}

    /// Keeps a note at a heading (one of the lesson's table of contents), or at the whole lesson. Without
    /// words it is a bookmark: white space at the ends is left out. The same twice is one. `denied` without
    /// an enrolment, or with `most_notes` already; `invalid_input` for a heading that the lesson lacks, and
    /// for words that are longer than `longest_note` bytes.
    boost::asio::awaitable<Status> keep(storage::LearnerId learner, std::string course, std::string lesson,
                                        std::string anchor, std::string words);
    /// `not_found` also for somebody else's, here and below.
    boost::asio::awaitable<Status> change(storage::LearnerId learner, storage::NoteId id, std::string words);
    boost::asio::awaitable<Status> remove(storage::LearnerId learner, storage::NoteId id);

    /// Those in which every word of `query` occurs, in any form; all for no words.
    boost::asio::awaitable<Result<std::vector<NoteView>>> find(storage::LearnerId learner, std::string query);

    /// Enough for the 5,000 characters that the forms allow.
    static constexpr std::size_t longest_note = 20'000;
    static constexpr std::int64_t most_notes = 5'000;

  private:
    storage::Database& database_;
    const storage::FieldCipher& cipher_;
    const storage::Clock& clock_;
    const CatalogueHolder& catalogue_;
};

}  // namespace calyptenora::platform
