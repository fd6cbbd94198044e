#pragma once

#include <calyptenora/result.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace calyptenora::host {

/// What a plugin's completion amounts to: its document, its own error, or (`permanent`) what is wrong with
/// it: too large, an unknown status, not UTF-8, not JSON. Whether the document is the one that the operation
/// promises is for its reader to say. Nothing of the bytes is looked at if there are too many.
Result<std::string> check_answer(std::uint32_t status, std::string payload, std::size_t limit);

/// The same verdict where the payload was too large to be passed on.
Error answer_too_large(std::size_t size, std::size_t limit);

/// Why an instance could not be created: what it completed call 0 with during its creation.
Error creation_error(const Result<std::string>& answer);

}  // namespace calyptenora::host
