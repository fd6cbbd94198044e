#pragma once

#include "http/router.hpp"

#include <calyptenora/result.hpp>

#include <boost/json/object.hpp>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace calyptenora::http {

/// The static files of the pages (styles, scripts, fonts, icons), read once at start and kept in memory with
/// their headers, plain and gzip. Their addresses are `/assets/<hash>/<name>`; the hash is that of the whole
/// folder, so that relative references between them (`import "./dialog.js"`, `url("fonts/text.woff2")`) stay
/// valid and versions never mix in one page. Right hash: cached for ever. Another one (a page from before an
/// update): today's file, not cached.
class Assets {
  public:
    /// Reads `folder` with its subfolders; hidden files and symbolic links are left out.
    /// Errors (invalid_config): no such folder, a file cannot be read, a name with other characters than
    /// letters, digits and `._-`.
    static Result<Assets> load_assets(const std::filesystem::path& folder);

    /// `/assets/<hash>/<name>`. Throws std::out_of_range for an unknown name: a template names a file that is
    /// not there.
    std::string asset_url(std::string_view name) const;

    std::optional<std::string> find_asset_url(std::string_view name) const;

    /// All addresses by their names in templates: `icons.svg` is `icons_svg`.
    boost::json::object urls() const;

    /// GET /assets/{hash}/{name...}; the routes keep the content alive.
    void add_routes(Router& router) const;

    /// 200 (gzip where the client takes it), 304, or nothing for an unknown name.
    std::optional<Response> find_answer(const Request& request, std::string_view hash,
                                        std::string_view name) const;

  private:
    struct Content;
    explicit Assets(std::shared_ptr<const Content> content) : content_(std::move(content)) {}
    std::shared_ptr<const Content> content_;
};

}  // namespace calyptenora::http
