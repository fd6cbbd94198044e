#include "storage/ids.hpp"

#include <sodium.h>

#include <algorithm>
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

/// From the system's generator, several ids' worth at a time: asking the kernel costs more than all else.
template <std::size_t size>
std::array<unsigned char, size> random_bytes() {
    thread_local std::array<unsigned char, 512> pool;
    thread_local std::size_t used = pool.size();
    if (pool.size() - used < size) {
        randombytes_buf(pool.data(), pool.size());
        used = 0;
    }
    std::array<unsigned char, size> bytes;
    std::copy_n(pool.begin() + static_cast<std::ptrdiff_t>(used), size, bytes.begin());
    used += size;
    return bytes;
}

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
        const auto start = random_bytes<2>();
        counter = static_cast<std::uint16_t>((start[0] << 8 | start[1]) & 0x7ff);
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
    std::ranges::copy(random_bytes<8>(), bytes.begin() + 8);
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
