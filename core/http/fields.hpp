#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace calyptenora::http {

/// Names and values in the order in which they came: query parameters, cookies, form fields without files.
/// A name may occur more than once. Names are compared exactly.
class Params {
  public:
    using Entry = std::pair<std::string, std::string>;

    void add(std::string name, std::string value) {
        entries_.emplace_back(std::move(name), std::move(value));
    }

    /// The first value of that name. The view lives as long as this object and until the next `add`.
    std::optional<std::string_view> find(std::string_view name) const;

    /// Every value of that name, for check boxes.
    std::vector<std::string_view> all(std::string_view name) const;

    bool is_empty() const { return entries_.empty(); }
    std::size_t size() const { return entries_.size(); }
    auto begin() const { return entries_.begin(); }
    auto end() const { return entries_.end(); }

  private:
    std::vector<Entry> entries_;
};

/// Header fields of a message. Names are compared without regard to case (RFC 9110, 5.1).
class Headers {
  public:
    using Entry = std::pair<std::string, std::string>;

    /// Replaces every field of that name.
    /// Throws std::invalid_argument for a name that is no token or a value with control characters: a caller
    /// that lets a CR or LF through would let a stranger write headers (response splitting).
    void set(std::string_view name, std::string_view value);

    /// Appends a field; the same checks as `set`.
    void add(std::string_view name, std::string_view value);

    void remove(std::string_view name);

    /// The first value of that name. The view lives until the next change of this object.
    std::optional<std::string_view> find(std::string_view name) const;
    bool has(std::string_view name) const { return find(name).has_value(); }

    std::size_t size() const { return entries_.size(); }
    auto begin() const { return entries_.begin(); }
    auto end() const { return entries_.end(); }

  private:
    std::vector<Entry> entries_;
};

/// ASCII letters without regard to case.
bool is_same_name(std::string_view left, std::string_view right);

/// A token of RFC 9110, 5.6.2: what methods, field names and cookie names are made of.
bool is_token(std::string_view text);

/// Free of control characters (a tab is allowed), as RFC 9110, 5.5 wants a field value.
bool is_field_value(std::string_view text);

/// Without spaces and tabs at both ends.
std::string_view trim(std::string_view text);

}  // namespace calyptenora::http
