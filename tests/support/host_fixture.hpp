#pragma once

#include "host/host.hpp"
#include "settings/manifest.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include <future>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace calyptenora::host {

/// Permits everything until told otherwise, and keeps a list of what it was asked.
class RecordingGuard final : public gate::EmissionGuard {
  public:
    struct Asked {
        std::string host, method, outcome;
        std::vector<std::size_t> records;
        bool released = false;
    };

    boost::asio::awaitable<Result<std::unique_ptr<gate::Emission>>> begin(
        const gate::CallScope&, gate::EmissionRequest request) override {
        const std::lock_guard lock(mutex_);
        if (denies)
            co_return Error(ErrorKind::denied, "the learner has withdrawn");
        asked_.push_back({request.host, request.method, "unknown", request.records});
        co_return std::make_unique<Recorded>(*this, asked_.size() - 1);
    }
    boost::asio::awaitable<Status> may_store(const gate::CallScope&) override {
        if (denies)
            co_return Error(ErrorKind::denied, "the learner has withdrawn");
        co_return Status();
    }

    std::vector<Asked> asked() const {
        const std::lock_guard lock(mutex_);
        return asked_;
    }
    std::atomic<bool> denies = false;

  private:
    class Recorded final : public gate::Emission {
      public:
        Recorded(RecordingGuard& guard, std::size_t index) : guard_(guard), index_(index) {}
        boost::asio::awaitable<void> release() override {
            const std::lock_guard lock(guard_.mutex_);
            guard_.asked_[index_].released = true;
            co_return;
        }
        boost::asio::awaitable<void> settle(std::string_view outcome) override {
            const std::lock_guard lock(guard_.mutex_);
            guard_.asked_[index_].released = true;
            guard_.asked_[index_].outcome = outcome;
            co_return;
        }

      private:
        RecordingGuard& guard_;
        std::size_t index_;
    };

    mutable std::mutex mutex_;
    std::vector<Asked> asked_;
};

class MemoryStore final : public StorePort {
  public:
    boost::asio::awaitable<Result<std::optional<std::string>>> get(StoreEntry entry) override {
        const std::lock_guard lock(mutex_);
        const auto found = values_.find(name(entry));
        co_return found == values_.end() ? std::nullopt : std::optional(found->second);
    }
    boost::asio::awaitable<Status> put(StoreEntry entry, std::string value) override {
        const std::lock_guard lock(mutex_);
        values_[name(entry)] = std::move(value);
        co_return Status();
    }
    boost::asio::awaitable<Status> erase(StoreEntry entry) override {
        const std::lock_guard lock(mutex_);
        values_.erase(name(entry));
        co_return Status();
    }

  private:
    static std::string name(const StoreEntry& entry) {
        return entry.instance.text() + "|" + entry.subject.text() + "|" + std::string(key_of(entry.purpose)) +
               "|" + entry.key;
    }
    std::mutex mutex_;
    std::map<std::string, std::string> values_;
};

/// For tests in which nothing is sent.
class NoEgress final : public EgressBroker {
  public:
    boost::asio::awaitable<Result<HttpResponse>> http(const EgressOrigin&, HttpRequest) override {
        co_return Error(ErrorKind::unsupported, "no egress in this test");
    }
    boost::asio::awaitable<Result<MailReceipt>> mail(const EgressOrigin&, MailRequest) override {
        co_return Error(ErrorKind::unsupported, "no egress in this test");
    }
};

/// The operator's log as a list.
class Log {
  public:
    LogSink sink() {
        return [this](LogLevel, const std::string& instance, const std::string& line) {
            const std::lock_guard lock(mutex_);
            lines_.push_back(instance + ": " + line);
        };
    }
    std::string text() const {
        const std::lock_guard lock(mutex_);
        std::string all;
        for (const auto& line : lines_)
            all += line + "\n";
        return all;
    }
    bool has(std::string_view part) const { return text().find(part) != std::string::npos; }
    void clear() {
        const std::lock_guard lock(mutex_);
        lines_.clear();
    }

  private:
    mutable std::mutex mutex_;
    std::vector<std::string> lines_;
};

