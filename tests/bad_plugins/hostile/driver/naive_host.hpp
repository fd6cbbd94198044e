#pragma once

#include "bad_plugins/hostile/driver/place.hpp"
#include "worker/frames.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <set>

namespace calyptenora::hostile {

/// A host as one might write it in good faith: it runs plugins in a process that has everything, believes
/// every frame, and has all the time and memory in the world. Each attack must succeed here, or it proves
/// nothing. What an attack may cost the machine is bounded all the same, by limits and by its own source.
class NaiveHost final : public Place {
  public:
    /// `plugins` holds the built plugins by name. The plugins' process runs in the working directory, and in
    /// the process group of `group`.
    NaiveHost(std::filesystem::path plugins, pid_t group, std::string neighbour_settings);
    /// Ends everything that the attack has started.
    ~NaiveHost() override;

    bool start(const std::string& name, const std::string& settings, Purposes purposes) override;
    std::size_t begin(Plugin plugin, std::string document, std::chrono::milliseconds deadline) override;
    /// It has already told the plugin everything.
    void withdraw() override {}
    bool wait(std::size_t call) override;
    std::optional<std::string> answer(std::size_t call) override;
    void stop() override;
    std::set<pid_t> processes() const override;
    std::string log() override;
    std::string sent() override { return sent_; }

  private:
    struct Connection {
        int socket = -1;
        std::string in;
        bool is_created = false;
    };
    struct Call {
        std::uint64_t id = 0;
        std::chrono::milliseconds deadline{};
    };

    void launch(const std::string& name);
    static void send(Connection& to, const worker::HostFrame& frame);
    bool listen_until(const std::function<bool()>& condition, std::chrono::milliseconds time);
    void listen_once(int milliseconds);
    void take(Connection& from);
    void believe(Connection& from, const worker::RawFrame& raw);

    const std::filesystem::path plugins_;
    const pid_t group_;
    const std::string neighbour_settings_;
    const std::set<pid_t> spared_;
    pid_t said_to_be_ = 0;
    Connection attack_, neighbour_;
    int output_ = -1;
    std::vector<Call> calls_;
    std::map<std::uint64_t, std::string> answers_;
    std::string log_, sent_;
};

}  // namespace calyptenora::hostile
