#include "platform/change_words.hpp"

#include "web/format.hpp"

namespace calyptenora::platform {
namespace {

std::string length_of_time(const std::string& days, const web::Words& words) {
    return days.empty() ? words.text("record.until_contract_ends")
                        : words.text("record.days", {{"count", days}});
}

}  // namespace

std::string in_words(const RecordChange& change, const web::Words& words) {
    const auto& name = change.who;
    const auto data = change.data.empty() ? words.text("record.none") : words.fields(change.data);
    const auto kept = words.kept_fields(change.data);
    const auto purpose = [&] { return words.word("purpose", change.what); };
    const auto activity = [&] { return words.word("activity", change.what); };
    const auto basis = [&](const std::string& key) { return words.word("legal_basis", key); };
    const auto country = [&](const std::string& code) { return web::country_name(code, words.language()); };
    const auto role = [&](const std::string& key) { return words.word("role", key); };
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
        case ChangeKind::role_changed:
            return words.text("change.role_changed", {{"name", name},
                                                      {"purpose", purpose()},
                                                      {"before", role(change.before)},
                                                      {"after", role(change.after)}});
        case ChangeKind::kept_added:
            return words.text("change.kept_added", {{"activity", activity()}, {"data", kept}});
        case ChangeKind::kept_removed:
            return words.text("change.kept_removed", {{"activity", activity()}, {"data", kept}});
        case ChangeKind::kept_longer:
        case ChangeKind::kept_shorter:
            return words.text("change.kept_length", {{"what", words.word("kept_length", change.what)},
                                                     {"before", change.before},
                                                     {"after", change.after}});
        case ChangeKind::device_added:
            return words.text("change.device_added", {{"item", change.what}, {"name", name}});
        case ChangeKind::device_removed:
            return words.text("change.device_removed", {{"item", change.what}, {"name", name}});
        case ChangeKind::controller_changed:
            break;
    }
    return words.text("change.controller_changed", {{"before", change.before}, {"after", change.after}});
}

}  // namespace calyptenora::platform
