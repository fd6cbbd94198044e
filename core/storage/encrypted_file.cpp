#include "storage/encrypted_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace calyptenora::storage {
namespace {

constexpr std::string_view magic = "calyptenora encrypted file 1\n";
constexpr std::size_t chunk_size = 64 * 1024;
constexpr std::size_t chunk_overhead = crypto_secretstream_xchacha20poly1305_ABYTES;
constexpr std::size_t stream_header_size = crypto_secretstream_xchacha20poly1305_HEADERBYTES;
static_assert(SecretKey::size == crypto_secretstream_xchacha20poly1305_KEYBYTES);

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}

FieldAddress key_address(std::string_view name) {
    return {"encrypted_files", name, "key"};
}

/// Always as long, so that the head needs no length.
std::size_t sealed_key_size() {
    static const auto size = seal_text(SecretKey::make(), "", SecretKey::make().bytes()).size();
    return size;
}

class Descriptor {
  public:
    explicit Descriptor(int fd = -1) : fd_(fd) {}
    ~Descriptor() {
        if (fd_ >= 0)
            ::close(fd_);
    }
    Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Descriptor& operator=(Descriptor&&) = delete;
    int get() const { return fd_; }

  private:
    int fd_;
};

Error cannot(std::string_view what, const std::filesystem::path& file) {
    return Error(ErrorKind::temporary,
                 fmt::format("cannot {} {}: {}", what, file.string(), std::strerror(errno)));
}

