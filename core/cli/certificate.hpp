#pragma once

#include "settings/settings.hpp"

#include <calyptenora/result.hpp>

#include <chrono>
#include <string>

namespace calyptenora::cli {

/// What a certificate file says of itself.
struct CertificateFacts {
    std::chrono::sys_seconds begins;
    std::chrono::sys_seconds ends;
    bool fits_host = false;  ///< It names the host (RFC 6125, subject alternative names).
};

/// Reads the first certificate of the file and the key. `invalid_config`, with the reason, if one cannot be
/// read or the key is another certificate's.
Result<CertificateFacts> read_certificate(const settings::Tls& files, const std::string& host);

}  // namespace calyptenora::cli
