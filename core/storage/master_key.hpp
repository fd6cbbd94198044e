#pragma once

#include <calyptenora/result.hpp>

#include <array>
#include <filesystem>
#include <string>
#include <string_view>

namespace calyptenora::storage {

/// 256 secret bits, wiped when the object ends.
class SecretKey {
  public:
    static constexpr std::size_t size = 32;

    /// Random.
    static SecretKey make();
    /// `bytes` has exactly `size` bytes.
    static Result<SecretKey> from_bytes(std::string_view bytes);

    SecretKey(const SecretKey&) = default;
    SecretKey& operator=(const SecretKey&) = default;
    ~SecretKey();

    const unsigned char* data() const { return bytes_.data(); }
    std::string_view bytes() const { return {reinterpret_cast<const char*>(bytes_.data()), size}; }

    /// A key for another use, from which this one cannot be computed (BLAKE2b keyed by this one).
    SecretKey derive(std::string_view use) const;

  private:
    SecretKey() = default;
    std::array<unsigned char, size> bytes_{};
};

/// The key that wraps all others. It stands in a file of 32 bytes outside of both databases and of their
/// backups.
class MasterKey {
  public:
    explicit MasterKey(SecretKey key) : key_(key) {}

    static MasterKey make() { return MasterKey(SecretKey::make()); }

    /// Reads the file; a missing one is made first, for the owner alone (0600). `invalid_config` if it has
    /// another size, or others may read it.
    static Result<MasterKey> load_or_create(const std::filesystem::path& file);
    /// Writes a new file; `conflict` if it exists.
    Status save(const std::filesystem::path& file) const;

    const SecretKey& key() const { return key_; }
    /// Names the key without telling it; stands beside everything that it wraps.
    std::string id() const;

  private:
    SecretKey key_;
};

/// Encrypts and authenticates with XChaCha20-Poly1305 (random nonce). The result is base64url text that opens
/// only with the same key and the same `context`.
std::string seal_text(const SecretKey& key, std::string_view context, std::string_view plaintext);
/// `denied` if key, context or text is not what it was.
Result<std::string> open_sealed_text(const SecretKey& key, std::string_view context, std::string_view sealed);

}  // namespace calyptenora::storage
