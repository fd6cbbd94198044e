#include "cli/commands.hpp"
#include "cli/opening.hpp"
#include "cli/operations.hpp"
#include "cli/output_file.hpp"
#include "cli/stores.hpp"
#include "platform/export/exporter.hpp"
#include "platform/export/schema.hpp"
#include "web/translations.hpp"

#include <boost/json/array.hpp>
#include <fmt/format.h>
#include <unistd.h>

namespace calyptenora::cli {
namespace {

/// On a terminal one line that changes, else a line for each file of the archive.
Status show_progress(const platform::ExportProgress& progress, std::string& shown) {
    const auto percent = progress.total > 0 ? 100 * progress.done / progress.total : 0;
    if (::isatty(STDERR_FILENO) != 0)
        fmt::print(stderr, "\r\033[K{:3} % {}", percent, progress.file);
    else if (shown != progress.file)
        fmt::print(stderr, "{:3} % {}\n", percent, progress.file);
    shown = progress.file;
    return {};
}

Result<platform::ExportSummary> write_export(const Stores& stores, const settings::Settings& settings,
                                             const web::Translations& texts,
                                             const storage::LearnerId& learner, OutputFile& file) {
    const storage::FieldCipher cipher(*stores.keys);
    const platform::Exporter exporter(cipher, texts, platform::make_export_issuer(settings));
    std::string shown;
    auto summary =
        stores.database->run_blocking([&](storage::Transaction& tx) -> Result<platform::ExportSummary> {
            if (auto empty = file.restart(); !empty)
                return empty.error();
            return exporter.write(
                tx, {.learner = learner, .made_at = storage::SystemClock().now(), .answers = {}}, file,
                [&](const platform::ExportProgress& progress) { return show_progress(progress, shown); });
        });
    if (::isatty(STDERR_FILENO) != 0)
        fmt::print(stderr, "\r\033[K");
    return summary;
}

boost::json::value to_json_value(const platform::ExportSummary& summary, const std::string& file,
                                 const std::string& learner) {
    boost::json::object records;
    for (const auto& [set, rows] : summary.records)
        records[set] = rows;
    boost::json::array unreadable(summary.unreadable.begin(), summary.unreadable.end());
    boost::json::array unanswered(summary.unanswered.begin(), summary.unanswered.end());
    return boost::json::object{{"file", file},
                               {"learner", learner},
                               {"records", std::move(records)},
                               {"unreadable", std::move(unreadable)},
                               {"recipients_without_answer", std::move(unanswered)}};
}

int export_learner(const Call& call) {
    const auto output = call.invocation.find("output").value_or("");
    const auto settings = settings::load_settings(call.places.config);
    if (!settings)
        return fail(Error(ErrorKind::invalid_config, settings::to_text(settings.problems)));
    const auto texts = web::Translations::load(
        call.places.share / "texts", settings.value->platform.address_form == settings::AddressForm::du
                                         ? web::AddressForm::du
                                         : web::AddressForm::sie);
    if (!texts)
        return fail(texts.error());
    // Before anything is noted: nothing was handed out if the file cannot be.
    const auto file = OutputFile::create(output);
    if (!file)
        return fail(file.error());
    const auto noted =
        look(call.places, "privacy.export", with_reason(call, {{"learner", call.invocation.argument}}));
    if (!noted)
        return fail(noted.error());
    const std::string name(noted->at("learner").as_string());
    const auto learner = storage::LearnerId::parse(name);
    const auto stores = open_existing_stores(*settings.value, call.places.data);
    if (!learner || !stores)
        return fail(learner ? stores.error() : learner.error());

    const auto summary = write_export(*stores, *settings.value, *texts, *learner, **file);
    if (!summary)
        return fail(summary.error());
    if (auto finished = (*file)->finish(); !finished)
        return fail(finished.error());

    if (call.invocation.has("json")) {
        print_json(to_json_value(*summary, output, name));
    } else {
        long long rows = 0;
        for (const auto& [set, count] : summary->records)
            rows += count;
        fmt::print(
            "{}: {} records about {}. The file is not encrypted: hand it over safely, then remove it.\n",
            output, rows, name);
        if (!summary->unanswered.empty())
            fmt::print("Not asked what they have: {}\n", fmt::join(summary->unanswered, ", "));
        for (const auto& lost : summary->unreadable)
            fmt::print("Cannot be read any more, and is missing: {}\n", lost);
    }
    return summary->unreadable.empty() ? ExitCode::done : ExitCode::failed;
}

int show_schema(const Call&) {
    print_json(platform::make_export_schema());
    return ExitCode::done;
}

}  // namespace

Command make_privacy_export_command() {
    return {
        {.name = "privacy export",
         .group = "Protect people's data",
         .summary = "write everything that is kept about a learner into one ZIP file",
         .details =
             "Answers a request for access (Art. 15 GDPR) that did not come through the platform.\n"
             "LEARNER is an address or an id. Find out first that whoever asks is that person.\n"
             "The archive holds index.html for people, in the learner's language, data.json with its\n"
             "schema, and the same as CSV. Services that received something are named; what they have\n"
             "is not asked by this command. FILE must not exist yet; only you can read it. The access is\n"
             "written to the learner's access log. Works beside a running server.",
         .argument = "LEARNER",
         .options = {{"output", "FILE", "where the ZIP file goes", true},
                     reason_option(),
                     {"json", "", "what was written as one JSON document"}},
         .example =
             "calyptenora privacy export mia@example.org --output mia.zip --reason \"asked by letter\""},
        export_learner};
}

Command make_privacy_schema_command() {
    return {{.name = "privacy schema",
             .group = "Protect people's data",
             .summary = "print the JSON Schema of data.json in exports",
             .details =
                 "The schema (2020-12) of the file data.json in the archives of \"privacy export\", as it\n"
                 "lies beside that file. Descriptions name the data category and how long it is kept.",
             .example = "calyptenora privacy schema > schema.json"},
            show_schema};
}

}  // namespace calyptenora::cli
