#pragma once

#include <calyptenora/result.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

/// Archives that anybody may have made. One is unpacked whole into a folder of its own, entry by entry and
/// piece by piece, so that memory does not grow with what it holds.
namespace calyptenora::platform {

/// What an archive may hold. A course with its videos fits in; what goes beyond is a mistake or an attack.
struct ArchiveLimits {
    /// All files together, unpacked: hours of video.
    std::uint64_t bytes = 8ULL * 1024 * 1024 * 1024;
    /// The largest real courses have some thousand files; each entry costs an inode.
    std::uint64_t entries = 50'000;
    /// Unpacked bytes per packed byte. Text rarely shrinks to less than a twentieth, a bomb of zeros to a
    /// thousandth. Looked at from `ratio_from` bytes on, since a small file may well be all one letter.
    std::uint64_t ratio = 100;
    std::uint64_t ratio_from = 16ULL * 1024 * 1024;
    /// Of a path; what Linux takes is 4096 and 255, and the data folder has its own length.
    std::size_t path = 1024;
    std::size_t name = 200;
    std::size_t depth = 32;
};

struct UnpackedArchive {
    std::uint64_t entries = 0;
    std::uint64_t bytes = 0;
    /// Names that differ in case only: on other machines they would be one file.
    std::vector<std::string> alike;
};

/// True if the file begins as a ZIP or gzip file does, or is a tar file.
bool is_archive(const std::filesystem::path& file);

/// Unpacks a ZIP, tar or tar.gz file into `target`, which is made anew; files and folders only. Hidden files
/// and the additions of macOS stay behind. Archives inside it stay as they are.
///
/// Nothing is unpacked outside `target`, and an archive that tries, or holds links, devices, encrypted or
/// damaged entries, two entries of one name or more than the limits, is refused as `invalid_input`, by the
/// entry's name. What was unpacked by then is the caller's to remove. `on_progress` gets the part of the file
/// that has been read, from 0 to 1.
Result<UnpackedArchive> unpack_archive(const std::filesystem::path& file, const std::filesystem::path& target,
                                       const std::function<void(double)>& on_progress = {},
                                       const ArchiveLimits& limits = {});

}  // namespace calyptenora::platform
