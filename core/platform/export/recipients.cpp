#include "platform/export/recipients.hpp"

#include "platform/export/values.hpp"

#include <calyptenora/json.hpp>

#include <fmt/format.h>

namespace calyptenora::platform {

// The names of instances consist of letters, digits and hyphens, with one slash.
std::string ExportedRecipient::file() const {
    if (!answer.outcome)
        return {};
    auto name = answer.instance;
    std::ranges::replace(name, '/', '-');
    return is_account ? fmt::format("recipients/{}.json", name)
                      : fmt::format("recipients/{}-{}.json", name, answer.person);
}

std::string ExportedRecipient::to_json() const {
    std::string out = R"({"instance":)";
    write_json_text(out, answer.instance);
    out += R"(,"recipient":)";
    write_json_text(out, portable_text(answer.recipient));
    out += R"(,"person":)";
    write_json_text(out, answer.person);
    out += R"(,"pseudonym":)";
    write_json_text(out, pseudonym);
    out += fmt::format(R"(,"sent":{},"last_at":)", sent);
    if (last_at)
        write_json_text(out, format_moment(*last_at));
    else
        out += "null";
    out += R"(,"status":)";
    write_json_text(out, status());
    out += R"(,"reason":)";
    write_json_text(out, portable_text(answer.reason));
    out += R"(,"outcome":)";
    if (answer.outcome)
        write_json(out, *answer.outcome);
    else
        out += "null";
    out += "}";
    return out;
}

}  // namespace calyptenora::platform
