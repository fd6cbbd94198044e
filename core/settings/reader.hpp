#pragma once

#include "settings/problem.hpp"
#include "settings/secret.hpp"
#include "settings/text_check.hpp"
#include "settings/yaml_node.hpp"

#include <calyptenora/vocabulary.hpp>

#include <chrono>
#include <filesystem>
#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

/// Reading a YAML tree into typed values, collecting all problems in one go.
///
///     Object server = root.required("server", "where to listen").object();
///     server.optional("port").integer(out.port, 1, 65535);
///     // every key that nobody asked for is reported when `server` goes
///
/// Every reader leaves its target unchanged where the value is absent, null or wrong, and says so in the
/// problems where that matters. So defaults are what the target held before.
namespace calyptenora::settings {

/// The value of an environment variable, or nothing.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

/// The variables of this process.
Environment process_environment();

/// The file that is being read.
struct SourceFile {
    std::string name;              ///< As problems show it.
    std::filesystem::path folder;  ///< What relative paths in it are relative to.
    Environment environment;
    /// Off in manifests, where `${` is ordinary text or has a meaning of its own.
    bool resolve_references = true;
};

struct TextLimits {
    std::size_t min_bytes = 1;
    std::size_t max_bytes = 500;
};

class Object;

/// The value at one key, or its absence. Cheap to copy; refers to the SourceFile and the Problems, which must
/// outlive it.
class Field {
  public:
    Field(const SourceFile& source, Problems& problems, std::shared_ptr<const YamlNode> node,
          std::string path, Position key_position);
    /// Absent: every reader does nothing.
    Field(const SourceFile& source, Problems& problems, std::string path, Position key_position)
        : Field(source, problems, nullptr, std::move(path), key_position) {}

    /// There is a value, and it is not null.
    explicit operator bool() const { return node_ && node_->kind != YamlNode::Kind::null; }
    bool is_list() const { return node_ && node_->kind == YamlNode::Kind::list; }
    bool is_mapping() const { return node_ && node_->kind == YamlNode::Kind::mapping; }
    const std::string& key_path() const { return path_; }
    /// Of the value; of the key where there is no value.
    Position position() const;
    /// Of the key that holds this value.
    Position key_position() const { return key_position_; }
    /// The tree below, for those who read it later; null if absent.
    const std::shared_ptr<const YamlNode>& node() const { return node_; }

    /// The value at a key of this mapping, without any problem where there is none.
    Field find(std::string_view key) const;

    void text(std::string& out, TextLimits limits = {}) const;
    void boolean(bool& out) const;
    void host(std::string& out) const;
    void email(std::string& out) const;
    void date(std::chrono::year_month_day& out) const;
    void duration(std::chrono::milliseconds& out) const;
    /// An absolute URL with one of these schemes, without user name and password.
    void url(std::string& out, std::span<const std::string_view> schemes) const;
    void host_port(HostPort& out, std::uint16_t default_port) const;
    /// A path, made absolute from the folder of the file.
    void path(std::filesystem::path& out) const;
    void existing_file(std::filesystem::path& out) const;
    void existing_folder(std::filesystem::path& out) const;
    /// ISO 3166-1 alpha-2, upper case.
    void country(std::string& out) const;

    template <class T>
    void integer(T& out, std::int64_t min, std::int64_t max) const {
        if (const auto value = whole_number(min, max))
            out = static_cast<T>(*value);
    }

    /// One of the vocabulary's keys.
    template <VocabularyTerm E>
    void word(E& out) const {
        word(out, keys_of(std::type_identity<E>{}));
    }
    /// One of `keys`, whose order is that of the enumeration.
    template <class E>
        requires std::is_enum_v<E>
    void word(E& out, std::span<const std::string_view> keys) const {
        if (const auto index = index_of_word(keys))
            out = static_cast<E>(*index);
    }

    /// Exactly one `${env:NAME}` or `${file:PATH}`. Anything else is an error that does not show what was
    /// found.
    void secret(Secret& out) const;
    /// A text that is secret as a whole and may hold references within, which are put in percent-encoded (for
    /// URLs). `check_template` sees it with each reference replaced by the byte 0x01, and returns what is
    /// wrong, or nothing.
    void secret_url(Secret& out,
                    const std::function<std::optional<std::string>(std::string_view)>& check_template) const;

    /// The mapping at this value. A wrong type is reported once; the Object is then empty and asks for
    /// nothing.
    Object object(std::string_view expected = "a mapping") const;
    /// The items of the list; a wrong type is reported.
    std::vector<Field> items(std::string_view expected = "a list") const;
    /// The entries of a mapping whose keys are the operator's, in the order of the file. The field's
    /// key_position is the key's.
    std::vector<std::pair<std::string, Field>> entries(std::string_view expected = "a mapping") const;

    /// Reports that this value is wrong, showing it unless told otherwise.
    void wrong(std::string expected, std::string remedy = {}) const;
    void wrong_hidden(std::string expected, std::string found, std::string remedy = {}) const;
    /// Reports that this value is not among the known words, with the nearest.
    void not_among(std::string expected, std::span<const std::string> known) const;
    /// Reports that this value's key is unknown, with the nearest known one.
    void unknown_key(std::string_view key, std::span<const std::string> known) const;
    /// Reports that this value is missing.
    void missing(std::string expected, std::string remedy = {}) const;
    void warn(std::string expected, std::string found, std::string remedy = {}) const;

    const SourceFile& source() const { return *source_; }
    Problems& problems() const { return *problems_; }

  private:
    struct Scalar {
        std::string value;
        std::string shown;  // as written in the file, so that no environment variable is ever printed
    };
    std::optional<Scalar> scalar(std::string_view expected) const;
    std::optional<std::int64_t> whole_number(std::int64_t min, std::int64_t max) const;
    std::optional<std::size_t> index_of_word(std::span<const std::string_view> keys) const;
    Problem& report(ProblemKind kind, std::string expected, std::string found = {},
                    std::string remedy = {}) const;
    std::string shown() const;

    const SourceFile* source_;
    Problems* problems_;
    std::shared_ptr<const YamlNode> node_;
    std::string path_;
    Position key_position_;
};

/// A mapping with known keys. When it goes, every key that was not asked for is reported with its nearest
/// known key.
class Object {
  public:
    explicit Object(Field field);
    Object(const Object&) = delete;
    Object& operator=(const Object&) = delete;
    ~Object();

    /// The value must be there; `expected` says what. Asking an Object that is itself absent reports nothing.
    Field required(std::string_view key, std::string_view expected);
    Field optional(std::string_view key);
    /// Known, but the caller does not read it.
    void ignore(std::string_view key) { known_.emplace_back(key); }
    bool has(std::string_view key) const;
    /// There is a mapping (an empty one counts).
    explicit operator bool() const { return field_.is_mapping(); }
    const Field& field() const { return field_; }

  private:
    Field field_;
    std::vector<std::string> known_;
};

/// The root of a YAML text; absent, with a problem, where the text is no YAML.
Field open_yaml(std::string_view text, const SourceFile& source, Problems& problems);

/// The text of a file of at most `max_bytes`, or a problem named after `shown_name`.
std::optional<std::string> load_text(const std::filesystem::path& path, const std::string& shown_name,
                                     std::size_t max_bytes, Problems& problems);

}  // namespace calyptenora::settings
