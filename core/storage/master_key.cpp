#include "storage/master_key.hpp"

#include "storage/text.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace calyptenora::storage {
namespace {

constexpr unsigned char format_version = 1;
constexpr std::size_t nonce_size = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t tag_size = crypto_aead_xchacha20poly1305_ietf_ABYTES;
static_assert(SecretKey::size == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}

void initialise_sodium() {
    if (sodium_init() < 0)
        throw std::runtime_error("libsodium cannot be initialised");
}

class File {
  public:
    File(const std::filesystem::path& path, int flags, mode_t mode = 0)
        : fd_(::open(path.c_str(), flags | O_CLOEXEC, mode)) {}
    ~File() {
        if (fd_ >= 0)
            ::close(fd_);
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    int fd() const { return fd_; }

  private:
    int fd_;
};

}  // namespace

SecretKey SecretKey::make() {
    initialise_sodium();
    SecretKey key;
    randombytes_buf(key.bytes_.data(), size);
    return key;
}

Result<SecretKey> SecretKey::from_bytes(std::string_view bytes) {
    if (bytes.size() != size)
        return Error(ErrorKind::invalid_input, fmt::format("a key has {} bytes, not {}", size, bytes.size()));
    SecretKey key;
    std::memcpy(key.bytes_.data(), bytes.data(), size);
    return key;
}

SecretKey::~SecretKey() {
    sodium_memzero(bytes_.data(), size);
}

SecretKey SecretKey::derive(std::string_view use) const {
    SecretKey key;
    crypto_generichash(key.bytes_.data(), size, bytes_of(use), use.size(), bytes_.data(), size);
    return key;
}

Result<MasterKey> MasterKey::load_or_create(const std::filesystem::path& file) {
    std::error_code ignored;
    if (!std::filesystem::exists(file, ignored)) {
        if (const auto saved = make().save(file); !saved && saved.error().kind != ErrorKind::conflict)
            return saved.error();
    }
    const File opened(file, O_RDONLY);
    struct stat status{};
    if (opened.fd() < 0 || ::fstat(opened.fd(), &status) != 0)
        return Error(ErrorKind::invalid_config,
                     fmt::format("cannot read the master key {}: {}", file.string(), std::strerror(errno)));
    if ((status.st_mode & 077) != 0)
        return Error(ErrorKind::invalid_config, fmt::format("others may read the master key {}: chmod 600 {}",
                                                            file.string(), file.string()));
    std::string bytes(SecretKey::size + 1, '\0');
    const auto count = ::read(opened.fd(), bytes.data(), bytes.size());
    bytes.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
    auto key = SecretKey::from_bytes(bytes);
    sodium_memzero(bytes.data(), bytes.size());
    if (!key)
        return Error(ErrorKind::invalid_config, fmt::format("the master key {} must have exactly {} bytes",
                                                            file.string(), SecretKey::size));
    return MasterKey(*key);
}

Status MasterKey::save(const std::filesystem::path& file) const {
    const auto failure = [&] {
        return Error(errno == EEXIST ? ErrorKind::conflict : ErrorKind::invalid_config,
                     fmt::format("cannot write the master key {}: {}", file.string(), std::strerror(errno)));
    };
    // Complete under another name first, so that nobody reads half a key.
    auto draft = file;
    draft += fmt::format(".{}", ::getpid());
    const File opened(draft, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (opened.fd() < 0)
        return failure();
    const bool written =
        ::write(opened.fd(), key_.data(), SecretKey::size) == static_cast<ssize_t>(SecretKey::size) &&
        ::fsync(opened.fd()) == 0 && ::link(draft.c_str(), file.c_str()) == 0;
    Status outcome;
    if (!written)
        outcome = failure();
    ::unlink(draft.c_str());
    const auto parent = file.parent_path();
    const File folder(parent.empty() ? "." : parent, O_RDONLY | O_DIRECTORY);
    if (outcome && (folder.fd() < 0 || ::fsync(folder.fd()) != 0))
        return failure();
    return outcome;
}

std::string MasterKey::id() const {
    return make_hex({key_.derive("calyptenora key id").data(), 8});
}

std::string seal_text(const SecretKey& key, std::string_view context, std::string_view plaintext) {
    std::string sealed(1 + nonce_size + plaintext.size() + tag_size, '\0');
    auto* bytes = bytes_of(sealed);
    bytes[0] = format_version;
    randombytes_buf(bytes + 1, nonce_size);
    crypto_aead_xchacha20poly1305_ietf_encrypt(bytes + 1 + nonce_size, nullptr, bytes_of(plaintext),
                                               plaintext.size(), bytes_of(context), context.size(), nullptr,
                                               bytes + 1, key.data());
    return make_base64url(sealed);
}

Result<std::string> open_sealed_text(const SecretKey& key, std::string_view context,
                                     std::string_view sealed) {
    const Error refused(ErrorKind::denied,
                        "sealed text does not open: it was altered, moved, or is under another key");
    const auto decoded = decode_base64url(sealed);
    if (!decoded || decoded->size() < 1 + nonce_size + tag_size ||
        static_cast<unsigned char>((*decoded)[0]) != format_version)
        return refused;
    const auto* bytes = bytes_of(std::string_view(*decoded));
    const auto length = decoded->size() - 1 - nonce_size;
    std::string plaintext(length - tag_size, '\0');
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(bytes_of(plaintext), nullptr, nullptr,
                                                   bytes + 1 + nonce_size, length, bytes_of(context),
                                                   context.size(), bytes + 1, key.data()) != 0)
        return refused;
    return plaintext;
}

}  // namespace calyptenora::storage