/// For tests that run with plugins in both places.
inline std::string name_of_isolation(const testing::TestParamInfo<settings::Isolation>& info) {
    return std::string(settings::isolation_keys[static_cast<std::size_t>(info.param)]);
}

/// A host with two I/O threads and everything it stands on.
class HostFixture : public testing::Test {
  public:
    ~HostFixture() override {
        if (host_)
            run(host_->stop());
        host_.reset();
        work_.reset();
        for (auto& thread : threads_)
            thread.join();
        EXPECT_FALSE(log_.has("Sanitizer: ")) << "in a worker:\n" << log_.text();
    }

  protected:
    /// Makes the host over a folder of plugins.
    void open(const std::filesystem::path& plugins, ChannelLimits limits = {}, RestartRules restarts = {}) {
        if (host_)
            run(host_->stop());
        HostOptions options{
            {plugins}, {}, check_manifest, limits, CALYPTENORA_BINARY_DIR "/bin/calyptenora-worker",
            restarts};
        host_ = std::make_unique<Host>(io_.get_executor(), options,
                                       ServiceProviders{guard_, store_, egress(), log_.sink()});
    }
    virtual EgressBroker& egress() { return no_egress_; }
    boost::asio::any_io_executor executor() { return io_.get_executor(); }

    static Status check_manifest(std::string_view text, const PluginFiles& files) {
        const auto manifest = settings::parse_manifest(text, files.manifest.string());
        if (!manifest)
            return Error(ErrorKind::invalid_config, settings::to_text(manifest.problems));
        return {};
    }

    template <class T>
    T run(boost::asio::awaitable<T> work) {
        return boost::asio::co_spawn(boost::asio::make_strand(io_), std::move(work), boost::asio::use_future)
            .get();
    }
    template <class T>
    std::future<T> spawn(boost::asio::awaitable<T> work) {
        return boost::asio::co_spawn(boost::asio::make_strand(io_), std::move(work), boost::asio::use_future);
    }

    static settings::InstanceId id(std::string_view text) { return *settings::parse_instance_id(text); }
    InstancePlan plan(std::string_view text, std::string settings = "{}") const {
        InstancePlan plan{id(text), Wanted::on, std::move(settings), {}, {}, false, {purpose_}};
        plan.isolation = isolation();
        return plan;
    }
    /// Where the plugins of a test run.
    virtual settings::Isolation isolation() const { return settings::Isolation::worker; }
    gate::PluginCall make_call(std::string_view instance, std::string operation, std::string document,
                               std::chrono::milliseconds deadline = std::chrono::seconds(10)) const {
        gate::CallScope scope{storage::CallId::make(),
                              id(instance),
                              purpose_,
                              {{subject_, {}}},
                              host_ ? host_->cancellations() : 0};
        return gate::PluginCall{std::move(scope), std::move(operation), std::move(document), "", deadline};
    }
    Result<std::string> call(std::string_view instance, std::string operation, std::string document,
                             std::chrono::milliseconds deadline = std::chrono::seconds(10)) {
        return run(host_->call(make_call(instance, std::move(operation), std::move(document), deadline)));
    }
    /// What the call failed with; empty if it did not.
    std::string failure(std::string_view instance, std::string operation, std::string document,
                        std::chrono::milliseconds deadline = std::chrono::seconds(10)) {
        const auto answer = call(instance, std::move(operation), std::move(document), deadline);
        return answer ? "" : answer.error().message;
    }
    PluginState state(std::string_view instance) const { return host_->states().at(id(instance)); }

    storage::SubjectId subject_ = storage::SubjectId::make();
    Purpose purpose_ = static_cast<Purpose>(0);
    RecordingGuard guard_;
    MemoryStore store_;
    NoEgress no_egress_;
    Log log_;

  private:
    boost::asio::io_context io_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_ = make_work_guard(io_);
    std::vector<std::thread> threads_ = [this] {
        std::vector<std::thread> threads;
        for (int i = 0; i < 2; ++i)
            threads.emplace_back([this] { io_.run(); });
        return threads;
    }();

  protected:
    std::unique_ptr<Host> host_;
};

}  // namespace calyptenora::host
