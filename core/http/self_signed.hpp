#pragma once

#include "http/listener.hpp"

#include <calyptenora/result.hpp>

#include <chrono>
#include <filesystem>

namespace calyptenora::http {

/// A certificate for trying on this machine: ECDSA P-256, valid for localhost, 127.0.0.1 and ::1, 397 days.
/// Loads `folder`/self-signed.{crt,key}, and writes them (mode 0600, folder 0700) if they are missing or have
/// less than seven days left. Browsers warn once. Errors: invalid_config (the folder cannot be written, with
/// the reason), temporary (OpenSSL failed).
Result<TlsFiles> load_or_make_self_signed(const std::filesystem::path& folder);

}  // namespace calyptenora::http
