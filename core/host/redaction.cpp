#include "host/redaction.hpp"

#include "settings/secret.hpp"
#include "settings/text_check.hpp"

#include <calyptenora/json.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace calyptenora::host {
namespace {

bool is_alphanumeric(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_in_local_part(char c) {
    return is_alphanumeric(c) || std::string_view("!#$%&'*+-/=?^_`{|}~.").find(c) != std::string_view::npos ||
           static_cast<unsigned char>(c) >= 0x80;
}

bool is_in_domain(char c) {
    return is_alphanumeric(c) || c == '-' || c == '.' || static_cast<unsigned char>(c) >= 0x80;
}

/// Whatever stands around an @ with a dot after it is taken for an address. Too much is better than too
/// little.
std::string without_addresses(std::string_view text) {
    std::string clean;
    std::size_t copied = 0;
    for (auto at = text.find('@'); at != std::string_view::npos; at = text.find('@', at + 1)) {
        auto begin = at, end = at + 1;
        while (begin > copied && is_in_local_part(text[begin - 1]))
            --begin;
        while (end < text.size() && is_in_domain(text[end]))
            ++end;
        if (begin == at || text.substr(at + 1, end - at - 1).find('.') == std::string_view::npos)
            continue;
        clean.append(text, copied, begin - copied).append("[e-mail]");
        copied = end;
        at = end - 1;
    }
    return clean.append(text.substr(copied));
}

std::string percent_encoded(std::string_view text) {
    std::string encoded;
    for (const char c : text)
        if (is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~')
            encoded.push_back(c);
        else
            fmt::format_to(std::back_inserter(encoded), "%{:02X}", static_cast<unsigned char>(c));
    return encoded;
}

}  // namespace

Redactor::Redactor(const std::vector<std::string>& secrets) {
    for (const auto& secret : secrets)
        add(secret);
}

Redactor::~Redactor() {
    for (auto& form : forms_)
        settings::wipe(form);
}

Redactor Redactor::with(const std::vector<std::string>& secrets) const {
    auto both = *this;
    for (const auto& secret : secrets)
        both.add(secret);
    return both;
}

Redactor Redactor::with(const Redactor& other) const {
    auto both = *this;
    for (const auto& form : other.forms_)
        both.add_form(form);
    return both;
}

void Redactor::add_form(std::string form) {
    if (std::ranges::find(forms_, form) == forms_.end())
        forms_.insert(
            std::ranges::upper_bound(forms_, form.size(), std::ranges::greater(), &std::string::size),
            std::move(form));
}

void Redactor::add(std::string_view secret) {
    if (secret.size() < 4)
        return;
    auto base64 = encode_base64(secret);
    // The last characters of base64 depend on what follows in a longer text ("user:password").
    while (base64.ends_with('='))
        base64.pop_back();
    std::string escaped;
    write_json_text(escaped, secret);
    for (std::string form :
         {std::string(secret), base64, percent_encoded(secret), escaped.substr(1, escaped.size() - 2)})
        add_form(std::move(form));
}

std::string Redactor::line(std::string_view text) const {
    std::string line(text);
    for (const auto& form : forms_)
        for (auto at = line.find(form); at != std::string::npos; at = line.find(form, at + 8))
            line.replace(at, form.size(), "[secret]");
    line = without_addresses(line);
    for (auto& c : line)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
            c = ' ';
    if (line.size() > longest_line) {
        line.resize(longest_line);
        while (!line.empty() && settings::find_invalid_utf8(line))
            line.pop_back();
        line += " [cut]";
    }
    if (const auto bad = settings::find_invalid_utf8(line))
        line = line.substr(0, *bad) + "[not UTF-8]";
    return line;
}

}  // namespace calyptenora::host
