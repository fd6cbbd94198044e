#include "settings/secret.hpp"

#include <sodium.h>

namespace calyptenora::settings {

Secret::Secret(std::string_view value) : bytes_(value.begin(), value.end()) {}

Secret& Secret::operator=(Secret other) noexcept {
    bytes_.swap(other.bytes_);
    return *this;
}

Secret::~Secret() {
    sodium_memzero(bytes_.data(), bytes_.size());
}

bool Secret::same_as(const Secret& other) const {
    return bytes_.size() == other.bytes_.size() &&
           sodium_memcmp(bytes_.data(), other.bytes_.data(), bytes_.size()) == 0;
}

void wipe(std::string& text) {
    sodium_memzero(text.data(), text.size());
    text.clear();
}

}  // namespace calyptenora::settings
