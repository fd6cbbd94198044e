#pragma once

#include <calyptenora/result.hpp>

#include <boost/json/object.hpp>

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace calyptenora::web {

/// One file that a browser may fetch.
struct Asset {
    std::string bytes;
    std::string_view content_type;
};

/// Styles, scripts, fonts and icons, read into memory once.
///
/// All have addresses below `/assets/<hash of all of them>/`, so that they can be cached for ever
/// (`Cache-Control: public, max-age=31536000, immutable`) and refer to each other by relative names.
class Assets {
  public:
    /// Reads every file of the folder (no sub-folders except fonts/). A file of unknown type is an error.
    static Result<Assets> load(const std::filesystem::path& folder);

    /// The asset at the path of a request, or nullptr: exact match only, nothing is resolved.
    const Asset* find(std::string_view path) const;

    /// For the view model's key `assets`: each file by its name with `_` for `-`, `.` and `/`:
    /// `site.css` is `site_css`.
    const boost::json::object& urls() const { return urls_; }

  private:
    std::map<std::string, Asset, std::less<>> by_path_;
    boost::json::object urls_;
};

}  // namespace calyptenora::web
