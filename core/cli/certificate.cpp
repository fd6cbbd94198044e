#include "cli/certificate.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <memory>

namespace calyptenora::cli {
namespace {

template <class T, void (*free)(T*)>
struct Free {
    void operator()(T* object) const { free(object); }
};
using Certificate = std::unique_ptr<X509, Free<X509, X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY, EVP_PKEY_free>>;

struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Close>;

Error unreadable(const std::filesystem::path& path, std::string_view what) {
    ERR_clear_error();
    return Error(ErrorKind::invalid_config, fmt::format("{} {}", path.string(), what));
}

// A service cannot be asked for a passphrase.
int no_passphrase(char*, int, int, void*) {
    return -1;
}

std::chrono::sys_seconds to_time(const ASN1_TIME* time) {
    std::tm parts{};
    ASN1_TIME_to_tm(time, &parts);
    return std::chrono::sys_seconds(std::chrono::seconds(timegm(&parts)));
}

}  // namespace

Result<CertificateFacts> read_certificate(const settings::Tls& files, const std::string& host) {
    const File certificate_file(std::fopen(files.certificate.c_str(), "re"));
    const Certificate certificate(
        certificate_file ? PEM_read_X509(certificate_file.get(), nullptr, no_passphrase, nullptr) : nullptr);
    if (!certificate)
        return unreadable(files.certificate, "holds no certificate that can be read (PEM)");
    const File key_file(std::fopen(files.key.c_str(), "re"));
    const Key key(key_file ? PEM_read_PrivateKey(key_file.get(), nullptr, no_passphrase, nullptr) : nullptr);
    if (!key)
        return unreadable(files.key, "holds no private key that can be read (PEM, without passphrase)");
    if (X509_check_private_key(certificate.get(), key.get()) != 1)
        return unreadable(files.key, fmt::format("is not the key of {}", files.certificate.string()));
    return CertificateFacts{
        .begins = to_time(X509_get0_notBefore(certificate.get())),
        .ends = to_time(X509_get0_notAfter(certificate.get())),
        .fits_host = X509_check_host(certificate.get(), host.data(), host.size(), 0, nullptr) == 1 ||
                     X509_check_ip_asc(certificate.get(), host.c_str(), 0) == 1};
}

}  // namespace calyptenora::cli
