#pragma once

#include "platform/courses/due_date.hpp"
#include "platform/courses/problem.hpp"

#include <yaml-cpp/yaml.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace calyptenora::platform {

/// The known key most like `key` (at most two edits, or a third of its letters), or empty.
std::string nearest_name(std::string_view key, const std::vector<std::string_view>& known);

/// A YAML mapping read against a list of known keys. Every complaint goes into `problems` with file and line;
/// reading goes on after an error, so that all are reported in one go. Only for sources of this folder.
class YamlFields {
  public:
    /// `line_offset` is added to YAML's own lines, for YAML inside another file. Unknown keys are reported
    /// here.
    YamlFields(const YAML::Node& node, std::filesystem::path file, int line_offset,
               std::vector<std::string_view> known, Problems& problems);

    /// Parses a text that must be a mapping; nothing (and a problem) if it is none.
    static std::optional<YamlFields> parse(const std::string& yaml, const std::filesystem::path& file,
                                           int line_offset, std::vector<std::string_view> known,
                                           Problems& problems);

    bool has(const char* key) const { return static_cast<bool>(node_[key]); }
    YAML::Node node(const char* key) const { return node_[key]; }

    /// A scalar that is not empty; a problem if it is missing.
    std::string required_text(const char* key, std::string_view example);
    std::string text(const char* key);
    std::optional<int> number(const char* key, int least, int most);
    /// A sequence of texts; a single text counts as a sequence of one.
    std::vector<std::string> texts(const char* key);

    /// When something is due; a problem if the text says no moment.
    std::optional<DueDate> due_date(const char* key);

    int line() const { return line_of(node_); }
    int line_of(const YAML::Node& node) const;
    /// The line of the key itself, or of the mapping if the key is missing.
    int line_of_key(std::string_view key) const;
    void error(int line, std::string what, std::string remedy);
    void warning(int line, std::string what, std::string remedy);

  private:
    YAML::Node node_;
    std::filesystem::path file_;
    int line_offset_;
    Problems* problems_;
};

}  // namespace calyptenora::platform
