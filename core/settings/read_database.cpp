#include "settings/sections.hpp"

#include <fmt/format.h>
#include <sodium.h>

namespace calyptenora::settings {
namespace {

constexpr std::string_view url_forms = "sqlite:PATH or postgresql://user:${env:NAME}@host/database";

/// What is wrong with a database URL in which each reference stands as the byte 0x01.
std::optional<std::string> check_url(std::string_view url) {
    if (url.starts_with("sqlite:"))
        return url.size() > 7 ? std::nullopt : std::optional<std::string>("a path behind sqlite:");
    const auto scheme = url.find("://");
    if (!url.starts_with("postgresql://") && !url.starts_with("postgres://"))
        return std::string(url_forms);
    if (const auto query = url.find('?'); query != std::string_view::npos) {
        auto rest = url.substr(query + 1);
        for (const auto word : {"password=", "sslpassword="})
            if (const auto at = rest.find(word);
                at != std::string_view::npos && !rest.substr(rest.find('=', at) + 1).starts_with('\x01'))
                return "a password as ${env:NAME} or ${file:PATH}";
    }
    const auto rest = url.substr(scheme + 3);
    const auto authority = rest.substr(0, rest.find_first_of("/?"));
    const auto at = authority.rfind('@');
    if (at == std::string_view::npos)
        return std::nullopt;
    const auto user = authority.substr(0, at);
    const auto colon = user.find(':');
    if (colon != std::string_view::npos && user.substr(colon + 1) != "\x01")
        return "a password as ${env:NAME} or ${file:PATH}";
    return std::nullopt;
}

}  // namespace

void read_database(const Field& field, Database& out) {
    Object object = field.object("a mapping with url");
    const auto url_field = object.optional("url");
    Secret url;
    url_field.secret_url(url, [&](std::string_view text) {
        // Where the whole URL is one reference, its password is out of the file already.
        const bool whole = url_field.node()->text.starts_with("${");
        return whole ? (text.starts_with("sqlite:") || text.starts_with("postgresql://") ||
                                text.starts_with("postgres://")
                            ? std::nullopt
                            : std::optional<std::string>(url_forms))
                     : check_url(text);
    });
    if (url.reveal().starts_with("sqlite:"))
        out.where = Sqlite{std::string(url.reveal().substr(7))};
    else if (!url.empty())
        out.where = Postgresql{std::move(url)};
    object.optional("pool").integer(out.pool, 1, 64);
}

void read_master_key(const Field& field, std::optional<Secret>& out) {
    Secret text;
    field.secret(text);
    if (text.empty())
        return;
    std::array<unsigned char, 33> bytes{};
    std::size_t size = 0;
    const auto value = text.reveal();
    const bool decoded = sodium_base642bin(bytes.data(), bytes.size(), value.data(), value.size(), nullptr,
                                           &size, nullptr, sodium_base64_VARIANT_ORIGINAL) == 0;
    if (decoded && size == 32)
        out = Secret({reinterpret_cast<const char*>(bytes.data()), size});
    else
        field.wrong_hidden("32 bytes in base64", "something else (not shown)",
                           "make one with: openssl rand -base64 32");
    sodium_memzero(bytes.data(), bytes.size());
}

}  // namespace calyptenora::settings
