#pragma once

#include "platform/courses/catalogue.hpp"
#include "storage/clock.hpp"
#include "storage/database.hpp"
#include "storage/repeated_work.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

/// Finding courses: by words, and by what they are.
namespace calyptenora::platform {

/// What a visitor looks for. What is empty narrows nothing.
struct CourseQuery {
    std::string words{};
    std::string subject{};
    std::string language{};  ///< The first part of the course's: `en` finds `en-GB`.
    std::optional<Level> level{};
    std::optional<bool> is_free{};

    bool is_empty() const {
        return words.empty() && subject.empty() && language.empty() && !level && !is_free;
    }
};

class CatalogueSearch {
  public:
    using Log = std::function<void(const std::string& line)>;

    CatalogueSearch(storage::Database& database, const storage::Clock& clock, Log log)
        : database_(database), clock_(clock), log_(std::move(log)) {}

    /// Makes the index hold these courses; what it holds already, it keeps. Several processes may do this on
    /// one database, also with different courses: what none of them has had for `keeps_unused` goes.
    /// Blocking: not for an Asio thread.
    Status index(std::shared_ptr<const Catalogue> catalogue);
    static constexpr std::chrono::days keeps_unused{30};

    /// Says every day until stop() that the courses are still in use; the loop belongs to this object.
    void start(boost::asio::io_context& context);
    /// Blocks; not from a thread of the context.
    void stop() { loop_.stop(); }

    /// Courses of this catalogue, best first; without words all that fit, by title. A catalogue that is not
    /// indexed has no words.
    boost::asio::awaitable<Result<std::vector<const Course*>>> find(const Catalogue& catalogue,
                                                                    CourseQuery query) const;

  private:
    /// Of one catalogue; immutable.
    struct Indexed {
        std::shared_ptr<const Catalogue> catalogue;
        /// By the name of the document; one text may be that of two courses.
        std::multimap<std::string, const Course*> courses;
        std::vector<std::vector<std::string>> batches;  ///< The names.
    };
    std::shared_ptr<const Indexed> current() const {
        const std::lock_guard lock(mutex_);
        return current_;
    }
    Status write(storage::Transaction& tx, const Indexed& indexed,
                 const std::vector<std::string>& names) const;
    boost::asio::awaitable<void> refresh();

    storage::Database& database_;
    const storage::Clock& clock_;
    const Log log_;
    mutable std::mutex mutex_;
    std::shared_ptr<const Indexed> current_ = std::make_shared<const Indexed>();
    storage::RepeatedWork loop_;
};

}  // namespace calyptenora::platform
