#include "host/sha256.hpp"

#include <fmt/format.h>
#include <openssl/sha.h>

namespace calyptenora::host {

std::string sha256_hex(std::string_view bytes) {
    unsigned char digest[SHA256_DIGEST_LENGTH];
    SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest);
    std::string text;
    for (const auto byte : digest)
        fmt::format_to(std::back_inserter(text), "{:02x}", byte);
    return text;
}

}  // namespace calyptenora::host
