#pragma once

#include "platform/export/byte_sink.hpp"
#include "storage/clock.hpp"

#include <calyptenora/result.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct archive;

namespace calyptenora::platform {

/// Writes a ZIP file straight through to a sink: sizes and checksums follow the data of each entry (bit 3 of
/// its flags), so nothing is kept and nothing is written twice, and the sink may encrypt what it gets.
/// libarchive does that; libzip goes back to each entry's head when it knows the size, and refuses a target
/// in which it cannot.
///
/// A failure is kept: calls after it do nothing, and `finish` returns it.
class Archive {
  public:
    /// `made_at` is the date of all entries.
    Archive(ByteSink& sink, storage::Timestamp made_at);
    ~Archive();
    Archive(const Archive&) = delete;
    Archive& operator=(const Archive&) = delete;

    /// Ends the entry before and begins another. Names are UTF-8 with `/` between folders.
    void begin(const std::string& name);
    /// More of the entry.
    void write(std::string_view text);
    /// Whether going on makes sense.
    const Status& status() const { return status_; }
    /// Writes the directory. To be called once, at the end.
    Status finish();

  private:
    struct Free {
        void operator()(struct ::archive* made) const;
    };
    static std::intptr_t pass_on(struct ::archive*, void* self, const void* bytes, std::size_t size);
    void flush();
    void check(int code);

    ByteSink& sink_;
    storage::Timestamp made_at_;
    Status status_;
    std::uint64_t size_ = 0;
    /// Many small texts are compressed at once.
    std::string buffer_;
    std::unique_ptr<struct ::archive, Free> archive_;
};

}  // namespace calyptenora::platform
