#include "worker/plugin_loop.hpp"

#include <exception>

namespace calyptenora::worker {
namespace {

constexpr std::size_t most_thrown_bytes = 4096;

calyptenora_bytes borrow(const std::string& text) {
    return {text.data(), text.size()};
}

std::string copy(calyptenora_bytes bytes, std::uint64_t most) {
    return bytes.data && bytes.size <= most ? std::string(bytes.data, bytes.size) : std::string();
}

std::uint64_t size_of(calyptenora_bytes bytes) {
    return bytes.data ? bytes.size : 0;
}

}  // namespace

// Nothing may be thrown into the plugin: where there is no memory for a frame the process ends, and the host
// sees it.
PluginLoop::PluginLoop(Wire& wire, const calyptenora_plugin_table& table, const Load& limits)
    : wire_(wire),
      table_(table),
      answer_bytes_(limits.answer_bytes),
      request_bytes_(limits.request_bytes),
      host_{sizeof(calyptenora_host),
            CALYPTENORA_ABI_MAJOR,
            CALYPTENORA_ABI_MINOR,
            this,
            [](void* context, std::uint64_t call, std::uint64_t token, calyptenora_bytes service,
               calyptenora_bytes payload) noexcept {
                auto& self = *static_cast<PluginLoop*>(context);
                self.has_spoken_ = true;
                self.wire_.put(Request{call, token, size_of(payload),
                                       copy({service.data, std::min<std::size_t>(service.size, 32)}, 32),
                                       copy(payload, self.request_bytes_)});
            },
            [](void* context, std::uint64_t call, std::uint32_t status, calyptenora_bytes payload) noexcept {
                auto& self = *static_cast<PluginLoop*>(context);
                self.has_spoken_ = true;
                self.wire_.put(Complete{call, status, size_of(payload), copy(payload, self.answer_bytes_)});
            }} {}

void PluginLoop::run() {
    for (bool last = false; !last;) {
        auto frame = wire_.next();
        last = std::holds_alternative<Destroy>(frame);
        std::visit([this](auto& chosen) { perform(chosen); }, frame);
        // What a learner waits for goes out before the plugin is entered again; it may not return from there.
        if (has_spoken_ || last)
            wire_.flush();
        has_spoken_ = false;
    }
}

void PluginLoop::enter(const std::function<void()>& body) {
    std::optional<std::string> thrown;
    try {
        body();
    } catch (const std::exception& failure) {
        thrown = failure.what();
    } catch (...) {
        thrown = "something that is no std::exception";
    }
    if (thrown) {
        has_spoken_ = true;
        wire_.put(Threw{thrown->substr(0, most_thrown_bytes)});
    }
    wire_.put(Returned{++entries_});
}

void PluginLoop::perform(Load&) {}

void PluginLoop::perform(Create& frame) {
    enter([&] { self_ = table_.create(&host_, borrow(frame.settings)); });
    wipe(frame.settings);
    wire_.put(Created{self_ != nullptr});
    has_spoken_ = true;
}

void PluginLoop::perform(Invoke& frame) {
    if (self_)
        enter([&] {
            table_.invoke(self_, frame.call, borrow(frame.operation), borrow(frame.document),
                          borrow(frame.secret));
        });
    wipe(frame.secret);
}

void PluginLoop::perform(Reply& frame) {
    if (self_)
        enter([&] { table_.reply(self_, frame.token, frame.status, borrow(frame.payload)); });
}

void PluginLoop::perform(Cancel& frame) {
    if (self_)
        enter([&] { table_.cancel(self_, frame.call); });
}

void PluginLoop::perform(Destroy&) {
    if (self_)
        enter([&] { table_.destroy(self_); });
    self_ = nullptr;
}

}  // namespace calyptenora::worker
