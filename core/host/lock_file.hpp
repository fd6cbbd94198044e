#pragma once

#include <calyptenora/result.hpp>

#include <filesystem>
#include <map>
#include <optional>
#include <string>

/// `plugins.lock`: which file of each plugin the operator has looked at. It belongs to the operator; the
/// server only reads it, `plugins verify --pin` writes it.
namespace calyptenora::host {

/// One line for each plugin, in the format of sha256sum: 64 hexadecimal digits, two spaces, `family/name`.
/// Lines that begin with `#` and empty lines say nothing.
class LockFile {
  public:
    /// An absent file pins nothing. `invalid_config` for one that cannot be read, with the line.
    static Result<LockFile> load(const std::filesystem::path& path);

    /// The pinned SHA-256 of `family/name`.
    std::optional<std::string> find(const std::string& plugin) const;
    void pin(const std::string& plugin, const std::string& sha256) { hashes_[plugin] = sha256; }

    /// Replaces the file as a whole.
    Status save(const std::filesystem::path& path) const;

  private:
    std::map<std::string, std::string> hashes_;
};

}  // namespace calyptenora::host
