#pragma once

#include "storage/clock.hpp"
#include "storage/database.hpp"
#include "storage/stores/terms.hpp"
#include "web/language.hpp"

#include <boost/asio/awaitable.hpp>

#include <atomic>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// The terms of use: what the operator's files say becomes a version, and whoever accepts one is recorded.
/// Silence accepts nothing: a version holds for those who have accepted it (section 305(2) BGB).
namespace calyptenora::platform {

/// In this folder of the operator's.
std::filesystem::path terms_file(const std::filesystem::path& policies, web::Language language);

class Terms {
  public:
    Terms(storage::Database& database, const storage::Clock& clock) : database_(database), clock_(clock) {}

    /// Whether what the files say becomes a version, unless it is the newest already.
    enum class Making : bool { no, yes };

    /// Reads the files; an empty path: there are no terms. An error names the file that cannot be used, and
    /// nothing has changed.
    boost::asio::awaitable<Status> apply(std::filesystem::path policies, Making making);

    /// What holds for who comes now, or nullptr. Takes no lock and asks no database.
    std::shared_ptr<const storage::TermsVersion> current() const { return current_.load(); }

    /// Newest first; what ended the terms is none.
    boost::asio::awaitable<Result<std::vector<storage::TermsVersion>>> list();
    /// What this learner accepted last.
    boost::asio::awaitable<Result<std::optional<storage::TermsAcceptance>>> acceptance(
        storage::LearnerId learner);
    /// `conflict` if this is not the version that holds now: it has to be read first.
    boost::asio::awaitable<Status> accept(storage::LearnerId learner, std::int64_t version,
                                          std::string language);

  private:
    storage::Database& database_;
    const storage::Clock& clock_;
    std::atomic<std::shared_ptr<const storage::TermsVersion>> current_;
};

}  // namespace calyptenora::platform
