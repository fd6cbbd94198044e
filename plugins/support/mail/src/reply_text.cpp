#include "reply_text.hpp"

#include "mail_text.hpp"

#include <algorithm>
#include <vector>

namespace calyptenora::mail {
namespace {

bool is_quoted(std::string_view line) {
    return trimmed(line).starts_with('>');
}

// "On ... wrote:", "Am ... schrieb ...:", the separators and header blocks of mail programs.
bool introduces_quotation(std::string_view raw_line, std::string_view next_line) {
    const auto line = lower_case(trimmed(raw_line));
    if (line.size() > 300)
        return false;
    if (line.starts_with("-----") && (line.find("original message") != std::string::npos ||
                                      line.find("ursprüngliche nachricht") != std::string::npos))
        return true;
    if ((line.starts_with("von: ") || line.starts_with("from: ")) &&
        (lower_case(next_line).starts_with("gesendet:") || lower_case(next_line).starts_with("sent:") ||
         lower_case(next_line).starts_with("datum:") || lower_case(next_line).starts_with("date:")))
        return true;
    return line.ends_with(':') && ((line.starts_with("on ") && line.find(" wrote") != std::string::npos) ||
                                   (line.starts_with("am ") && line.find(" schrieb") != std::string::npos));
}

}  // namespace

std::string without_quotation(std::string_view text) {
    std::vector<std::string_view> lines;
    for (auto rest = text; !rest.empty();) {
        const auto end = rest.find('\n');
        lines.push_back(rest.substr(0, end));
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
    const auto line_at = [&](std::size_t i) { return i < lines.size() ? lines[i] : std::string_view(); };
    auto kept = lines.size();
    for (std::size_t i = 0; i < lines.size(); ++i) {
        // A long introduction is broken over two lines.
        const auto joined = std::string(line_at(i)) + " " + std::string(line_at(i + 1));
        const bool introduction = introduces_quotation(line_at(i), line_at(i + 1)) ||
                                  (introduces_quotation(joined, line_at(i + 2)) && is_quoted(line_at(i + 2)));
        if (!introduction && !is_quoted(lines[i]))
            continue;
        kept = i;
        // With ">" marks all that follows must be quoted; after a separator everything is.
        const bool marked =
            std::ranges::any_of(lines.begin() + static_cast<std::ptrdiff_t>(i), lines.end(), is_quoted);
        const auto own =
            std::find_if(lines.begin() + static_cast<std::ptrdiff_t>(i) + (introduction ? 2 : 0), lines.end(),
                         [](std::string_view line) { return !is_quoted(line) && !trimmed(line).empty(); });
        if (marked && own != lines.end())
            return std::string(trimmed(text));
        break;
    }
    std::string answer;
    for (std::size_t i = 0; i < kept; ++i)
        answer += std::string(lines[i]) + "\n";
    const auto result = trimmed(answer);
    return std::string(result.empty() ? trimmed(text) : result);
}

}  // namespace calyptenora::mail
