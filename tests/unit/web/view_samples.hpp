#pragma once

#include <boost/json.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

/// The sample view models in tests/unit/web/views. `lesson.embed.json` is the page `lesson` in the situation
/// "embed"; each is laid over
/// `_layout.json`, which holds what all pages share.
namespace calyptenora::web::test {

struct Sample {
    std::string name;  ///< "lesson.embed"
    std::string page;  ///< "lesson"
    boost::json::object view;
};

inline std::filesystem::path source_folder() {
    return CALYPTENORA_SOURCE_DIR;
}

inline std::string read_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file)
        throw std::runtime_error("cannot read " + path.string());
    return {std::istreambuf_iterator<char>(file), {}};
}

inline boost::json::object load_view(const std::string& name) {
    const auto folder = source_folder() / "tests/unit/web/views";
    auto view = boost::json::parse(read_file(folder / "_layout.json")).as_object();
    const auto own = boost::json::parse(read_file(folder / (name + ".json"))).as_object();
    for (const auto& [key, value] : own)
        view[key] = value;
    return view;
}

inline std::vector<Sample> all_samples() {
    std::vector<Sample> samples;
    for (const auto& entry : std::filesystem::directory_iterator(source_folder() / "tests/unit/web/views")) {
        const auto name = entry.path().stem().string();
        if (name == "_layout")
            continue;
        samples.push_back({name, name.substr(0, name.find('.')), load_view(name)});
    }
    std::sort(samples.begin(), samples.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return samples;
}

}  // namespace calyptenora::web::test
