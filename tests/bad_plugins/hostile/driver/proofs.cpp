#include "bad_plugins/hostile/driver/proofs.hpp"

#include "bad_plugins/hostile/driver/descendants.hpp"

#include <fcntl.h>
#include <linux/keyctl.h>
#include <linux/vm_sockets.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <thread>

namespace calyptenora::hostile {

namespace fs = std::filesystem;

namespace {

// From linux/ioprio.h, whose newest names a variable `class`: it cannot be read as C++.
constexpr int ioprio_who_process = 1, ioprio_class_shift = 13, ioprio_class_idle = 3;

std::string content(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

std::chrono::milliseconds processor_time(const std::set<pid_t>& processes) {
    std::chrono::milliseconds sum{};
    for (const auto process : processes)
        sum += hostile::processor_time(process);
    return sum;
}

std::size_t count(std::string_view text, std::string_view part) {
    std::size_t times = 0;
    for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1))
        ++times;
    return times;
}

/// The bytes that follow `"loot":"` in an answer, in hexadecimal.
std::string loot_in(std::string_view answer) {
    constexpr std::string_view mark = R"("loot":")";
    const auto begin = answer.find(mark);
    if (begin == std::string_view::npos)
        return {};
    std::string loot;
    const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
    for (auto rest = answer.substr(begin + mark.size());
         rest.size() >= 2 && std::isxdigit(rest[0]) && std::isxdigit(rest[1]); rest.remove_prefix(2))
        loot += static_cast<char>(digit(rest[0]) * 16 + digit(rest[1]));
    return loot;
}

std::string loot(const Trace& trace) {
    std::string all;
    for (const auto call : trace.calls)
        if (const auto answer = trace.place.answer(call))
            all += loot_in(*answer) + "\n";
    return all;
}

std::string canary(const Trace& trace) {
    return trace.world.canary();
}

}  // namespace

Proof gave_back_secret(std::string_view place) {
    return {"gives back a secret",
            [place](const Trace& trace) { return contains(loot(trace), trace.world.secret(place)); }};
}

Proof gave_back_canary() {
    return {"gives back the canary", [](const Trace& trace) { return contains(loot(trace), canary(trace)); }};
}

Proof gave_back(std::string text) {
    return {"gives back what it could only get by success",
            [text = std::move(text)](const Trace& trace) { return contains(loot(trace), text); }};
}

Proof gave_back_port() {
    return {"gives back the open port",
            [](const Trace& trace) { return contains(loot(trace), std::to_string(trace.world.tcp_port())); }};
}

Proof received(std::string_view way) {
    return {"the canary is received",
            [way](const Trace& trace) { return contains(trace.world.received(way), canary(trace)); }};
}

Proof received_often(std::string_view way, std::size_t times) {
    return {"the canary is received from many",
            [=](const Trace& trace) { return count(trace.world.received(way), canary(trace)) >= times; }};
}

Proof received_after_stop() {
    return {"the canary is received after the end", [](const Trace& trace) {
                if (!trace.is_stopped)
                    return false;
                trace.world.received("udp");
                trace.world.forget_received();
                std::this_thread::sleep_for(std::chrono::milliseconds(300));
                return contains(trace.world.received("udp"), canary(trace));
            }};
}

Proof file_left_behind() {
    return {"a file is there", [](const Trace& trace) { return fs::exists(trace.world.left_behind()); }};
}

Proof core_file() {
    return {"a core file holds the canary", [](const Trace& trace) {
                return std::ranges::any_of(fs::directory_iterator(trace.world.scratch()),
                                           [&](const auto& entry) {
                                               return entry.path().filename().string().starts_with("core") &&
                                                      contains(content(entry.path()), canary(trace));
                                           });
            }};
}

Proof database_changed() {
    return {"the database differs", [](const Trace& trace) {
                return content(trace.world.database()) != trace.world.database_content();
            }};
}

Proof database_locked() {
    return {"the database is locked", [](const Trace& trace) {
                const int fd = open(trace.world.database().c_str(), O_RDONLY | O_CLOEXEC);
                const bool locked = flock(fd, LOCK_SH | LOCK_NB) != 0;
                close(fd);
                return locked;
            }};
}

