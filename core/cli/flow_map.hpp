#pragma once

#include "platform/processing_record.hpp"
#include "web/words.hpp"

#include <boost/json/object.hpp>

#include <string>

/// The map of data flows: from the person to the platform, and from there or from the person's own browser to
/// each recipient. A view of platform::ProcessingRecord.
namespace calyptenora::cli {

/// Nodes and edges under the keys of the vocabulary; an edge from `person` to a recipient is the browser's
/// own.
boost::json::object flow_map_json(const platform::ProcessingRecord& record);

/// A drawing that loads nothing; its description says all of it in sentences, for those who do not see it.
std::string flow_map_svg(const platform::ProcessingRecord& record, const web::Words& words);

}  // namespace calyptenora::cli
