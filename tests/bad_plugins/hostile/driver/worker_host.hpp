#pragma once

#include "bad_plugins/hostile/driver/place.hpp"
#include "support/host_fixture.hpp"

#include <atomic>
#include <filesystem>
#include <future>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

namespace calyptenora::hostile {

/// The real host with real workers. It lives through all attacks, and with it the attacks' neighbour and a
/// plugin that does honest work all the time, with which it is seen that it answers throughout.
class WorkerHost final : public Place {
  public:
    WorkerHost(const std::filesystem::path& plugins, std::string neighbour_settings);
    ~WorkerHost() override;

    bool start(const std::string& name, const std::string& settings, Purposes purposes) override;
    std::size_t begin(Plugin plugin, std::string document, std::chrono::milliseconds deadline) override;
    void withdraw() override;
    bool wait(std::size_t call) override;
    std::optional<std::string> answer(std::size_t call) override;
    void stop() override;
    std::set<pid_t> processes() const override { return processes_of(attack_); }
    std::string log() override;
    std::string sent() override { return egress_.sent(); }

    /// The processes of the plugins that are no attack.
    std::set<pid_t> innocent_processes() const;

    /// How the plugin that works all the time has fared since this was last asked.
    struct Service {
        int answered = 0;
        std::string failure;  ///< Empty if there was none.
        std::chrono::milliseconds slowest{};
    };
    Service service();

  private:
    class Egress final : public host::EgressBroker {
      public:
        boost::asio::awaitable<Result<HttpResponse>> http(const host::EgressOrigin&,
                                                          HttpRequest request) override;
        boost::asio::awaitable<Result<MailReceipt>> mail(const host::EgressOrigin&, MailRequest) override;
        std::string sent() const;

      private:
        mutable std::mutex mutex_;
        std::string sent_;
    };
    struct Call {
        std::future<Result<std::string>> outcome;
        std::chrono::milliseconds deadline{};
        std::optional<std::string> answer;
    };

    template <class T>
    std::future<T> spawn(boost::asio::awaitable<T> work);
    void apply(std::optional<host::InstancePlan> attack);
    gate::PluginCall make_call(const std::string& instance, Purpose purpose, std::string document,
                               std::chrono::milliseconds deadline) const;
    static std::set<pid_t> processes_of(std::string_view instance);
    void work(const std::stop_token& stop);

    const std::string neighbour_settings_;
    std::string attack_;
    std::vector<Call> calls_;
    std::mutex mutex_;
    std::string log_;
    Service service_;

    host::RecordingGuard guard_;
    host::MemoryStore store_;
    Egress egress_;
    storage::SubjectId subject_ = storage::SubjectId::make();
    boost::asio::io_context io_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> open_ = make_work_guard(io_);
    std::vector<std::jthread> threads_;
    std::unique_ptr<host::Host> host_;
    std::jthread worker_;
};

}  // namespace calyptenora::hostile