Proof master_key_shared() {
    return {"the master key can be read by all, or under another name", [](const Trace& trace) {
                struct stat key{};
                return stat(trace.world.master_key().c_str(), &key) == 0 &&
                       ((key.st_mode & 0777) != 0600 || key.st_nlink != 1);
            }};
}

Proof own_file_changed() {
    return {"the plugin's file is another one",
            [](const Trace& trace) { return content(trace.world.plugin_file()).starts_with("#!/bin/sh"); }};
}

Proof port_open() {
    return {"its port takes a connection", [](const Trace& trace) {
                sockaddr_in address{};
                address.sin_family = AF_INET;
                address.sin_port = htons(trace.world.back_door());
                address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
                const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
                const bool open =
                    connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
                close(fd);
                return open;
            }};
}

Proof vsock_taken() {
    return {"the port is occupied", [](const Trace& trace) {
                sockaddr_vm address{};
                address.svm_family = AF_VSOCK;
                address.svm_cid = VMADDR_CID_ANY;
                address.svm_port = trace.world.back_door();
                const int fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);
                const bool taken =
                    bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
                    errno == EADDRINUSE;
                close(fd);
                return taken;
            }};
}

Proof datum_changed() {
    return {"a byte of the host's memory differs",
            [](const Trace& trace) { return trace.world.datum() != trace.world.secret("datum"); }};
}

Proof signal_arrived() {
    return {"the host gets a signal", [](const Trace& trace) { return trace.world.signals() > 0; }};
}

Proof host_slowed() {
    return {"the host's priority is the lowest",
            [](const Trace& trace) { return getpriority(PRIO_PROCESS, id_t(trace.world.stand_in())) == 19; }};
}

Proof host_idle() {
    return {"the host is of the idle class",
            [](const Trace& trace) { return sched_getscheduler(trace.world.stand_in()) == SCHED_IDLE; }};
}

Proof host_confined() {
    return {"the host has one processor", [](const Trace& trace) {
                cpu_set_t processors, own;
                return sched_getaffinity(0, sizeof own, &own) == 0 && CPU_COUNT(&own) > 1 &&
                       sched_getaffinity(trace.world.stand_in(), sizeof processors, &processors) == 0 &&
                       CPU_COUNT(&processors) == 1;
            }};
}

Proof host_limited() {
    return {"the host may open 23 files", [](const Trace& trace) {
                return contains(content("/proc/" + std::to_string(trace.world.stand_in()) + "/limits"),
                                "Max open files            23 ");
            }};
}

Proof host_delayed() {
    return {"the host's disc class is idle", [](const Trace& trace) {
                return syscall(SYS_ioprio_get, ioprio_who_process, trace.world.stand_in()) >>
                           ioprio_class_shift ==
                       ioprio_class_idle;
            }};
}

Proof host_sacrificed() {
    return {"the host is to die first", [](const Trace& trace) {
                return content("/proc/" + std::to_string(trace.world.stand_in()) + "/oom_score_adj") ==
                       "987\n";
            }};
}

Proof key_kept() {
    return {"the key is in the keyring", [](const Trace& trace) {
                return syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_USER_KEYRING, "user",
                               trace.world.key_name().c_str(), 0) > 0;
            }};
}

Proof memory_shared() {
    return {"the canary is in shared memory", [](const Trace& trace) {
                const int segment = shmget(trace.world.ipc_key(), 0, 0);
                const void* const bytes = shmat(segment, nullptr, SHM_RDONLY);
                if (bytes == reinterpret_cast<const void*>(-1))
                    return false;
                const bool found = canary(trace) == static_cast<const char*>(bytes);
                shmdt(bytes);
                return found;
            }};
}

Proof message_posted() {
    return {"the canary is in a message queue", [](const Trace& trace) {
                struct {
                    long type;
                    char text[64];
                } message{};
                return msgrcv(msgget(trace.world.ipc_key(), 0), &message, sizeof message.text, 0,
                              IPC_NOWAIT) > 0 &&
                       canary(trace) == message.text;
            }};
}

Proof semaphore_raised() {
    return {"the semaphore counts 4711", [](const Trace& trace) {
                return semctl(semget(trace.world.ipc_key(), 0, 0), 0, GETVAL) == 4711;
            }};
}

