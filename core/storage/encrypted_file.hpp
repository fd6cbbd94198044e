#pragma once

#include "storage/field_cipher.hpp"

#include <calyptenora/result.hpp>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

/// A file of one person's data, encrypted as it is written: never in clear on any disk. Chunks of 64 KiB
/// under a random key (libsodium's secretstream: XChaCha20-Poly1305, each chunk bound to those before, the
/// last one marked), and that key, sealed under the person's, at the head. Who erases the person makes the
/// file unreadable.
namespace calyptenora::storage {

/// Writes beside the file's name and takes the name in `finish`, so that half a file is never found under it.
class EncryptedFileWriter {
  public:
    /// A name that is there is replaced in the end. `name` is what the file is called in the address of its
    /// key: it opens under no other. `not_found` if the subject is erased.
    static Result<EncryptedFileWriter> create(std::filesystem::path file, const FieldCipher& cipher,
                                              const SubjectId& subject, std::string_view name);
    EncryptedFileWriter(EncryptedFileWriter&&) noexcept;
    EncryptedFileWriter& operator=(EncryptedFileWriter&&) noexcept;
    /// Removes what is not finished.
    ~EncryptedFileWriter();

    /// `temporary` if the disk is full or fails.
    Status write(std::string_view bytes);
    /// Durable when it returns.
    Status finish();

  private:
    struct Parts;
    explicit EncryptedFileWriter(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

class EncryptedFileReader {
  public:
    /// `not_found` if there is no file or the subject is erased, `denied` if it is another's or altered.
    static Result<EncryptedFileReader> open(const std::filesystem::path& file, const FieldCipher& cipher,
                                            const SubjectId& subject, std::string_view name);
    EncryptedFileReader(EncryptedFileReader&&) noexcept;
    EncryptedFileReader& operator=(EncryptedFileReader&&) noexcept;
    ~EncryptedFileReader();

    /// How many bytes there are in clear.
    std::uint64_t size() const;

    /// The next bytes, at most 64 KiB; nothing at the end. `denied` if the file was altered or cut off: what
    /// was read before is genuine, but not all.
    Result<std::optional<std::string>> read();

  private:
    struct Parts;
    explicit EncryptedFileReader(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace calyptenora::storage
