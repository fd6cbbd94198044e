#include "platform/imports/archive_folder.hpp"

#include "platform/imports/plain_text.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <locale.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>
#include <memory>
#include <set>

namespace calyptenora::platform {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t piece = 64 * 1024;

struct FreeReader {
    void operator()(struct archive* reader) const { archive_read_free(reader); }
};
using Reader = std::unique_ptr<struct archive, FreeReader>;

/// libarchive converts names to the thread's locale, and in that of a service ("C") only ASCII has a place.
class Utf8Names {
  public:
    Utf8Names() : locale_(newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)) {
        if (locale_)
            previous_ = uselocale(locale_);
    }
    ~Utf8Names() {
        if (!locale_)
            return;
        uselocale(previous_);
        freelocale(locale_);
    }
    Utf8Names(const Utf8Names&) = delete;
    Utf8Names& operator=(const Utf8Names&) = delete;

  private:
    locale_t locale_ = nullptr;
    locale_t previous_ = nullptr;
};

/// A file being written that was not there before.
class NewFile {
  public:
    explicit NewFile(const fs::path& path)
        : descriptor_(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644)) {}
    ~NewFile() {
        if (descriptor_ >= 0)
            close(descriptor_);
    }
    NewFile(const NewFile&) = delete;
    NewFile& operator=(const NewFile&) = delete;

    bool is_open() const { return descriptor_ >= 0; }
    bool write(const char* bytes, std::size_t size) const {
        while (size > 0) {
            const auto written = ::write(descriptor_, bytes, size);
            if (written < 0 && errno == EINTR)
                continue;
            if (written <= 0)
                return false;
            bytes += written;
            size -= std::size_t(written);
        }
        return true;
    }

  private:
    int descriptor_;
};

// For a message: what would move a terminal's cursor is shown as "?".
std::string shown(std::string_view name) {
    std::string text(name.substr(0, 200));
    for (char& c : text)
        if (static_cast<unsigned char>(c) < ' ' || c == 0x7f)
            c = '?';
    return text;
}

std::string in_lower_case(std::string text) {
    for (char& c : text)
        c = c >= 'A' && c <= 'Z' ? char(c | 0x20) : c;
    return text;
}

class Unpacker {
  public:
    Unpacker(const fs::path& file, const fs::path& target, const std::function<void(double)>& on_progress,
             const ArchiveLimits& limits)
        : file_(file), target_(target), on_progress_(on_progress), limits_(limits) {}

    Result<UnpackedArchive> run() {
        std::error_code failure;
        size_ = fs::file_size(file_, failure);
        if (failure || !fs::create_directory(target_, failure))
            return Error(ErrorKind::temporary,
                         fmt::format("{} cannot be unpacked into {}: {}", file_.string(), target_.string(),
                                     failure ? failure.message() : "it is there already"));
        const Utf8Names names;
        reader_.reset(archive_read_new());
        auto* reader = reader_.get();
        // Formats are named one by one: the others of libarchive have no place in courses, and each is a
        // parser.
        if (!reader || archive_read_support_format_zip(reader) != ARCHIVE_OK ||
            archive_read_support_format_tar(reader) != ARCHIVE_OK ||
            archive_read_support_filter_gzip(reader) != ARCHIVE_OK)
            return Error(ErrorKind::permanent, "libarchive cannot read ZIP and tar files");
        if (archive_read_open_filename(reader, file_.c_str(), piece) != ARCHIVE_OK)
            return damaged();
        while (true) {
            archive_entry* entry = nullptr;
            const int code = archive_read_next_header(reader, &entry);
            if (code == ARCHIVE_EOF)
                break;
            // A warning is about a name or a field that is looked at below, or not at all.
            if (code != ARCHIVE_OK && code != ARCHIVE_WARN)
                return damaged();
            if (auto taken = take(entry); !taken)
                return taken.error();
        }
        if (result_.entries == 0)
            return refused("it holds no files");
        return std::move(result_);
    }

  private:
    Error refused(const std::string& why) const {
        return {ErrorKind::invalid_input, fmt::format("{}: {}; nothing was imported", file_.string(), why)};
    }
    Error refused(std::string_view entry, std::string_view why) const {
        return refused(fmt::format("the entry \"{}\" {}", shown(entry), why));
    }
    Error damaged() const {
        const char* why = archive_error_string(reader_.get());
        return refused(
            fmt::format("it is no ZIP or tar file, or damaged ({})", shown(why ? why : "unknown")));
    }

    Status take(archive_entry* entry) {
        if (++seen_ > limits_.entries)
            return refused(fmt::format("it has more than {} entries", limits_.entries));
        // A compressed archive has one compression around it: more of them multiply what a bomb yields.
        if (archive_filter_count(reader_.get()) > 2)
            return refused("it is compressed more than once");
        const char* in_utf8 = archive_entry_pathname_utf8(entry);
        const char* raw = in_utf8 ? in_utf8 : archive_entry_pathname(entry);
        const std::string name = as_utf8(raw ? raw : "");
        if (archive_entry_is_encrypted(entry))
            return refused(name, "is encrypted; unpack it and import the folder");
        if (archive_entry_hardlink(entry) || archive_entry_symlink(entry))
            return refused(name, "is a link; an archive may hold files and folders only");
        const auto type = archive_entry_filetype(entry);
        if (type != AE_IFREG && type != AE_IFDIR)
            return refused(name, "is neither a file nor a folder");
        auto path = checked_path(name);
        if (!path)
            return path.error();
        if (path->empty())
            return {};
        return type == AE_IFDIR ? make_folder(*path, name) : take_file(*path, name);
    }