Proof posix_message_posted() {
    return {"the canary is in a message queue", [](const Trace& trace) {
                const mqd_t queue = mq_open(trace.world.queue_name().c_str(), O_RDONLY | O_NONBLOCK);
                char message[64];
                const auto size = mq_receive(queue, message, sizeof message, nullptr);
                mq_close(queue);
                return size > 0 && std::string_view(message, static_cast<std::size_t>(size)) == canary(trace);
            }};
}

Proof neighbour_silenced() {
    return {"its neighbour is silenced", [](const Trace& trace) {
                const auto asked = trace.place.begin(Plugin::neighbour, "{}", std::chrono::seconds(2));
                trace.place.wait(asked);
                return !trace.place.answer(asked);
            }};
}

Proof caller_kept_waiting() {
    return {"a caller waits on", [](const Trace& trace) { return trace.kept_waiting; }};
}

Proof time_stolen() {
    return {"it computes on and on", [](const Trace& trace) {
                if (trace.is_stopped)
                    return false;
                // On a busy machine its share may be small; what counts is that it always takes some.
                for (int i = 0; i < 5; ++i) {
                    const auto before = processor_time(trace.processes);
                    std::this_thread::sleep_for(std::chrono::milliseconds(500));
                    if (processor_time(trace.processes) <= before)
                        return false;
                }
                return true;
            }};
}

Proof process_remains() {
    return {"its process remains", [](const Trace& trace) {
                if (!trace.is_stopped)
                    return false;
                std::this_thread::sleep_for(std::chrono::seconds(1));
                return std::ranges::any_of(trace.processes, is_alive);
            }};
}

Proof memory_locked() {
    return {"its memory is locked", [](const Trace& trace) {
                return std::ranges::any_of(trace.processes, [](pid_t process) {
                    const auto status = content("/proc/" + std::to_string(process) + "/status");
                    const auto line = status.find("VmLck:");
                    return line != std::string::npos && std::stol(status.substr(line + 6)) >= 1024;
                });
            }};
}

Proof log_flooded() {
    return {"the log is flooded", [](const Trace& trace) { return trace.place.log().size() > (1 << 20); }};
}

Proof log_line_forged() {
    return {"the log has a line of its invention", [](const Trace& trace) {
                return contains(trace.place.log(), "\x1b[2K\r[info] host: all plugins are well");
            }};
}

Proof host_swollen(std::size_t mebibytes) {
    return {"the host is swollen", [mebibytes](const Trace& trace) {
                return memory_of_this_process() > trace.memory_before + (mebibytes << 20);
            }};
}

Proof descriptors_piled_up() {
    return {"the host's descriptors pile up",
            [](const Trace& trace) { return descriptors_of_this_process() >= trace.descriptors_before + 8; }};
}

Proof answered_for_neighbour() {
    return {"its neighbour's call has its answer", [](const Trace& trace) {
                const auto answer = trace.place.answer(trace.neighbours_open_call.value());
                return answer && contains(loot_in(*answer), "forged");
            }};
}

Proof first_answer_forged() {
    return {"a call has the answer of another one", [](const Trace& trace) {
                const auto answer = trace.place.answer(trace.calls.at(0));
                return answer && answer->size() > 0 &&
                       (contains(loot_in(*answer), "late") ||
                        contains(loot_in(*answer), trace.world.secret("learner")));
            }};
}

Proof second_answer_forged() {
    return {"a call has an answer before it is made", [](const Trace& trace) {
                const auto answer = trace.place.answer(trace.calls.at(1));
                return answer && contains(loot_in(*answer), "forged");
            }};
}

Proof kept_data_sent() {
    return {"the data are sent out",
            [](const Trace& trace) { return contains(trace.place.sent(), trace.world.secret("learner")); }};
}

std::size_t memory_of_this_process() {
    std::ifstream file("/proc/self/statm");
    std::size_t size = 0, resident = 0;
    file >> size >> resident;
    return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

std::size_t descriptors_of_this_process() {
    return static_cast<std::size_t>(std::ranges::distance(fs::directory_iterator("/proc/self/fd")));
}

}  // namespace calyptenora::hostile
