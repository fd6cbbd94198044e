#pragma once

#include <string_view>
#include <vector>

/// What of the records stands in index.html, for people. The files beside it have all of it.
namespace calyptenora::platform {

struct PageTable {
    std::string_view set;                   ///< A record set's name.
    std::vector<std::string_view> columns;  ///< By their names outside.
};

/// A chapter: what is kept for one purpose.
struct PageGroup {
    /// Its words are the texts `stored.NAME_what`, `_why`, `_basis` and `_how_long`, as in the privacy
    /// notice.
    std::string_view name;
    std::vector<PageTable> tables;
};

const std::vector<PageGroup>& page_layout();

}  // namespace calyptenora::platform
