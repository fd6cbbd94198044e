#pragma once

#include "settings/instance_id.hpp"
#include "storage/clock.hpp"
#include "storage/ids.hpp"

#include <calyptenora/result.hpp>
#include <calyptenora/vocabulary.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What the gate and the host expect of each other. The gate calls plugins through PluginPort; before the
/// first byte of a plugin's request leaves, the host asks EmissionGuard. Each side implements one; main.cpp
/// wires them.
namespace calyptenora::gate {

/// One record of a call: whose it is, and which categories were released into it.
struct ReleasedRecord {
    storage::SubjectId subject;
    CategoryMask categories;
    /// When the record came to be: for a queued event when it was queued, else when it was released. What a
    /// person has closed since does not leave, not even when they have opened it again (consent.md rule 6).
    std::optional<storage::Timestamp> since = {};
};

/// For what, for whom and with which data a plugin works during one call. Made by the gate only; the plugin
/// never sees it and cannot change it.
struct CallScope {
    storage::CallId call;
    settings::InstanceId instance;
    Purpose purpose;
    /// In the order of the request's records. Empty for a call without personal data (an inbound webhook, a
    /// statement).
    std::vector<ReleasedRecord> records;
    /// PluginPort::cancellations() from before the gate decided about the records. What has been cancelled
    /// since is not handed over any more.
    std::uint64_t decided_at = 0;
};

/// One call into a plugin, as bytes.
struct PluginCall {
    CallScope scope;
    std::string operation;
    std::string document;  ///< JSON; the gate wrote it.
    std::string secret;  ///< A JSON object of secret inputs, or empty. The host wipes it when the call ends.
    std::chrono::milliseconds deadline;
};

/// The way into plugins. Implemented by the host.
class PluginPort {
  public:
    virtual ~PluginPort() = default;

    /// Runs one operation and yields the plugin's answer, checked for size and UTF-8 and not yet for its
    /// contents. `temporary` when the plugin is not running, overloaded or past its deadline.
    virtual boost::asio::awaitable<Result<std::string>> call(PluginCall call) = 0;

    /// Ends every live call of the instance that holds data of this subject for this purpose: what has not
    /// left yet does not leave. Returns when the calls are dead.
    virtual boost::asio::awaitable<void> cancel(const storage::SubjectId& subject,
                                                const settings::InstanceId& instance, Purpose purpose) = 0;

    /// How many cancellations have begun, ever.
    virtual std::uint64_t cancellations() const = 0;
};

/// The permission to write the first byte of one request. While it is held, a withdrawal by any of its
/// subjects waits. Destroying it without `settle` counts as an outcome that nobody knows, and releases the
/// lease soon after. Outlived by the guard that gave it.
class Emission {
  public:
    virtual ~Emission() = default;

    /// Ask just before the first byte: withdrawals wait for a lease of limited time only. If it is false,
    /// nothing may be written any more.
    virtual bool is_in_time() const { return true; }

    /// The first byte has been written, or will never be: withdrawals no longer wait.
    virtual boost::asio::awaitable<void> release() = 0;

    /// Appends the outcome to the disclosure ledger: an HTTP status, an SMTP reply, or what failed. Releases
    /// if still held.
    virtual boost::asio::awaitable<void> settle(std::string_view outcome) = 0;
};

/// Where a request goes and what it carries.
struct EmissionRequest {
    /// Indexes into the scope's records; empty: all of them.
    std::vector<std::size_t> records;
    std::string host;    ///< The host that receives it, e.g. "lrs.example:443".
    std::string method;  ///< "POST", "SMTP", ...
    /// It is the person's own browser that will ask the third party (section 25 TDDDG).
    bool device = false;
};

/// Decides at the moment of sending. Implemented by the gate.
class EmissionGuard {
  public:
    virtual ~EmissionGuard() = default;

    /// Takes the lease of every subject concerned, decides again for each, and commits the disclosure as
    /// `attempted`. The caller then writes its first byte at once. Each redirect hop and each retry is an
    /// emission of its own. `denied` when any subject may no longer be spoken of to this instance for this
    /// purpose: nothing may be sent.
    virtual boost::asio::awaitable<Result<std::unique_ptr<Emission>>> begin(const CallScope& scope,
                                                                            EmissionRequest request) = 0;

    /// Whether the plugin may keep or read what it stored about the call's subject (which must be exactly
    /// one).
    virtual boost::asio::awaitable<Status> may_store(const CallScope& scope) = 0;
};

}  // namespace calyptenora::gate
