#pragma once

#include "gate/ports.hpp"
#include "host/egress_broker.hpp"
#include "host/instance_plan.hpp"
#include "host/live_calls.hpp"
#include "host/store_port.hpp"

#include <calyptenora/host.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <mutex>
#include <string>

namespace calyptenora::host {

/// Where lines for the operator go: the instance's name, and one line, already redacted. Thread-safe.
using LogSink = std::function<void(LogLevel, const std::string& instance, const std::string& line)>;

/// What the services stand on. All must outlive the host.
struct ServiceProviders {
    gate::EmissionGuard& guard;
    StorePort& store;
    EgressBroker& egress;
    LogSink log;
};

/// How a request for a service ends: a status of the C interface and its document.
struct ServiceAnswer {
    std::uint32_t status = 0;
    std::string payload;
};

/// The services of one instance: "http", "mail", "store", "clock", "random", "log". Thread-safe.
class Services {
  public:
    Services(const InstancePlan& plan, ServiceProviders providers);

    /// Carries out anything but "log". Never throws but when it is cancelled.
    boost::asio::awaitable<ServiceAnswer> serve(std::shared_ptr<const LiveCall> call, std::string service,
                                                std::string payload);
    /// Writes a plugin's line, redacted and cut; past `lines_per_minute` they are counted instead.
    void log(const LiveCall& call, std::string_view payload);

    static constexpr int lines_per_minute = 300;

  private:
    boost::asio::awaitable<Result<std::string>> store(const LiveCall& call, std::string payload);

    const settings::InstanceId instance_;
    const std::vector<settings::HostPort> egress_;
    const bool mail_;
    ServiceProviders providers_;

    std::mutex log_mutex_;
    std::chrono::steady_clock::time_point minute_{};
    int lines_ = 0, dropped_ = 0;
};

}  // namespace calyptenora::host