    // The path without "." and doubled slashes; empty if the entry stays behind.
    Result<std::string> checked_path(std::string_view name) const {
        if (name.empty() || name.size() > limits_.path)
            return refused(name, "has no name, or one that is too long");
        for (const char c : name)
            if (static_cast<unsigned char>(c) < ' ' || c == 0x7f || c == '\\')
                return refused(name, "has a backslash or a control character in its name");
        if (name.front() == '/' || (name.size() > 1 && name[1] == ':'))
            return refused(name, "has an absolute path");
        std::string path;
        std::size_t depth = 0;
        bool left_out = false;
        for (std::string_view rest = name; !rest.empty();) {
            const auto end = rest.find('/');
            const std::string_view part = rest.substr(0, end);
            rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
            if (part.empty() || part == ".")
                continue;
            if (part == "..")
                return refused(name, "leads out of the archive");
            if (part.size() > limits_.name || ++depth > limits_.depth)
                return refused(name, "has a name that is too long, or lies too deep");
            left_out = left_out || part.front() == '.' || part == "__MACOSX";
            path += (path.empty() ? "" : "/") + std::string(part);
        }
        return left_out ? std::string() : path;
    }

    Status make_folder(const std::string& path, std::string_view name) {
        std::error_code failure;
        fs::create_directories(target_ / path, failure);
        if (failure)
            return refused(name, fmt::format("cannot be made ({})", failure.message()));
        return {};
    }

    Status take_file(const std::string& path, std::string_view name) {
        // A ZIP file names the method per entry. Those that documents use need little memory; LZMA and PPMd
        // may ask for gigabytes.
        const std::string_view format =
            archive_format_name(reader_.get()) ? archive_format_name(reader_.get()) : "";
        if (format.starts_with("ZIP") && format.find("(deflation)") == std::string_view::npos &&
            format.find("(uncompressed)") == std::string_view::npos)
            return refused(name, "is compressed in an uncommon way; make a ZIP file with \"deflate\"");
        if (const auto parent = fs::path(path).parent_path(); !parent.empty())
            if (auto made = make_folder(parent.string(), name); !made)
                return made;
        const NewFile file(target_ / path);
        if (!file.is_open())
            return refused(name, errno == EEXIST
                                     ? "is there twice"
                                     : fmt::format("cannot be written ({})", std::strerror(errno)));
        std::array<char, piece> buffer;
        while (true) {
            const auto size = archive_read_data(reader_.get(), buffer.data(), buffer.size());
            if (size == 0)
                break;
            if (size < 0)
                return refused(name, fmt::format("is damaged ({})", shown(error_text())));
            // Counted as they come: what an entry says of its own size is not believed.
            result_.bytes += std::uint64_t(size);
            if (auto bounded = check_size(name); !bounded)
                return bounded;
            if (!file.write(buffer.data(), std::size_t(size)))
                return Error(ErrorKind::temporary,
                             fmt::format("{} cannot be written: {}", path, std::strerror(errno)));
        }
        ++result_.entries;
        if (const auto [other, is_new] = in_lower_case_.emplace(in_lower_case(path), path); !is_new)
            result_.alike.push_back(fmt::format("{} and {}", other->second, path));
        return {};
    }

    std::string error_text() const {
        const char* text = archive_error_string(reader_.get());
        return text ? text : "unknown";
    }

    Status check_size(std::string_view name) {
        if (result_.bytes > limits_.bytes)
            return refused(fmt::format("it holds more than {} MiB", limits_.bytes / 1024 / 1024));
        const auto read = std::uint64_t(std::max<la_int64_t>(1, archive_filter_bytes(reader_.get(), -1)));
        if (result_.bytes > limits_.ratio_from &&
            result_.bytes / std::max(read, std::uint64_t(1)) > limits_.ratio)
            return refused(name,
                           fmt::format("makes it more than {} times as large as the file", limits_.ratio));
        if (on_progress_ && size_ > 0)
            on_progress_(std::min(1.0, double(read) / double(size_)));
        return {};
    }

    const fs::path& file_;
    const fs::path& target_;
    const std::function<void(double)>& on_progress_;
    const ArchiveLimits& limits_;
    std::uintmax_t size_ = 0;
    Reader reader_;
    std::uint64_t seen_ = 0;
    std::map<std::string, std::string> in_lower_case_;
    UnpackedArchive result_;
};

}  // namespace

bool is_archive(const fs::path& file) {
    std::array<char, 512> head{};
    std::ifstream stream(file, std::ios::binary);
    stream.read(head.data(), head.size());
    const std::string_view begin(head.data(), std::size_t(stream.gcount()));
    return begin.starts_with("PK\x03\x04") || begin.starts_with("PK\x05\x06") ||
           begin.starts_with("\x1f\x8b") || (begin.size() == head.size() && begin.substr(257, 5) == "ustar");
}

Result<UnpackedArchive> unpack_archive(const fs::path& file, const fs::path& target,
                                       const std::function<void(double)>& on_progress,
                                       const ArchiveLimits& limits) {
    return Unpacker(file, target, on_progress, limits).run();
}

}  // namespace calyptenora::platform
