#pragma once

#include "bad_plugins/hostile/driver/stand_in.hpp"

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace calyptenora::hostile {

/// Everything that attacks aim at: secrets in the places where a host has them, a process that stands in for
/// the host, listeners for whatever gets out, a terminal. All of it belongs to this test and nothing else.
class World {
  public:
    /// Changes the working directory to `scratch()`, opens descriptors that children inherit, and sets the
    /// environment variable CALYPTENORA_CANARY. Once, before any thread exists.
    World();
    ~World();
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    /// Puts everything back that an attack may have changed, with a new stand-in.
    void reset(const std::filesystem::path& plugin_file);

    /// What the attack is told, as settings: the targets' addresses, but no secret.
    std::string settings() const;

    /// A text that can only be known to who has been at its place: "database", "key", "environment",
    /// "datum", "password", "spool", "host_name", "api_key", "learner".
    const std::string& secret(std::string_view place) const { return secrets_.find(place)->second; }
    /// What attacks are given to send out.
    const std::string& canary() const { return canary_; }

    /// @name What came of it
    /// @{
    /// All that was received: "tcp", "udp", "unix", "abstract", "datagram", "terminal".
    const std::string& received(std::string_view way);
    void forget_received() { received_.clear(); }
    std::filesystem::path left_behind() const { return scratch_ / "left_behind"; }
    std::filesystem::path database() const { return data_ / "database"; }
    std::filesystem::path master_key() const { return data_ / "master.key"; }
    const std::filesystem::path& plugin_file() const { return plugin_file_; }
    std::string database_content() const { return "SQLite format 3 " + secret("database"); }
    const std::filesystem::path& scratch() const { return scratch_; }
    pid_t stand_in() const { return stand_in_; }
    /// The stand-in's datum, as it lies in its memory now.
    std::string datum() const;
    /// How many SIGUSR1 the stand-in and this process got.
    int signals() const;
    std::uint16_t back_door() const { return back_door_; }
    std::uint16_t tcp_port() const { return tcp_port_; }
    int ipc_key() const { return ipc_key_; }
    std::string key_name() const { return "hostile-" + canary_; }
    std::string queue_name() const { return "/hostile-" + canary_; }
    /// @}

  private:
    void listen();
    void open_terminal();
    void start_stand_in();
    void end_stand_in();
    void remove_traces();

    const std::filesystem::path scratch_;
    const std::filesystem::path data_ = scratch_ / "data";
    const std::filesystem::path spool_ = scratch_ / "spool";
    std::map<std::string, std::string, std::less<>> secrets_;
    std::string canary_;
    std::filesystem::path plugin_file_;
    std::map<std::string, int, std::less<>> listeners_;
    std::map<std::string, std::string, std::less<>> received_;
    std::uint16_t tcp_port_ = 0, udp_port_ = 0, back_door_ = 0;
    int ipc_key_ = 0;
    int inherited_ = -1;
    StandInState* state_ = nullptr;
    pid_t stand_in_ = -1;
};

}  // namespace calyptenora::hostile
