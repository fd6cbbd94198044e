#pragma once

#include "storage/transaction.hpp"

#include <calyptenora/vocabulary.hpp>

#include <boost/describe/enum.hpp>

#include <string>
#include <string_view>
#include <vector>

/// What pages told of the browsers that showed them: counts of page views that say nothing about whose they
/// were, and the devices of those who allowed that theirs is known again. Callers: platform, and gate, which
/// forgets devices.
namespace calyptenora::storage {

/// What of a page's loading and moving is measured, under the names of the Web Vitals.
enum class PageMetric : unsigned char {
    ttfb,  ///< Until the first byte had come.
    fcp,   ///< Until something was seen.
    lcp,   ///< Until the largest thing was seen.
    inp,   ///< Until the page answered what somebody did.
    cls,   ///< How much moved that should have stayed.
};
BOOST_DESCRIBE_ENUM(PageMetric, ttfb, fcp, lcp, inp, cls)

/// Few enough that many share each.
struct DeviceKind {
    std::string form;     ///< phone, tablet, computer or other.
    std::string browser;  ///< Its family, without version.
    std::string system;

    auto operator<=>(const DeviceKind&) const = default;
};

/// So many views of a page took from `bucket` on until before the next bucket.
struct TimingCount {
    std::string page;
    DeviceKind kind;
    PageMetric metric{};
    long long bucket = 0;
    long long views = 0;
};

struct BrowserCount {
    DeviceKind kind;
    std::string screen;
    long long views = 0;
};

struct DeviceCount {
    DeviceKind kind;
    long long devices = 0;
    long long returning = 0;  ///< Of those, seen on more than one day.
};

namespace technical_data {

/// One page view more. `week`: its Monday, 0 o'clock UTC.
void add_timing(Transaction& tx, Timestamp week, std::string_view page, const DeviceKind& kind,
                PageMetric metric, long long bucket);
void add_browser(Transaction& tx, Timestamp week, const DeviceKind& kind, std::string_view screen);
/// A device was there on this day. `identifier`: what its cookie holds; only a hash of it is kept.
void see_device(Transaction& tx, const SubjectId& subject, std::string_view identifier,
                const DeviceKind& kind, Timestamp day);
/// A consent was withdrawn: what was kept by it alone goes, also of the visits before signing in. Does
/// nothing for other flows than that of devices.
void forget_withdrawn(Transaction& tx, const SubjectId& subject, std::string_view instance, Purpose purpose);

/// Of this week and later, all weeks together.
std::vector<TimingCount> list_timings(Transaction& tx, Timestamp from_week);
std::vector<BrowserCount> list_browsers(Transaction& tx, Timestamp from_week);
/// Seen on this day or later, without those of people whose data are restricted (Art. 18 GDPR).
std::vector<DeviceCount> count_devices(Transaction& tx, Timestamp from_day);

/// Delete what is of a week, or was seen last on a day, before. Return how many rows.
long long sweep_timings(Transaction& tx, Timestamp before);
long long sweep_browsers(Transaction& tx, Timestamp before);
long long sweep_devices(Transaction& tx, Timestamp before);

}  // namespace technical_data
}  // namespace calyptenora::storage
