#pragma once

#include "platform/imports/carpentries.hpp"
#include "platform/imports/carpentries_markdown.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace calyptenora::platform {

struct CarpentriesPage {
    /// Within the source folder, as "episodes/01-intro.md".
    std::string source;
    /// Within the new course, as "01-intro.md".
    std::string target;
    std::string title;
    int minutes = 0;
    std::string body;
    int body_line = 1;
};

/// Finds new places for everything that a page points at, and remembers what must be copied.
class CarpentriesFolder final : public CarpentriesPaths {
  public:
    /// `site`: where the lesson is published, for files that are not in the folder; may be empty.
    CarpentriesFolder(std::filesystem::path source, std::string site,
                      const std::vector<CarpentriesPage>& pages, ImportReport& report);

    /// Links from now on belong to this page, which must live until the next one.
    void enter(const CarpentriesPage& page) { page_ = &page; }

    std::string link(const std::string& target, int line) override;
    std::string picture(const std::string& target, int line) override;

    /// Files to copy: from the source folder into the course.
    const std::map<std::string, std::string>& copies() const { return copies_; }
    int pictures() const { return pictures_; }

  private:
    std::vector<std::string> candidates(const std::string& path) const;
    std::optional<std::string> find_file(const std::string& path) const;
    void missing(int line, const std::string& what);

    std::filesystem::path source_;
    std::string site_;
    ImportReport& report_;
    const CarpentriesPage* page_ = nullptr;
    std::map<std::string, std::string> pages_;
    std::map<std::string, std::string> copies_;
    int pictures_ = 0;
};

}  // namespace calyptenora::platform