Status write_all(int fd, std::string_view bytes, const std::filesystem::path& file) {
    while (!bytes.empty()) {
        const auto count = ::write(fd, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return cannot("write", file);
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return {};
}

/// At most `size` bytes; fewer at the end of the file.
Result<std::string> read_up_to(int fd, std::size_t size, const std::filesystem::path& file) {
    std::string bytes(size, '\0');
    std::size_t have = 0;
    while (have < size) {
        const auto count = ::read(fd, bytes.data() + have, size - have);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return cannot("read", file);
        if (count == 0)
            break;
        have += static_cast<std::size_t>(count);
    }
    bytes.resize(have);
    return bytes;
}

Error altered(const std::filesystem::path& file) {
    return Error(ErrorKind::denied, fmt::format("{} was altered or cut off; make it again", file.string()));
}

}  // namespace

struct EncryptedFileWriter::Parts {
    Parts(std::filesystem::path target, Descriptor descriptor, std::filesystem::path unfinished)
        : file(std::move(target)), draft(std::move(unfinished)), out(std::move(descriptor)) {
        chunk.reserve(chunk_size);
    }
    ~Parts() {
        if (!draft.empty())
            ::unlink(draft.c_str());
        sodium_memzero(&state, sizeof state);
        sodium_memzero(chunk.data(), chunk.size());
    }
    Parts(const Parts&) = delete;
    Parts& operator=(const Parts&) = delete;

    Status push(unsigned char tag) {
        std::string sealed(chunk.size() + chunk_overhead, '\0');
        crypto_secretstream_xchacha20poly1305_push(&state, bytes_of(sealed), nullptr, bytes_of(chunk),
                                                   chunk.size(), nullptr, 0, tag);
        chunk.clear();
        return write_all(out.get(), sealed, draft);
    }

    std::filesystem::path file;
    /// Empty once it has become the file.
    std::filesystem::path draft;
    Descriptor out;
    std::string chunk;
    crypto_secretstream_xchacha20poly1305_state state{};
};

EncryptedFileWriter::EncryptedFileWriter(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
EncryptedFileWriter::EncryptedFileWriter(EncryptedFileWriter&&) noexcept = default;
EncryptedFileWriter& EncryptedFileWriter::operator=(EncryptedFileWriter&&) noexcept = default;
EncryptedFileWriter::~EncryptedFileWriter() = default;

Result<EncryptedFileWriter> EncryptedFileWriter::create(std::filesystem::path file, const FieldCipher& cipher,
                                                        const SubjectId& subject, std::string_view name) {
    const auto key = SecretKey::make();
    const auto sealed = cipher.encrypt(subject, key_address(name), key.bytes());
    if (!sealed)
        return sealed.error();
    auto draft = file;
    draft += ".unfinished";
    Descriptor out(::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (out.get() < 0)
        return cannot("create", draft);
    auto parts = std::make_unique<Parts>(std::move(file), std::move(out), std::move(draft));
    std::string header(stream_header_size, '\0');
    crypto_secretstream_xchacha20poly1305_init_push(&parts->state, bytes_of(header), key.data());
    if (auto written = write_all(parts->out.get(), std::string(magic) + *sealed + header, parts->draft);
        !written)
        return written.error();
    return EncryptedFileWriter(std::move(parts));
}

Status EncryptedFileWriter::write(std::string_view bytes) {
    auto& chunk = parts_->chunk;
    while (!bytes.empty()) {
        // A full chunk waits for more, since the last one is marked.
        if (chunk.size() == chunk_size)
            if (auto pushed = parts_->push(0); !pushed)
                return pushed;
        const auto part = bytes.substr(0, chunk_size - chunk.size());
        chunk += part;
        bytes.remove_prefix(part.size());
    }
    return {};
}

Status EncryptedFileWriter::finish() {
    if (auto pushed = parts_->push(crypto_secretstream_xchacha20poly1305_TAG_FINAL); !pushed)
        return pushed;
    if (::fsync(parts_->out.get()) != 0 || ::rename(parts_->draft.c_str(), parts_->file.c_str()) != 0)
        return cannot("finish", parts_->draft);
    parts_->draft.clear();
    const auto parent = parts_->file.parent_path();
    const Descriptor folder(
        ::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder.get() < 0 || ::fsync(folder.get()) != 0)
        return cannot("finish", parts_->file);
    return {};
}

struct EncryptedFileReader::Parts {
    Parts(std::filesystem::path name, Descriptor descriptor)
        : file(std::move(name)), in(std::move(descriptor)) {}
    ~Parts() { sodium_memzero(&state, sizeof state); }
    Parts(const Parts&) = delete;
    Parts& operator=(const Parts&) = delete;

    std::filesystem::path file;
    Descriptor in;
    crypto_secretstream_xchacha20poly1305_state state{};
    std::uint64_t size = 0;
    bool is_at_end = false;
};

EncryptedFileReader::EncryptedFileReader(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
EncryptedFileReader::EncryptedFileReader(EncryptedFileReader&&) noexcept = default;
EncryptedFileReader& EncryptedFileReader::operator=(EncryptedFileReader&&) noexcept = default;
EncryptedFileReader::~EncryptedFileReader() = default;

Result<EncryptedFileReader> EncryptedFileReader::open(const std::filesystem::path& file,
                                                      const FieldCipher& cipher, const SubjectId& subject,
                                                      std::string_view name) {
    Descriptor in(::open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (in.get() < 0)
        return Error(errno == ENOENT ? ErrorKind::not_found : ErrorKind::temporary,
                     fmt::format("cannot open {}: {}", file.string(), std::strerror(errno)));
    struct stat status{};
    if (::fstat(in.get(), &status) != 0)
        return cannot("read", file);
    const auto head_size = magic.size() + sealed_key_size() + stream_header_size;
    const auto head = read_up_to(in.get(), head_size, file);
    if (!head)
        return head.error();
    if (head->size() != head_size || !head->starts_with(magic))
        return altered(file);
    const auto opened = cipher.decrypt(subject, key_address(name),
                                       std::string_view(*head).substr(magic.size(), sealed_key_size()));
    if (!opened)
        return opened.error();
    const auto key = SecretKey::from_bytes(*opened);
    if (!key)
        return altered(file);
    auto parts = std::make_unique<Parts>(file, std::move(in));
    if (crypto_secretstream_xchacha20poly1305_init_pull(
            &parts->state, bytes_of(std::string_view(*head).substr(head_size - stream_header_size)),
            key->data()) != 0)
        return altered(file);
    const auto body = static_cast<std::uint64_t>(status.st_size) - head_size;
    const auto chunks = (body + chunk_size + chunk_overhead - 1) / (chunk_size + chunk_overhead);
    parts->size = body - std::min(body, chunks * chunk_overhead);
    return EncryptedFileReader(std::move(parts));
}

std::uint64_t EncryptedFileReader::size() const {
    return parts_->size;
}

Result<std::optional<std::string>> EncryptedFileReader::read() {
    if (parts_->is_at_end)
        return std::optional<std::string>();
    const auto sealed = read_up_to(parts_->in.get(), chunk_size + chunk_overhead, parts_->file);
    if (!sealed)
        return sealed.error();
    if (sealed->size() < chunk_overhead)
        return altered(parts_->file);
    std::string chunk(sealed->size() - chunk_overhead, '\0');
    unsigned char tag = 0;
    if (crypto_secretstream_xchacha20poly1305_pull(&parts_->state, bytes_of(chunk), nullptr, &tag,
                                                   bytes_of(std::string_view(*sealed)), sealed->size(),
                                                   nullptr, 0) != 0)
        return altered(parts_->file);
    // Nothing may follow the last chunk, and nothing but it may be short.
    if (tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL) {
        const auto more = read_up_to(parts_->in.get(), 1, parts_->file);
        if (!more || !more->empty())
            return altered(parts_->file);
        parts_->is_at_end = true;
    }
    return std::optional(std::move(chunk));
}

}  // namespace calyptenora::storage
