#include "settings/reader.hpp"
#include "settings/reference.hpp"

#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>

/// Values that stand elsewhere: `${env:NAME}` and `${file:PATH}`.
namespace calyptenora::settings {
namespace {

constexpr std::string_view secret_form = "a reference, ${env:NAME} or ${file:PATH}";

/// The value that a reference leads to. Problems name the variable or path, never the value.
std::optional<std::string> resolve(const Field& field, const Reference& reference) {
    const auto unresolved = [&](std::string expected, std::string found) {
        field.problems().push_back({.kind = ProblemKind::unresolved,
                                    .file = field.source().name,
                                    .position = field.position(),
                                    .key_path = field.key_path(),
                                    .expected = std::move(expected),
                                    .found = std::move(found)});
        return std::nullopt;
    };
    if (reference.kind == Reference::Kind::env) {
        const auto& environment = field.source().environment;
        auto value = environment ? environment(reference.name) : std::nullopt;
        if (!value || value->empty())
            return unresolved(fmt::format("the environment variable {} to be set", reference.name),
                              value ? "an empty one" : "none");
        return value;
    }
    constexpr std::size_t limit = 64 * 1024;
    const auto path = field.source().folder / reference.name;
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode))
        return unresolved(fmt::format("a file at {}", path.string()), "none");
    std::ifstream stream(path, std::ios::binary);
    std::string text(std::min<std::size_t>(static_cast<std::size_t>(status.st_size), limit + 1), '\0');
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (!stream)
        return unresolved(fmt::format("to be allowed to read {}", path.string()), "it cannot be read");
    if (text.size() > limit)
        return unresolved(fmt::format("at most {} bytes in {}", limit, path.string()), "more");
    if ((status.st_mode & S_IROTH) != 0)
        field.warn(fmt::format("a secret file that others cannot read: {}", path.string()),
                   "it is readable by all users", fmt::format("run: chmod o-rwx {}", path.string()));
    if (text.ends_with('\n'))
        text.pop_back();
    if (text.ends_with('\r'))
        text.pop_back();
    if (text.empty())
        return unresolved(fmt::format("a secret in {}", path.string()), "an empty file");
    return text;
}

}  // namespace

Environment process_environment() {
    return [](const std::string& name) -> std::optional<std::string> {
        const char* value = std::getenv(name.c_str());
        return value ? std::optional<std::string>(value) : std::nullopt;
    };
}

std::optional<Field::Scalar> Field::scalar(std::string_view expected) const {
    if (!*this)
        return std::nullopt;
    if (node_->kind != YamlNode::Kind::scalar) {
        wrong(std::string(expected));
        return std::nullopt;
    }
    if (!source_->resolve_references || node_->text.find("${") == std::string::npos)
        return Scalar{node_->text, node_->text};
    const auto pieces = find_pieces(node_->text);
    const auto is_file = [](const auto& piece) {
        const auto* reference = std::get_if<Reference>(&piece);
        return reference && reference->kind == Reference::Kind::file;
    };
    if (!pieces || std::ranges::any_of(*pieces, is_file)) {
        wrong("${env:NAME} as the only kind of reference (${file:PATH} is for secrets, $${ is a plain ${)");
        return std::nullopt;
    }
    Scalar result{{}, node_->text};
    for (const auto& piece : *pieces) {
        if (const auto* plain = std::get_if<std::string>(&piece)) {
            result.value += *plain;
            continue;
        }
        auto value = resolve(*this, std::get<Reference>(piece));
        if (!value)
            return std::nullopt;
        if (find_invalid_utf8(*value)) {
            wrong_hidden("UTF-8 text in the environment variable", "other bytes");
            return std::nullopt;
        }
        result.value += *value;
    }
    return result;
}

void Field::secret(Secret& out) const {
    if (!*this)
        return;
    const auto pieces = node_->kind == YamlNode::Kind::scalar ? find_pieces(node_->text) : std::nullopt;
    if (!pieces || pieces->size() != 1 || !std::holds_alternative<Reference>(pieces->front())) {
        wrong_hidden(std::string(secret_form),
                     node_->kind == YamlNode::Kind::scalar ? "a text (not shown, since a secret belongs here)"
                                                           : shown(),
                     "put the secret into a file or the environment, and change it if this file was shared");
        return;
    }
    if (auto value = resolve(*this, std::get<Reference>(pieces->front()))) {
        out = Secret(*value);
        wipe(*value);
    }
}

void Field::secret_url(
    Secret& out, const std::function<std::optional<std::string>(std::string_view)>& check_template) const {
    if (!*this)
        return;
    const auto pieces = node_->kind == YamlNode::Kind::scalar ? find_pieces(node_->text) : std::nullopt;
    if (!pieces) {
        wrong_hidden("a URL, in which ${env:NAME} and ${file:PATH} may stand",
                     node_->kind == YamlNode::Kind::scalar ? "something else (not shown)" : shown());
        return;
    }
    const bool whole = pieces->size() == 1 && std::holds_alternative<Reference>(pieces->front());
    std::string masked;
    std::string value;
    for (const auto& piece : *pieces) {
        if (const auto* plain = std::get_if<std::string>(&piece)) {
            masked += *plain;
            value += *plain;
            continue;
        }
        auto resolved = resolve(*this, std::get<Reference>(piece));
        if (!resolved)
            return;
        masked += '\x01';
        value += whole ? *resolved : boost::urls::encode(*resolved, boost::urls::unreserved_chars);
        wipe(*resolved);
    }
    if (const auto expected = check_template(whole ? std::string_view(value) : std::string_view(masked)))
        wrong_hidden(*expected, "something else (not shown)");
    else
        out = Secret(value);
    wipe(value);
}

}  // namespace calyptenora::settings
