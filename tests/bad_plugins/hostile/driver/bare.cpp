// A worker without a sandbox: the twin in which every attack must succeed. It loads the very files that
// calyptenora-worker loads, speaks the same frames, and holds two plugins, as the host's own process would:
// the attack at descriptor 3 and its neighbour at 5.
//
//     hostile_bare ATTACK.so NEIGHBOUR.so
#include "worker/frames.hpp"

#include <calyptenora/plugin.h>

#include <dlfcn.h>
#include <poll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>

namespace {

using namespace calyptenora::worker;

class BarePlugin {
  public:
    explicit BarePlugin(int socket) : socket_(socket) {}

    int socket() const { return socket_; }
    bool load(const char* path) {
        void* const library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
        void* const symbol = library ? dlsym(library, "calyptenora_plugin") : nullptr;
        if (!symbol) {
            std::fprintf(stderr, "%s\n", dlerror());
            return false;
        }
        table_ = reinterpret_cast<const calyptenora_plugin_table* (*)()>(symbol)();
        send(Ready{});
        return true;
    }

    /// Reads what there is and does it; false when the host has ended the plugin or gone.
    bool step() {
        std::array<char, 65536> bytes;
        const auto count = read(socket_, bytes.data(), bytes.size());
        if (count <= 0)
            return false;
        in_.append({bytes.data(), static_cast<std::size_t>(count)});
        while (const auto raw = *in_.next())
            if (const auto frame = *parse_host_frame(*raw); !perform(frame))
                return false;
        return true;
    }

  private:
    static calyptenora_bytes borrow(const std::string& text) { return {text.data(), text.size()}; }

    bool perform(const HostFrame& frame) {
        if (const auto* create = std::get_if<Create>(&frame)) {
            self_ = table_->create(&host_, borrow(settings_ = create->settings));
            send(Created{self_ != nullptr});
        } else if (const auto* invoke = std::get_if<Invoke>(&frame)) {
            table_->invoke(self_, invoke->call, borrow(invoke->operation), borrow(invoke->document),
                           borrow(invoke->secret));
        } else if (std::holds_alternative<Destroy>(frame)) {
            table_->destroy(self_);
            return false;
        }
        return true;
    }

    void send(const WorkerFrame& frame) {
        std::string bytes;
        write_frame(bytes, frame);
        for (std::size_t done = 0; done < bytes.size();) {
            const auto count = write(socket_, bytes.data() + done, bytes.size() - done);
            if (count <= 0)
                return;
            done += static_cast<std::size_t>(count);
        }
    }

    int socket_;
    FrameBuffer in_;
    const calyptenora_plugin_table* table_ = nullptr;
    std::string settings_;
    void* self_ = nullptr;
    calyptenora_host host_{
        sizeof(calyptenora_host),
        CALYPTENORA_ABI_MAJOR,
        CALYPTENORA_ABI_MINOR,
        this,
        [](void* self, std::uint64_t call, std::uint64_t token, calyptenora_bytes service,
           calyptenora_bytes payload) {
            static_cast<BarePlugin*>(self)->send(Request{call, token, payload.size,
                                                         std::string(service.data, service.size),
                                                         std::string(payload.data, payload.size)});
        },
        [](void* self, std::uint64_t call, std::uint32_t status, calyptenora_bytes payload) {
            static_cast<BarePlugin*>(self)->send(
                Complete{call, status, payload.size, std::string(payload.data, payload.size)});
        }};
};

}  // namespace

int main(int, char** arguments) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    BarePlugin attack(3), neighbour(5);
    if (!neighbour.load(arguments[2]))
        return 1;
    // The neighbour is told its secret before the attack's first line of code.
    if (!neighbour.step() || !attack.load(arguments[1]))
        return 1;
    std::array<pollfd, 2> both{pollfd{attack.socket(), POLLIN, 0}, pollfd{neighbour.socket(), POLLIN, 0}};
    while (true) {
        if (poll(both.data(), both.size(), -1) <= 0)
            continue;
        if (both[1].revents && !neighbour.step())
            both[1].fd = -1;
        if (both[0].revents && !attack.step())
            break;
    }
    return 0;
}
