#pragma once

#include "bad_plugins/hostile/driver/place.hpp"
#include "bad_plugins/hostile/driver/world.hpp"

#include <functional>
#include <string_view>
#include <vector>

/// How it is seen that an attack has succeeded: by what it has left behind, never by what it says of itself.
namespace calyptenora::hostile {

/// What one run of an attack has left, besides what the world shows.
struct Trace {
    Trace(World& all, Place& here) : world(all), place(here) {}

    World& world;
    Place& place;
    std::vector<std::size_t> calls;  ///< Of the attack, in order.
    std::optional<std::size_t> neighbours_open_call;
    bool came_up = false;
    bool kept_waiting = false;  ///< A caller waited on when its deadline had long passed.
    std::set<pid_t> processes;  ///< That held the attack before it was stopped, and may still.
    std::size_t memory_before = 0, descriptors_before = 0;  ///< Of this process.
    bool is_stopped = false;
};

struct Proof {
    std::string_view description;
    std::function<bool(const Trace&)> is_there;
    /// How long to wait for it where it should not come.
    std::chrono::milliseconds settle{50};
};

/// The answer of a call holds a secret that can be found in one place only.
Proof gave_back_secret(std::string_view place);
/// The answer of a call holds the canary that the attack was to fetch from somewhere.
Proof gave_back_canary();
/// The answer of a call holds this text, which only the attack's success can bring about.
Proof gave_back(std::string text);
/// The attack's answer holds the port that the test listens on.
Proof gave_back_port();
/// The canary arrived: "tcp", "udp", "unix", "abstract", "datagram", "terminal".
Proof received(std::string_view way);
/// The canary arrived so many times.
Proof received_often(std::string_view way, std::size_t times);
/// The canary still arrives after the plugin was stopped.
Proof received_after_stop();

Proof file_left_behind();
Proof core_file();
Proof database_changed();
Proof database_locked();
Proof master_key_shared();
Proof own_file_changed();
Proof port_open();
Proof vsock_taken();

Proof datum_changed();
Proof signal_arrived();
Proof host_slowed();
Proof host_idle();
Proof host_confined();
Proof host_limited();
Proof host_delayed();
Proof host_sacrificed();

Proof key_kept();
Proof memory_shared();
Proof message_posted();
Proof semaphore_raised();
Proof posix_message_posted();

/// The plugin beside the attack answers no more.
Proof neighbour_silenced();
/// A caller still waits two seconds after its deadline.
Proof caller_kept_waiting();
/// The attack goes on computing for seconds after its last call is over.
Proof time_stolen();
/// The attack's process is there a second after it was to end.
Proof process_remains();
/// Its process has a megabyte of locked memory.
Proof memory_locked();
/// The operator's log has got longer than a megabyte.
Proof log_flooded();
/// A line of the operator's log is the attack's invention.
Proof log_line_forged();
/// This process has got larger by so much.
Proof host_swollen(std::size_t mebibytes);
/// This process has at least eight descriptors more than before.
Proof descriptors_piled_up();
/// A call of the neighbour's was answered by the attack.
Proof answered_for_neighbour();
/// The first call's answer is something else than its own.
Proof first_answer_forged();
/// The second call was answered though nobody has answered it.
Proof second_answer_forged();
/// What the learner's first call brought was sent out.
Proof kept_data_sent();

/// What the two of them are compared with.
std::size_t memory_of_this_process();
std::size_t descriptors_of_this_process();

}  // namespace calyptenora::hostile
