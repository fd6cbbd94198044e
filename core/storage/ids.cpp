#include "storage/ids.hpp"

#include <sodium.h>

#include <array>
#include <cstdint>
#include <mutex>
#include <stdexcept>

namespace calyptenora::storage {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

/// The millisecond and the 12-bit counter of the next id, together strictly increasing.
struct Tick {
    std::uint64_t millisecond;
    std::uint16_t counter;
};

Tick next_tick() {
    static std::mutex mutex;
    static std::uint64_t last_millisecond = 0;
    static std::uint16_t counter = 0;

    const auto now = static_cast<std::uint64_t>(
        std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now())
            .time_since_epoch()
            .count());
    const std::lock_guard lock(mutex);
    if (now > last_millisecond) {
        last_millisecond = now;
        // Starts in the lower half, so that a burst has room before it borrows from the next millisecond.
        counter = static_cast<std::uint16_t>(randombytes_uniform(0x800));
    } else if (++counter > 0xfff) {
        ++last_millisecond;
        counter = 0;
    }
    return {last_millisecond, counter};
}

}  // namespace

std::string make_uuid_v7() {
    if (sodium_init() < 0)
        throw std::runtime_error("libsodium cannot be initialised");
    const auto tick = next_tick();
    std::array<unsigned char, 16> bytes;
    randombytes_buf(bytes.data() + 8, 8);
    for (int i = 0; i < 6; ++i)
        bytes[static_cast<std::size_t>(i)] = static_cast<unsigned char>(tick.millisecond >> (40 - 8 * i));
    bytes[6] = static_cast<unsigned char>(0x70 | (tick.counter >> 8));
    bytes[7] = static_cast<unsigned char>(tick.counter);
    bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3f) | 0x80);

    std::string text;
    text.reserve(36);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            text += '-';
        text += hex_digits[bytes[i] >> 4];
        text += hex_digits[bytes[i] & 0xf];
    }
    return text;
}

bool is_uuid(std::string_view text) {
    if (text.size() != 36)
        return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
        if (hyphen ? text[i] != '-' : hex_digits.find(text[i]) == std::string_view::npos)
            return false;
    }
    return true;
}

}  // namespace calyptenora::storage
