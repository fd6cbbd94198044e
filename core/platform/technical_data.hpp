#pragma once

#include "gate/gate.hpp"
#include "storage/clock.hpp"
#include "storage/database.hpp"
#include "storage/stores/technical_data.hpp"

#include <calyptenora/result.hpp>

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What pages tell of the browsers that show them, for whoever runs the platform: how long which kinds of
/// pages take, which browsers there are, and how many devices come again. Each for a purpose of its own that
/// a person has consented to, decided anew when a report comes in. Page views are counted without anything
/// that says whose they were; only devices have a person, who can have them forgotten.
namespace calyptenora::platform {

/// The kind of device that a browser says it runs on. No more of the header is kept.
storage::DeviceKind kind_of_device(std::string_view user_agent);

/// From which value on the bucket counts in which this one is; and where it ends.
long long bucket_of(long long value);
long long end_of_bucket(long long bucket);
/// Slower than this is all the same.
inline constexpr long long slowest_bucket = 20'000;

/// The classes of widths of screens, as pages name them.
bool is_screen_class(std::string_view text);

/// Pages of staff and of an account's security tell nothing: those who see them often are few, and what is
/// counted of their pages would be counted of them.
bool is_page_counted(std::string_view page);

/// What one view of a page tells, as it came in.
struct PageReport {
    std::string page;  ///< The kind of page: the name of its template.
    std::string user_agent;
    std::map<storage::PageMetric, long long> timings = {};  ///< Milliseconds; of cls thousandths.
    std::string screen = {};                                ///< A class; empty: not told.
    std::string device = {};  ///< The identifier in the device's cookie; empty: none.
};

/// One line of what operators see: three quarters of the views were not slower than this.
struct PageFigure {
    std::string page;
    std::string kind;
    long long views = 0;
    std::map<storage::PageMetric, long long> at_most = {};  ///< Only of what enough views told.
};

struct BrowserFigure {
    storage::DeviceKind kind;
    std::string screen;
    long long views = 0;
};

struct DeviceFigure {
    std::string kind;
    long long devices = 0;
    std::optional<long long> returning;  ///< Nothing if they, or the others, are too few.
};

/// By what page views are put together.
enum class KindOf : unsigned char { form, browser, system };
BOOST_DESCRIBE_ENUM(KindOf, form, browser, system)

struct TechnicalFigures {
    storage::Timestamp from;  ///< The Monday of the first week.
    int smallest_group = 0;
    std::vector<PageFigure> pages;        ///< The slowest first.
    std::vector<BrowserFigure> browsers;  ///< The most frequent first.
    std::vector<DeviceFigure> devices;    ///< Likewise.
    /// How many groups there were of which nothing is told.
    long long small_pages = 0, small_browsers = 0, small_devices = 0;
};

/// What may be told of counts. Pure.
std::vector<PageFigure> make_page_figures(const std::vector<storage::TimingCount>& counts, KindOf by,
                                          int smallest_group, long long& small);

class TechnicalData {
  public:
    /// `smallest_group` yields what is in force.
    TechnicalData(storage::Database& database, gate::Gate& gate, std::function<int()> smallest_group)
        : database_(database), gate_(gate), smallest_group_(std::move(smallest_group)) {}

    /// Counts what this person has consented to of a report, and nothing else of it. `denied` if that is
    /// nothing.
    boost::asio::awaitable<Status> receive(storage::SubjectId subject, PageReport report,
                                           bool privacy_control);

    /// Of so many weeks, the current one included.
    boost::asio::awaitable<Result<TechnicalFigures>> list(int weeks, KindOf by) const;

  private:
    storage::Database& database_;
    gate::Gate& gate_;
    const std::function<int()> smallest_group_;
};

}  // namespace calyptenora::platform
