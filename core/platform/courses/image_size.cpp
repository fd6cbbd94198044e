#include "platform/courses/image_size.hpp"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <string>

namespace calyptenora::platform {

namespace {

std::uint32_t byte(std::string_view bytes, std::size_t at) {
    return static_cast<unsigned char>(bytes[at]);
}
std::uint32_t big16(std::string_view b, std::size_t at) {
    return byte(b, at) << 8 | byte(b, at + 1);
}
std::uint32_t big32(std::string_view b, std::size_t at) {
    return big16(b, at) << 16 | big16(b, at + 2);
}
std::uint32_t little16(std::string_view b, std::size_t at) {
    return byte(b, at) | byte(b, at + 1) << 8;
}
std::uint32_t little24(std::string_view b, std::size_t at) {
    return little16(b, at) | byte(b, at + 2) << 16;
}

std::optional<ImageSize> sane(double width, double height) {
    if (!(width >= 0.5 && height >= 0.5 && width <= 20'000 && height <= 20'000))
        return std::nullopt;
    return ImageSize{int(std::lround(std::fmax(width, 1))), int(std::lround(std::fmax(height, 1)))};
}

std::optional<ImageSize> jpeg(std::string_view b) {
    std::size_t at = 2;
    while (at + 9 <= b.size() && byte(b, at) == 0xff) {
        const auto marker = byte(b, at + 1);
        if (marker == 0xff) {
            ++at;
            continue;
        }
        const bool frame =
            marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
        if (frame)
            return sane(big16(b, at + 7), big16(b, at + 5));
        if (marker == 0xd9 || marker == 0xda)
            return std::nullopt;
        at += 2 + big16(b, at + 2);
    }
    return std::nullopt;
}

std::optional<ImageSize> webp(std::string_view b) {
    if (b.size() < 30)
        return std::nullopt;
    const auto kind = b.substr(12, 4);
    if (kind == "VP8X")
        return sane(1 + little24(b, 24), 1 + little24(b, 27));
    if (kind == "VP8 ")
        return sane(little16(b, 26) & 0x3fff, little16(b, 28) & 0x3fff);
    if (kind == "VP8L") {
        const auto bits = little16(b, 21) | little16(b, 23) << 16;
        return sane(1 + (bits & 0x3fff), 1 + (bits >> 14 & 0x3fff));
    }
    return std::nullopt;
}

std::optional<std::string_view> svg_attribute(std::string_view tag, std::string_view name) {
    for (std::size_t at = tag.find(name); at != std::string_view::npos; at = tag.find(name, at + 1)) {
        const bool starts = at > 0 && std::isspace(static_cast<unsigned char>(tag[at - 1]));
        std::size_t next = at + name.size();
        while (next < tag.size() && std::isspace(static_cast<unsigned char>(tag[next])))
            ++next;
        if (!starts || next >= tag.size() || tag[next] != '=')
            continue;
        next = tag.find_first_not_of(" \t\r\n", next + 1);
        if (next == std::string_view::npos || (tag[next] != '"' && tag[next] != '\''))
            return std::nullopt;
        const auto end = tag.find(tag[next], next + 1);
        if (end == std::string_view::npos)
            return std::nullopt;
        return tag.substr(next + 1, end - next - 1);
    }
    return std::nullopt;
}

std::optional<double> number(std::string_view& text) {
    const auto first = text.find_first_not_of(" ,\t\r\n");
    if (first == std::string_view::npos)
        return std::nullopt;
    double value = 0;
    const auto [end, error] = std::from_chars(text.data() + first, text.data() + text.size(), value);
    if (error != std::errc())
        return std::nullopt;
    text.remove_prefix(std::size_t(end - text.data()));
    return value;
}

std::optional<double> length(std::optional<std::string_view> text) {
    if (!text)
        return std::nullopt;
    const auto value = number(*text);
    if (!value)
        return std::nullopt;
    if (text->empty() || *text == "px")
        return value;
    if (*text == "pt")
        return *value * 4 / 3;
    if (*text == "mm")
        return *value * 96 / 25.4;
    if (*text == "cm")
        return *value * 96 / 2.54;
    if (*text == "in")
        return *value * 96;
    return std::nullopt;
}

std::optional<ImageSize> svg(std::string_view b) {
    const auto begin = b.find("<svg");
    if (begin == std::string_view::npos)
        return std::nullopt;
    const auto end = b.find('>', begin);
    if (end == std::string_view::npos)
        return std::nullopt;
    const auto tag = b.substr(begin, end - begin);
    const auto width = length(svg_attribute(tag, "width"));
    const auto height = length(svg_attribute(tag, "height"));
    if (width && height)
        return sane(*width, *height);
    auto box = svg_attribute(tag, "viewBox");
    if (!box || !number(*box) || !number(*box))
        return std::nullopt;
    const auto box_width = number(*box);
    const auto box_height = number(*box);
    if (!box_width || !box_height)
        return std::nullopt;
    return sane(*box_width, *box_height);
}

}  // namespace

std::optional<ImageSize> find_image_size(std::string_view b) {
    using namespace std::string_view_literals;
    if (b.starts_with("\x89PNG\r\n\x1a\n"sv))
        return b.size() < 24 || b.substr(12, 4) != "IHDR" ? std::nullopt : sane(big32(b, 16), big32(b, 20));
    if (b.starts_with("GIF87a") || b.starts_with("GIF89a"))
        return b.size() < 10 ? std::nullopt : sane(little16(b, 6), little16(b, 8));
    if (b.starts_with("\xff\xd8\xff"))
        return jpeg(b);
    if (b.starts_with("RIFF") && b.size() > 16 && b.substr(8, 4) == "WEBP")
        return webp(b);
    return svg(b.substr(0, 64 * 1024));
}

std::optional<ImageSize> load_image_size(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    std::string bytes(1024 * 1024, '\0');
    stream.read(bytes.data(), std::streamsize(bytes.size()));
    bytes.resize(std::size_t(stream.gcount()));
    return find_image_size(std::string_view(bytes));
}

}  // namespace calyptenora::platform
