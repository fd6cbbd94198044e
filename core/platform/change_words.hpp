#pragma once

#include "platform/record_changes.hpp"
#include "web/words.hpp"

#include <string>

/// Changes between two records of processing, as people read them: on the pages of the privacy notice's
/// versions and in `privacy changes`.
namespace calyptenora::platform {

/// One sentence.
std::string in_words(const RecordChange& change, const web::Words& words);

}  // namespace calyptenora::platform
