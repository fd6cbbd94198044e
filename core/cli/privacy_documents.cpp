#include "cli/privacy_documents.hpp"

#include "cli/control_socket.hpp"
#include "cli/flow_map.hpp"
#include "cli/instance_plans.hpp"
#include "cli/processing_documents.hpp"
#include "cli/text_table.hpp"

#include <boost/json/serialize.hpp>

namespace calyptenora::cli {
namespace {

std::string lines_of(const boost::json::value& value) {
    return boost::json::serialize(value) + "\n";
}

std::string csv_of(const Table& table) {
    std::string csv;
    for (const auto& row : table)
        csv += make_csv_row(row);
    return csv;
}

Result<web::Language> find_language(const settings::Settings& settings, const std::string& tag) {
    if (tag.empty())
        return settings.platform.default_language == settings::Language::de ? web::Language::de
                                                                            : web::Language::en;
    if (const auto language = web::find_language(tag))
        return *language;
    return Error(ErrorKind::invalid_input,
                 fmt::format("there are no texts in the language \"{}\": choose de or en", tag));
}

}  // namespace

Result<std::string> make_document(const settings::Settings& settings, const gate::Policy& policy,
                                  const std::filesystem::path& share, const DocumentRequest& request) {
    const auto language = find_language(settings, request.language);
    if (!language)
        return language.error();
    const auto texts = web::Translations::load(
        share / "texts", settings.platform.address_form == settings::AddressForm::du ? web::AddressForm::du
                                                                                     : web::AddressForm::sie);
    if (!texts)
        return texts.error();
    const web::Words words(*texts, *language);
    const auto record = platform::make_processing_record(settings, policy);
    const auto& form = request.form;
    if (request.document == "record") {
        if (form == "csv")
            return record_csv(record, words);
        if (form == "html")
            return record_html(record, words, storage::SystemClock().now());
        if (form == "json")
            return lines_of(record_json(record));
    } else if (request.document == "map") {
        if (form == "svg")
            return flow_map_svg(record, words);
        if (form == "json")
            return lines_of(flow_map_json(record));
    } else if (request.document == "processors" || request.document == "retention") {
        const bool processors = request.document == "processors";
        if (form == "json")
            return lines_of(processors ? processors_json(record) : retention_json(record));
        const auto table = processors ? processors_table(record, words) : retention_table(record, words);
        if (form == "csv")
            return csv_of(table);
        if (form == "text")
            return make_text_table(table);
    }
    return Error(ErrorKind::invalid_input,
                 fmt::format("there is no {} in the form {}", request.document, form));
}

Result<std::string> fetch_document(const WorkbenchOptions& places, const DocumentRequest& request) {
    if (auto answer = send_to_server(
            places.data, "privacy.document",
            {{"document", request.document}, {"form", request.form}, {"language", request.language}})) {
        if (!*answer)
            return answer->error();
        return std::string((**answer).at("text").as_string());
    }
    const auto loaded = settings::load_settings(places.config);
    if (!loaded)
        return Error(ErrorKind::invalid_config, settings::to_text(loaded.problems));
    settings::Problems problems;
    const auto configuration = configure(*loaded.value, load_manifests(places.plugin_folders, problems));
    if (!configuration)
        return Error(ErrorKind::invalid_config, settings::to_text(configuration.problems));
    return make_document(*loaded.value, *configuration.value->policy, places.share, request);
}

}  // namespace calyptenora::cli
