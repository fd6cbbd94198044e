#pragma once

#include "platform/imports/xml_file.hpp"

#include <calyptenora/result.hpp>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace calyptenora::platform {

bool is_html_file(std::string_view path);

/// The files of an unpacked package, by their path in it.
class PackageFiles {
  public:
    explicit PackageFiles(std::filesystem::path folder) : folder_(std::move(folder)) {}

    /// The regular file of this path that lies in the folder once links are followed, or nothing.
    std::optional<std::filesystem::path> find(const std::string& path) const;
    /// Its bytes, at most `most`; the error says why not, without the name.
    Result<std::string> load_text(const std::string& path, std::uintmax_t most) const;
    Result<std::unique_ptr<pugi::xml_document>> load_xml(const std::string& path) const;

  private:
    std::filesystem::path folder_;
};

}  // namespace calyptenora::platform
