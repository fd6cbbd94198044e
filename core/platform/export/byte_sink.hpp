#pragma once

#include <calyptenora/result.hpp>

#include <string_view>

namespace calyptenora::platform {

/// Where an archive goes as it is made: bytes in order, never back.
class ByteSink {
  public:
    virtual ~ByteSink() = default;
    /// After an Error nothing more is written.
    virtual Status write(std::string_view bytes) = 0;
};

}  // namespace calyptenora::platform
