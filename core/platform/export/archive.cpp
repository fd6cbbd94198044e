#include "platform/export/archive.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <stdexcept>

namespace calyptenora::platform {
namespace {

constexpr std::size_t buffer_size = 64 * 1024;

// Beyond it the directory would need Zip64, which not every program reads that people have.
constexpr std::uint64_t most_bytes = 0xffff'ffff;

}  // namespace

void Archive::Free::operator()(struct ::archive* made) const {
    archive_write_free(made);
}

Archive::Archive(ByteSink& sink, storage::Timestamp made_at)
    : sink_(sink), made_at_(made_at), archive_(archive_write_new()) {
    buffer_.reserve(buffer_size);
    auto* made = archive_.get();
    if (!made || archive_write_set_format_zip(made) != ARCHIVE_OK ||
        archive_write_set_options(made, "zip:!zip64,zip:hdrcharset=UTF-8") != ARCHIVE_OK ||
        archive_write_set_bytes_per_block(made, 0) != ARCHIVE_OK ||
        archive_write_open(made, this, nullptr, &Archive::pass_on, nullptr) != ARCHIVE_OK)
        throw std::runtime_error(fmt::format("libarchive cannot write a ZIP file: {}",
                                             made ? archive_error_string(made) : "no memory"));
}

// What libarchive still wants to write goes nowhere, for the sink may be gone.
Archive::~Archive() {
    if (status_)
        status_ = Error(ErrorKind::permanent, "the archive was given up");
}

std::intptr_t Archive::pass_on(struct ::archive* made, void* self, const void* bytes, std::size_t size) {
    auto& writer = *static_cast<Archive*>(self);
    writer.size_ += size;
    if (writer.status_ && writer.size_ > most_bytes)
        writer.status_ = Error(ErrorKind::permanent, "the archive is larger than 4 GiB");
    if (writer.status_)
        writer.status_ = writer.sink_.write({static_cast<const char*>(bytes), size});
    if (writer.status_)
        return static_cast<std::intptr_t>(size);
    archive_set_error(made, ARCHIVE_FATAL, "the sink refused");
    return -1;
}

void Archive::check(int code) {
    if (code < ARCHIVE_WARN && status_)
        status_ = Error(ErrorKind::permanent, fmt::format("the archive cannot be written: {}",
                                                          archive_error_string(archive_.get())));
}

void Archive::begin(const std::string& name) {
    flush();
    if (!status_)
        return;
    const std::unique_ptr<archive_entry, decltype(&archive_entry_free)> entry(archive_entry_new(),
                                                                              &archive_entry_free);
    archive_entry_set_pathname_utf8(entry.get(), name.c_str());
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0600);
    archive_entry_set_mtime(entry.get(),
                            std::chrono::floor<std::chrono::seconds>(made_at_).time_since_epoch().count(), 0);
    check(archive_write_header(archive_.get(), entry.get()));
}

void Archive::write(std::string_view text) {
    if (buffer_.size() + text.size() > buffer_size)
        flush();
    if (text.size() > buffer_size / 2) {
        flush();
        if (status_ && archive_write_data(archive_.get(), text.data(), text.size()) < 0)
            check(ARCHIVE_FATAL);
        return;
    }
    buffer_ += text;
}

void Archive::flush() {
    if (status_ && !buffer_.empty() && archive_write_data(archive_.get(), buffer_.data(), buffer_.size()) < 0)
        check(ARCHIVE_FATAL);
    buffer_.clear();
}

Status Archive::finish() {
    flush();
    if (status_)
        check(archive_write_close(archive_.get()));
    return status_;
}

}  // namespace calyptenora::platform
