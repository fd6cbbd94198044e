#pragma once

#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>

namespace calyptenora::platform::test {

/// Writes ZIP files byte by byte, so that they can say what no program would write: any name, any size, any
/// kind of file. Entries are stored, not compressed.
class ZipBuilder {
  public:
    struct Entry {
        std::string name;
        std::string content;
        /// Of Unix, as in stat(): 0100644 a file, 0120777 a link.
        std::uint32_t mode = 0100644;
        /// What the entry says of its size; -1: the truth.
        long claimed_size = -1;
        std::uint16_t flags = 0x0800;
        std::uint16_t method = 0;
    };

    ZipBuilder& add(const Entry& entry) {
        const auto offset = std::uint32_t(file_.size());
        const auto size =
            std::uint32_t(entry.claimed_size >= 0 ? entry.claimed_size : long(entry.content.size()));
        std::string common;
        number(common, 20, 2);
        number(common, entry.flags, 2);
        number(common, entry.method, 2);
        number(common, 0, 4);
        number(common, crc32(entry.content), 4);
        number(common, std::uint32_t(entry.content.size()), 4);
        number(common, size, 4);
        number(common, std::uint32_t(entry.name.size()), 2);
        number(common, 0, 2);
        file_ += "PK\x03\x04" + common + entry.name + entry.content;
        directory_ += "PK\x01\x02";
        number(directory_, 0x0314, 2);
        directory_ += common;
        number(directory_, 0, 2);
        number(directory_, 0, 2);
        number(directory_, 0, 2);
        number(directory_, entry.mode << 16, 4);
        number(directory_, offset, 4);
        directory_ += entry.name;
        ++count_;
        return *this;
    }
    ZipBuilder& add(const std::string& name, const std::string& content) {
        return add({.name = name, .content = content});
    }

    std::string bytes() const {
        std::string all = file_ + directory_;
        all += std::string("PK\x05\x06\0\0\0\0", 8);
        number(all, count_, 2);
        number(all, count_, 2);
        number(all, std::uint32_t(directory_.size()), 4);
        number(all, std::uint32_t(file_.size()), 4);
        number(all, 0, 2);
        return all;
    }
    void write(const std::string& path) const { std::ofstream(path, std::ios::binary) << bytes(); }

  private:
    static void number(std::string& to, std::uint64_t value, int bytes) {
        for (int i = 0; i < bytes; ++i)
            to += char((value >> (8 * i)) & 0xff);
    }
    static std::uint32_t crc32(std::string_view data) {
        std::uint32_t crc = 0xffffffff;
        for (const char c : data) {
            crc ^= static_cast<unsigned char>(c);
            for (int i = 0; i < 8; ++i)
                crc = (crc >> 1) ^ ((crc & 1) ? 0xedb88320u : 0);
        }
        return ~crc;
    }

    std::string file_;
    std::string directory_;
    std::uint32_t count_ = 0;
};

}  // namespace calyptenora::platform::test
