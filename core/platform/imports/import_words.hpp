#pragma once

#include <string_view>

namespace calyptenora::platform {

/// What an import writes into lessons, in German if the course is German, else in English.
struct ImportWords {
    std::string_view video;
    std::string_view audio;
    std::string_view embedded;
    std::string_view further_pages;
    std::string_view further_files;
    std::string_view file_to_download;
    std::string_view questions;
    std::string_view unknown_author;
    std::string_view unknown_licence;
    /// For fmt: title, authors, licence.
    std::string_view attribution;
};
ImportWords make_import_words(std::string_view language);

}  // namespace calyptenora::platform
