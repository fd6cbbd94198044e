#pragma once

#include "http/listener.hpp"

#include <calyptenora/result.hpp>

#include <chrono>
#include <filesystem>
#include <string>

namespace calyptenora::http {

/// A certificate for trying on this machine: ECDSA P-256, valid for localhost, 127.0.0.1 and ::1, 397 days.
/// Loads `folder`/self-signed.{crt,key}, and writes them (mode 0600, folder 0700) if they are missing or have
/// less than seven days left. Browsers warn once. Errors: invalid_config (the folder cannot be written, with
/// the reason), temporary (OpenSSL failed).
Result<TlsFiles> load_or_make_self_signed(const std::filesystem::path& folder);

/// By what a person recognises a certificate.
struct CertificateFacts {
    std::string sha256;      ///< Of its DER, as browsers and openssl show it: `AB:CD:...`.
    std::string expires_on;  ///< `2027-12-27`, UTC.
};

/// Of the first certificate in a PEM file. Errors: invalid_config (there is none, naming the file).
Result<CertificateFacts> read_certificate_facts(const std::filesystem::path& certificate);

}  // namespace calyptenora::http
