#pragma once

#include <calyptenora/result.hpp>
#include <calyptenora/vocabulary.hpp>

#include <compare>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

/// How an enabled plugin is named everywhere: in YAML, in the database, in logs and on pages.
namespace calyptenora::settings {

/// A plugin that is enabled for one recipient: `family/name`, or `family/name@label` where the same plugin is
/// enabled more than once (`analytics/xapi@second`); or something of the core's own, which no plugin does.
/// Ordered and hashed by its text.
class InstanceId {
  public:
    /// The only way to make one. `family` is one of the plugin families; name and label are 1 to 63 of `a-z
    /// 0-9 _ -` and begin with a letter.
    friend Result<InstanceId> parse_instance_id(std::string_view text);
    friend const InstanceId& core_mail_id();
    friend const InstanceId& core_technical_id();

    /// The whole text, as it stands in YAML.
    const std::string& text() const { return text_; }
    /// Nothing for the core's own.
    std::optional<Family> family() const { return family_; }
    /// `analytics/xapi`: the plugin, which may serve several instances. Valid as long as this object.
    std::string_view plugin_name() const { return std::string_view(text_).substr(0, plugin_size_); }
    /// `xapi`.
    std::string_view name() const { return plugin_name().substr(plugin_name().find('/') + 1); }
    /// What stands behind the `@`; empty for an instance without label.
    std::string_view label() const;

    bool operator==(const InstanceId& other) const { return text_ == other.text_; }
    std::strong_ordering operator<=>(const InstanceId& other) const { return text_ <=> other.text_; }

  private:
    InstanceId(std::string text, std::optional<Family> family, std::size_t plugin_size)
        : text_(std::move(text)), family_(family), plugin_size_(plugin_size) {}

    std::string text_;
    std::optional<Family> family_;
    std::size_t plugin_size_;
};

/// The instance with this text; also the core's own, which nobody can configure as plugins.
Result<InstanceId> parse_instance_id(std::string_view text);

/// `core/mail`: through what the core's own letters leave, and under which name the gate, the ledger and all
/// documents know who carries them.
const InstanceId& core_mail_id();

/// `core/technical`: under which name people are asked whether pages may tell the operator of their browser.
const InstanceId& core_technical_id();

/// Whether a text is a plugin's or a label's name: 1 to 63 of `a-z 0-9 _ -`, beginning with a letter.
bool is_plugin_word(std::string_view text);

}  // namespace calyptenora::settings

template <>
struct std::hash<calyptenora::settings::InstanceId> {
    std::size_t operator()(const calyptenora::settings::InstanceId& id) const noexcept {
        return std::hash<std::string>{}(id.text());
    }
};
