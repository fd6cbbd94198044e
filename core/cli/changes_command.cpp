#include "cli/commands.hpp"
#include "cli/privacy_documents.hpp"
#include "cli/text_table.hpp"
#include "gate/explanation.hpp"
#include "platform/record_changes.hpp"
#include "web/format.hpp"
#include "web/words.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include <fstream>
#include <sstream>

namespace calyptenora::cli {
namespace {

using platform::ChangeKind;
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

std::string length_of_time(const std::string& days, const Words& words) {
    return days.empty() ? words.text("record.until_contract_ends")
                        : words.text("record.days", {{"count", days}});
}

std::string in_words(const RecordChange& change, const Words& words) {
    const auto& name = change.who;
    const auto data = change.data.empty() ? words.text("record.none") : words.fields(change.data);
    const auto kept = words.kept_fields(change.data);
    const auto purpose = [&] { return words.word("purpose", change.what); };
    const auto activity = [&] { return words.word("activity", change.what); };
    const auto basis = [&](const std::string& key) { return words.word("legal_basis", key); };
    const auto country = [&](const std::string& code) { return web::country_name(code, words.language()); };
    switch (change.kind) {
        case ChangeKind::flow_added:
            return words.text(
                "change.flow_added",
                {{"name", name}, {"country", country(change.after)}, {"purpose", purpose()}, {"data", data}});
        case ChangeKind::flow_removed:
            return words.text("change.flow_removed", {{"name", name}, {"purpose", purpose()}});
        case ChangeKind::data_added:
            return words.text("change.data_added", {{"name", name}, {"purpose", purpose()}, {"data", data}});
        case ChangeKind::data_removed:
            return words.text("change.data_removed",
                              {{"name", name}, {"purpose", purpose()}, {"data", data}});
        case ChangeKind::basis_changed:
            return words.text("change.basis_changed", {{"name", name},
                                                       {"purpose", purpose()},
                                                       {"before", basis(change.before)},
                                                       {"after", basis(change.after)}});
        case ChangeKind::retention_longer:
        case ChangeKind::retention_shorter:
            return words.text("change.retention", {{"name", name},
                                                   {"purpose", purpose()},
                                                   {"before", length_of_time(change.before, words)},
                                                   {"after", length_of_time(change.after, words)}});
        case ChangeKind::country_changed:
            return words.text(
                "change.country_changed",
                {{"name", name}, {"before", country(change.before)}, {"after", country(change.after)}});
        case ChangeKind::kept_added:
            return words.text("change.kept_added", {{"activity", activity()}, {"data", kept}});
        case ChangeKind::kept_removed:
            return words.text("change.kept_removed", {{"activity", activity()}, {"data", kept}});
        case ChangeKind::device_added:
            return words.text("change.device_added", {{"item", change.what}, {"name", name}});
        case ChangeKind::device_removed:
            break;
    }
    return words.text("change.device_removed", {{"item", change.what}, {"name", name}});
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
        fmt::print("- {}\n", printable(in_words(change, words)));
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
