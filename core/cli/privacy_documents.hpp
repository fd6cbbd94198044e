#pragma once

#include "cli/workbench.hpp"
#include "gate/policy.hpp"
#include "settings/settings.hpp"

#include <calyptenora/result.hpp>

#include <string>

/// The documents about data protection that are made from what is running.
namespace calyptenora::cli {

struct DocumentRequest {
    std::string document;  ///< `record`, `processors`, `retention`, `map`
    std::string form;      ///< `csv`, `html`, `json`, `svg`, `text`
    std::string language;  ///< `de`, `en`; empty: the platform's own.
};

/// The document over a policy in force. `share` holds the texts.
Result<std::string> make_document(const settings::Settings& settings, const gate::Policy& policy,
                                  const std::filesystem::path& share, const DocumentRequest& request);

/// The same: a running server is asked, since it may follow other settings than the file holds by now;
/// without one, the file and the plugins' manifests count. Neither needs a data folder.
Result<std::string> fetch_document(const WorkbenchOptions& places, const DocumentRequest& request);

}  // namespace calyptenora::cli
