#pragma once

#include "platform/export/shelf.hpp"
#include "storage/stores/copies.hpp"

#include <boost/asio/awaitable.hpp>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace calyptenora::platform {

/// A copy on its way to the person whom it is about.
struct FetchedCopy {
    storage::EncryptedFileReader reader;  ///< The plain ZIP.
    storage::Timestamp made_at;
};

/// Copies of people's data (Art. 15 and 20 GDPR) as requests ask for them: made from the platform's records
/// and from what the recipients answered, kept encrypted until they are fetched or run out. One that was
/// begun when the process ended is made from its beginning.
class Copies {
  public:
    /// How long a copy can be fetched.
    static constexpr std::chrono::days kept{7};

    /// `folder` belongs to this object, and is made for the owner alone. `issuer` is asked for each copy. All
    /// must outlive the object.
    Copies(std::filesystem::path folder, storage::Database& database, const storage::FieldCipher& cipher,
           const storage::Clock& clock, const web::Translations& texts, std::function<ExportIssuer()> issuer);

    /// Makes the request's copy with what the recipients of these steps have answered so far, in the place of
    /// the one before. Yields how many records. `not_found` if the person is erased, `temporary` after
    /// stop().
    boost::asio::awaitable<Result<long long>> make(const storage::SubjectRequest& request,
                                                   const std::vector<storage::RequestStep>& steps);
    /// Of the copy that is being made by this process, of a hundred.
    std::optional<int> percent(const storage::RequestId& request) const;

    /// For the person: `not_found` if there is none, it has run out or is somebody else's.
    boost::asio::awaitable<Result<FetchedCopy>> fetch(storage::LearnerId learner, storage::RequestId request);

    /// Removes what has run out, files and answers. Not while make() runs. Returns how many files.
    boost::asio::awaitable<Result<int>> sweep();

    /// Ends a make() that is under way.
    void stop() { stopping_ = true; }

  private:
    class Progress;
    boost::asio::awaitable<Result<ExportOrder>> make_order(const storage::SubjectRequest& request,
                                                           const std::vector<storage::RequestStep>& steps);
    RecipientAnswer judge(const storage::RequestStep& step,
                          const std::vector<storage::RecipientAnswerRecord>& answers,
                          web::Language language) const;
    Result<ExportShelf> open_shelf(const Exporter& exporter) const;

    std::filesystem::path folder_;
    storage::Database& database_;
    const storage::FieldCipher& cipher_;
    const storage::Clock& clock_;
    const web::Translations& texts_;
    std::function<ExportIssuer()> issuer_;
    std::atomic<bool> stopping_ = false;
    mutable std::mutex mutex_;
    std::map<std::string, int, std::less<>> percents_;  ///< By request; under the mutex.
};

}  // namespace calyptenora::platform
