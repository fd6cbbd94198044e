#include "platform/imports/carpentries_folder.hpp"

#include "platform/courses/course_files.hpp"
#include "platform/courses/html_allow_list.hpp"

#include <fmt/format.h>

namespace calyptenora::platform {

namespace {

namespace fs = std::filesystem;

// The Workbench publishes what lies in these folders at the top.
std::string flat_name(const std::string& path) {
    for (std::string_view folder : {"episodes/", "learners/"})
        if (path.starts_with(folder))
            return path.substr(folder.size());
    return path;
}

}  // namespace

CarpentriesFolder::CarpentriesFolder(fs::path source, std::string site,
                                     const std::vector<CarpentriesPage>& pages, ImportReport& report)
    : source_(std::move(source)), site_(std::move(site)), report_(report) {
    for (const CarpentriesPage& page : pages) {
        pages_[page.source] = page.target;
        // All pages are published in one folder; links use both forms.
        pages_[fs::path(page.source).filename().string()] = page.target;
    }
}

std::string CarpentriesFolder::link(const std::string& target, int line) {
    if (target.empty() || target.starts_with('#') || classify_link(target) != LinkKind::local)
        return target;
    const auto hash = target.find('#');
    const std::string anchor = hash == std::string::npos ? std::string() : target.substr(hash);
    const std::string path = target.substr(0, hash);
    for (std::string candidate : candidates(path)) {
        if (candidate.ends_with(".html"))
            candidate.replace(candidate.size() - 5, 5, ".md");
        if (const auto page = pages_.find(candidate); page != pages_.end()) {
            if (!path.ends_with(".md") || candidate != *candidates(path).begin())
                report_.changed.push_back(fmt::format("{}:{}: the link \"{}\" became \"{}\"", page_->source,
                                                      line, target, page->second));
            return page->second + anchor;
        }
    }
    if (const auto found = find_file(path)) {
        copies_[*found] = flat_name(*found);
        return copies_[*found];
    }
    if (site_.empty()) {
        missing(line, fmt::format("the file \"{}\" is not here; only the link's text stays", path));
        return {};
    }
    const std::string address = site_ + "/" + flat_name(candidates(path).front());
    missing(line, fmt::format("the file \"{}\" is not here; the link leads to {} instead", path, address));
    return address;
}

std::string CarpentriesFolder::picture(const std::string& target, int line) {
    if (classify_link(target) == LinkKind::external) {
        missing(line, fmt::format("the picture {} lies elsewhere; a link is shown instead", target));
        return target;
    }
    const auto found = find_file(target);
    if (!found) {
        missing(line,
                fmt::format("the picture \"{}\" is not here; its description is shown instead", target));
        return {};
    }
    copies_[*found] = flat_name(*found);
    ++pictures_;
    return copies_[*found];
}

// Where a path may lie in the source: as written, from the top, or in the folders that are published as
// the top.
std::vector<std::string> CarpentriesFolder::candidates(const std::string& path) const {
    std::vector<std::string> all;
    const auto decoded = find_percent_decoded(path).value_or(path);
    for (const std::string& from :
         {page_->source, std::string("x.md"), std::string("episodes/x.md"), std::string("learners/x.md")})
        if (auto inside = CourseFiles::find_inside(from, decoded))
            all.push_back(std::move(*inside));
    all.push_back(fs::path(decoded).filename().string());
    return all;
}

std::optional<std::string> CarpentriesFolder::find_file(const std::string& path) const {
    for (const std::string& candidate : candidates(path)) {
        std::error_code failure;
        const fs::path file = source_ / candidate;
        if (fs::is_regular_file(file, failure) && is_within_folder(source_, file))
            return candidate;
    }
    return std::nullopt;
}

void CarpentriesFolder::missing(int line, const std::string& what) {
    report_.missing.push_back(fmt::format("{}:{}: {}", page_->source, line, what));
}

}  // namespace calyptenora::platform
