#pragma once

#include "platform/imports/course_assembly.hpp"

#include <calyptenora/result.hpp>

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace calyptenora::platform {

struct CartridgeResource {
    enum class Kind : unsigned char { content, web_link, topic, assignment, quiz, tool, other };

    std::string identifier;
    Kind kind = Kind::other;
    /// As the manifest says, for the report.
    std::string type;
    /// The file to show, within the package; empty if it names none that is inside.
    std::string file;
    /// For those who teach only.
    bool for_teachers = false;
};

struct CartridgeItem {
    std::string identifier;
    std::string title;
    /// Empty for a heading or a folder.
    std::string resource;
    std::vector<CartridgeItem> items;
};

/// imsmanifest.xml, read.
struct CartridgeManifest {
    /// Title, language, summary, authors, licence, as far as it says.
    IncomingCourse head;
    std::map<std::string, CartridgeResource> resources;
    std::vector<CartridgeItem> items;
};

/// Files that the manifest names outside the package count as not named.
Result<CartridgeManifest> load_cartridge_manifest(const std::filesystem::path& source);

}  // namespace calyptenora::platform
