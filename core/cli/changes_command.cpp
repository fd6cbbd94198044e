#include "cli/commands.hpp"
#include "cli/privacy_documents.hpp"
#include "cli/text_table.hpp"
#include "gate/explanation.hpp"
#include "platform/change_words.hpp"
#include "web/words.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include <fstream>
#include <sstream>

namespace calyptenora::cli {
namespace {

using platform::RecordChange;
using web::Words;

Result<boost::json::value> parse_record(const std::string& text, const std::string& where) {
    boost::json::error_code failure;
    auto record = boost::json::parse(text, failure);
    if (failure)
        return Error(ErrorKind::invalid_input, fmt::format("{} is no JSON: {}", where, failure.message()));
    return record;
}

Result<boost::json::value> read_record(const std::string& file) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream)
        return Error(ErrorKind::not_found, fmt::format("{} cannot be read", file));
    std::ostringstream text;
    text << stream.rdbuf();
    return parse_record(text.str(), file);
}

boost::json::object to_object(const RecordChange& change) {
    boost::json::array data;
    for (const auto& key : gate::keys_in(change.data))
        data.emplace_back(key);
    return {{"change", key_of(change.kind)}, {"material", change.material}, {"who", change.who},
            {"what", change.what},           {"data", std::move(data)},     {"before", change.before},
            {"after", change.after}};
}

void print_group(const std::string& heading, const std::vector<RecordChange>& changes, bool material,
                 const Words& words) {
    bool begun = false;
    for (const auto& change : changes) {
        if (change.material != material)
            continue;
        if (!std::exchange(begun, true))
            fmt::print("{}\n", heading);
        fmt::print("- {}\n", printable(platform::in_words(change, words)));
    }
}

int show_changes(const Call& call) {
    const auto before = read_record(call.invocation.argument);
    if (!before)
        return fail(before.error());
    auto after = Result<boost::json::value>(boost::json::value());
    if (const auto file = call.invocation.find("after")) {
        after = read_record(*file);
    } else {
        const auto now = fetch_document(call.places, {"record", "json", ""});
        after = now ? parse_record(*now, "what is in force") : Result<boost::json::value>(now.error());
    }
    if (!after)
        return fail(after.error());
    const auto changes = platform::find_changes(*before, *after);
    if (!changes)
        return fail(changes.error());
    if (call.invocation.has("json")) {
        boost::json::array list;
        for (const auto& change : *changes)
            list.push_back(to_object(change));
        print_json(list);
        return ExitCode::done;
    }
    const auto tag = call.invocation.find("language").value_or("en");
    const auto language = web::find_language(tag);
    if (!language)
        return misunderstand(call.invocation, fmt::format("there are no texts in the language \"{}\"", tag));
    const auto texts = web::Translations::load(call.places.share / "texts", web::AddressForm::sie);
    if (!texts)
        return fail(texts.error());
    const Words words(*texts, *language);
    if (changes->empty())
        fmt::print("{}\n", words.text("change.none"));
    print_group(words.text("change.material"), *changes, true, words);
    print_group(words.text("change.other"), *changes, false, words);
    return ExitCode::done;
}

}  // namespace

Command make_privacy_changes_command() {
    return {
        {.name = "privacy changes",
         .group = "Protect people's data",
         .summary = "say in plain words what has changed since a record of processing was kept",
         .details =
             "Compares a document of \"privacy record --json\" that was kept with what is in force, or "
             "with another\nsuch document. What reaches further than before (another recipient, more "
             "data, another legal basis,\nlonger, abroad) is material: announce it before it takes "
             "effect.",
         .argument = "FILE",
         .options = {{"after", "FILE", "the later document, instead of what is in force"},
                     {"json", "", "as one JSON document, with keys instead of words"},
                     {"language", "de|en", "the language of the words; default: en"}},
         .example = "calyptenora privacy record --json > kept.json && calyptenora privacy changes kept.json"},
        show_changes};
}

}  // namespace calyptenora::cli
