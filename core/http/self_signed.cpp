#include "http/self_signed.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string_view>

namespace calyptenora::http {
namespace {

template <auto Free>
struct Freer {
    template <class T>
    void operator()(T* pointer) const {
        Free(pointer);
    }
};
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freer<X509_free>>;
using Bio = std::unique_ptr<BIO, Freer<BIO_free_all>>;
using Extension = std::unique_ptr<X509_EXTENSION, Freer<X509_EXTENSION_free>>;

constexpr long day_seconds = 24L * 60 * 60;

bool add_extension(X509* certificate, int nid, const char* value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    Extension extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value));
    return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

Certificate make_certificate(EVP_PKEY* key) {
    Certificate certificate(X509_new());
    auto* name = X509_get_subject_name(certificate.get());
    std::uint64_t serial = 0;
    bool is_good =
        RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1 &&
        X509_set_version(certificate.get(), X509_VERSION_3) == 1 &&
        ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), serial >> 1U | 1U) == 1 &&
        X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -day_seconds) != nullptr &&
        X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 396 * day_seconds) != nullptr &&
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                   reinterpret_cast<const unsigned char*>("Calyptenora on this machine"), -1,
                                   -1, 0) == 1 &&
        X509_set_issuer_name(certificate.get(), name) == 1 && X509_set_pubkey(certificate.get(), key) == 1 &&
        add_extension(certificate.get(), NID_basic_constraints, "critical,CA:FALSE") &&
        add_extension(certificate.get(), NID_key_usage, "critical,digitalSignature") &&
        add_extension(certificate.get(), NID_ext_key_usage, "serverAuth") &&
        add_extension(certificate.get(), NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1,IP:::1") &&
        X509_sign(certificate.get(), key, EVP_sha256()) != 0;
    return is_good ? std::move(certificate) : nullptr;
}

/// Written beside its place and renamed, so that a crash leaves the old file or the new one.
Status write_secret_file(const std::filesystem::path& path, BIO* content) {
    char* data = nullptr;
    auto size = BIO_get_mem_data(content, &data);
    auto draft = path.string() + ".new";
    ::unlink(draft.c_str());
    int file = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool is_written =
        file >= 0 && ::write(file, data, static_cast<std::size_t>(size)) == size && ::fsync(file) == 0;
    int error = errno;
    if (file >= 0) {
        ::close(file);
    }
    if (!is_written || ::rename(draft.c_str(), path.c_str()) != 0) {
        return Error(ErrorKind::invalid_config,
                     fmt::format("cannot write {}: {}. The data folder must be writable for the server",
                                 path.string(), std::strerror(is_written ? errno : error)));
    }
    return {};
}

bool is_still_valid(const TlsFiles& files) {
    Bio file(BIO_new_file(files.certificate.c_str(), "r"));
    if (!file || ::access(files.private_key.c_str(), R_OK) != 0) {
        return false;
    }
    Certificate certificate(PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr));
    std::time_t in_a_week = std::time(nullptr) + 7 * day_seconds;
    return certificate && X509_cmp_time(X509_get0_notAfter(certificate.get()), &in_a_week) > 0;
}

}  // namespace

Result<TlsFiles> load_or_make_self_signed(const std::filesystem::path& folder) {
    TlsFiles files{.certificate = folder / "self-signed.crt", .private_key = folder / "self-signed.key"};
    if (is_still_valid(files)) {
        return files;
    }
    std::error_code error;
    if (std::filesystem::create_directories(folder, error)) {
        std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
    }
    if (error) {
        return Error(ErrorKind::invalid_config,
                     fmt::format("cannot make the folder {}: {}", folder.string(), error.message()));
    }
    Key key(EVP_EC_gen("P-256"));
    auto certificate = key ? make_certificate(key.get()) : nullptr;
    Bio key_text(BIO_new(BIO_s_mem()));
    Bio certificate_text(BIO_new(BIO_s_mem()));
    if (!certificate ||
        PEM_write_bio_PKCS8PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) !=
            1 ||
        PEM_write_bio_X509(certificate_text.get(), certificate.get()) != 1) {
        return Error(ErrorKind::temporary, "OpenSSL could not make a self-signed certificate");
    }
    if (auto written = write_secret_file(files.private_key, key_text.get()); !written) {
        return written.error();
    }
    if (auto written = write_secret_file(files.certificate, certificate_text.get()); !written) {
        return written.error();
    }
    return files;
}

Result<CertificateFacts> read_certificate_facts(const std::filesystem::path& certificate) {
    Bio file(BIO_new_file(certificate.c_str(), "r"));
    Certificate read(file ? PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr) : nullptr);
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    std::tm expiry{};
    if (!read || X509_digest(read.get(), EVP_sha256(), digest, &size) != 1 ||
        ASN1_TIME_to_tm(X509_get0_notAfter(read.get()), &expiry) != 1) {
        return Error(ErrorKind::invalid_config, fmt::format("{} holds no certificate", certificate.string()));
    }
    CertificateFacts facts;
    for (unsigned i = 0; i < size; ++i) {
        facts.sha256 += fmt::format("{}{:02X}", i > 0 ? ":" : "", digest[i]);
    }
    facts.expires_on =
        fmt::format("{:04}-{:02}-{:02}", expiry.tm_year + 1900, expiry.tm_mon + 1, expiry.tm_mday);
    return facts;
}

}  // namespace calyptenora::http
