#pragma once

#include "gate/policy.hpp"

#include <string>
#include <string_view>
#include <vector>

/// Policies of tests, made as the program makes them: from the operator's YAML and the plugins' manifests.
namespace calyptenora::test {

/// Reads manifests and settings, checks every enabled instance, and compiles. Throws std::runtime_error with
/// the problems if anything is wrong.
std::shared_ptr<const gate::Policy> compile_policy(std::string_view settings,
                                                   const std::vector<std::string>& manifests);

/// The head of a settings file, to which a test appends `plugins:`.
std::string settings_head();

/// `analytics/probe`: learning events by consent, and progress by legitimate interest.
std::string probe_manifest();
/// `support/desk`: cases by consent, and another purpose by legitimate interest.
std::string desk_manifest();
/// Two instances of each of these plugins with recipients of their own; all but grades granted to the first,
/// only what is required to the second.
std::string probe_settings();

/// One replacement, which must be possible exactly once.
std::string replaced(std::string text, std::string_view from, std::string_view to);

}  // namespace calyptenora::test
