#include "platform/export/page.hpp"

#include "platform/export/layout.hpp"
#include "platform/export/style.hpp"
#include "platform/export/values.hpp"
#include "platform/export/withheld.hpp"
#include "web/format.hpp"

#include <boost/describe/enum_to_string.hpp>
#include <fmt/format.h>

namespace calyptenora::platform {
namespace {

/// The value as a person reads it, without anything that acts: control characters but tab and line end are
/// left out.
std::string to_html(std::string_view value) {
    std::string shown;
    for (const char c : value)
        if (static_cast<unsigned char>(c) >= 0x20 ? c != 0x7f : c == '\t' || c == '\n')
            shown += c;
    return web::escape_html(shown);
}

/// Columns that hold keys, for which people have words.
bool has_words(std::string_view column) {
    for (const auto known : {"event_type", "state", "kind", "role", "author", "outcome", "language",
                             "verdict", "decision", "form"})
        if (column == known)
            return true;
    return false;
}

}  // namespace

std::string ExportPage::text(std::string_view key, const Arguments& arguments) const {
    return web::escape_html(texts_.text(language_, key, arguments));
}

std::string ExportPage::word(std::initializer_list<std::string_view> groups, std::string_view key) const {
    for (const auto group : groups)
        if (const auto* found = texts_.find_text(language_, fmt::format("{}.{}", group, key)))
            return found->other;
    return std::string(key);
}

std::string ExportPage::moment(storage::Timestamp at) const {
    return fmt::format("<time datetime=\"{}\">{}</time>", web::format_iso(at),
                       to_html(web::format_date_time(at, language_, issuer_.time_zone)));
}

void ExportPage::begin(const PageHead& head) {
    archive_.write(
        fmt::format("<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n"
                    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
                    "'unsafe-inline'\">\n"
                    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                    "<meta name=\"referrer\" content=\"no-referrer\">\n<title>{}</title>\n<style>\n",
                    web::tag_of(language_), text("export.title", {{"platform", issuer_.platform}})));
    for (const auto& [name, css] : embedded::export_styles())
        archive_.write(css);
    archive_.write(fmt::format(
        "</style>\n</head>\n<body>\n<header>\n<p class=\"platform\">{}</p>\n<h1>{}</h1>\n<p>{}</p>\n"
        "</header>\n<main>\n<p class=\"lead\">{}</p>\n",
        to_html(issuer_.platform), text("export.title", {{"platform", issuer_.platform}}),
        to_html(texts_.text(language_, "export.made",
                            {{"on", web::format_date_time(head.made_at, language_, issuer_.time_zone)},
                             {"name", head.name.reveal(gate::ForSubject{}).value_or("")},
                             {"email", head.email.reveal(gate::ForSubject{}).value_or("")}})),
        text("export.lead", {{"platform", issuer_.platform}})));

    archive_.write(fmt::format("<nav aria-labelledby=\"contents\">\n<h2 id=\"contents\">{}</h2>\n<ul>\n",
                               text("export.contents")));
    for (const auto& group : page_layout()) {
        long long rows = 0;
        for (const auto& table : group.tables)
            if (const auto count = head.counts.find(table.set); count != head.counts.end())
                rows += count->second;
        archive_.write(fmt::format("<li><a href=\"#{}\">{}</a> ({})</li>\n", group.name,
                                   text(fmt::format("export.group_{}", group.name)),
                                   text("export.rows", {{"count", web::format_number(rows, language_)}})));
    }
    archive_.write(
        fmt::format("<li><a href=\"#recipients\">{}</a></li>\n<li><a href=\"#withheld\">{}</a></li>\n"
                    "<li><a href=\"#files\">{}</a></li>\n</ul>\n</nav>\n",
                    text("export.recipients"), text("export.withheld"), text("export.files")));

    archive_.write(fmt::format("<section>\n<h2>{}</h2>\n<p>{}</p>\n<p>{}</p>\n", text("export.controller"),
                               to_html(issuer_.controller), text("export.ask", {{"email", issuer_.email}})));
    archive_.write(
        fmt::format("<p>{}</p>\n", text("export.rights", {{"address", issuer_.origin + "/privacy"}})));
    if (!issuer_.authority.empty())
        archive_.write(
            fmt::format("<p>{}</p>\n", text("export.complain", {{"authority", issuer_.authority}})));
    archive_.write("</section>\n");
}

std::string ExportPage::basis_text(const KeptActivity& activity) const {
    std::vector<std::string> bases;
    for (const auto basis : activity.bases)
        bases.push_back(word({"basis"}, key_of(basis)));
    return bases.empty() ? word({"legal_basis"}, "of_transmission") : web::join_list(bases, language_);
}

std::string ExportPage::how_long_text(const KeptActivity& activity) const {
    std::vector<std::string> lengths;
    for (const auto& part : activity.parts) {
        auto length = length_in_words(part, web::Words(texts_, language_));
        if (std::ranges::find(lengths, length) == lengths.end())
            lengths.push_back(std::move(length));
    }
    return fmt::format("{}", fmt::join(lengths, "\n"));
}

void ExportPage::begin_group(const KeptActivity& activity) {
    archive_.write(fmt::format("<section id=\"{}\">\n<h2>{}</h2>\n<dl class=\"facts\">\n", activity.key,
                               text(fmt::format("export.group_{}", activity.key))));
    for (const auto& [fact, words] :
         {std::pair("export.what", texts_.text(language_, fmt::format("stored.{}_what", activity.key))),
          std::pair("export.why", texts_.text(language_, fmt::format("stored.{}_why", activity.key))),
          std::pair("export.basis", basis_text(activity)),
          std::pair("export.how_long", how_long_text(activity))})
        archive_.write(fmt::format("<dt>{}</dt><dd>{}</dd>\n", text(fact), to_html(words)));
    archive_.write("</dl>\n");
}

void ExportPage::begin_table(const storage::RecordSet& set, const std::vector<std::string_view>& columns,
                             long long rows) {
    archive_.write(fmt::format("<h3>{}</h3>\n", text(fmt::format("export.set_{}", set.name))));
    is_empty_ = rows == 0;
    if (is_empty_)
        return archive_.write(fmt::format("<p class=\"none\">{}</p>\n", text("export.none")));
    shown_.clear();
    archive_.write("<div class=\"wide\" tabindex=\"0\"><table>\n<thead><tr>");
    for (const auto column : columns) {
        const auto field = std::ranges::find(set.fields, column, &storage::RecordField::name);
        shown_.push_back(static_cast<std::size_t>(field - set.fields.begin()));
        archive_.write(
            fmt::format("<th scope=\"col\">{}</th>", text(fmt::format("export.field_{}", column))));
    }
    archive_.write("</tr></thead>\n<tbody>\n");
}

void ExportPage::write_row(const ExportRow& row) {
    const auto& values = row.reveal(gate::ForSubject{});
    std::string line = "<tr>";
    for (const auto field : shown_)
        line.append("<td>").append(cell(row.set(), values, field)).append("</td>");
    archive_.write(line.append("</tr>\n"));
}

std::string ExportPage::cell(const storage::RecordSet& set, const storage::RecordRow& row,
                             std::size_t field) const {
    const auto& value = row[field];
    const auto column = set.fields[field].name();
    if (const auto* at = std::get_if<storage::Timestamp>(&value))
        return moment(*at);
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
        if (column.ends_with("_minor"))
            return to_html(
                web::format_money(*number, std::get<std::string>(row[set.index_of("currency")]), language_));
        return web::format_number(*number, language_);
    }
    if (std::holds_alternative<storage::Unreadable>(value))
        return text("export.unreadable");
    if (std::holds_alternative<storage::Credential>(value))
        return text("export.withheld_secret");
    const auto* words = std::get_if<std::string>(&value);
    return words ? cell_text(column, *words) : std::string();
}

std::string ExportPage::cell_text(std::string_view column, const std::string& value) const {
    if (column == "categories") {
        std::vector<std::string> categories;
        for (std::string_view list = value; !list.empty();) {
            const auto key = list.substr(0, list.find(','));
            categories.push_back(word({"data"}, key));
            list.remove_prefix(std::min(list.size(), key.size() + 1));
        }
        return to_html(web::join_list(categories, language_));
    }
    if (column == "purpose")
        return to_html(word({"purpose"}, value));
    if (column == "part")
        return to_html(word({"access_part"}, value));
    if (has_words(column)) {
        const auto own = fmt::format("{}_{}", column, value);
        const auto words = word({"export_word"}, own);
        return to_html(words == own ? word({"export_word", "consent_state"}, value) : words);
    }
    return to_html(portable_text(value));
}

void ExportPage::end_table() {
    if (!is_empty_)
        archive_.write("</tbody>\n</table></div>\n");
}

void ExportPage::end_group() {
    archive_.write("</section>\n");
}

std::string ExportPage::answer_text(const ExportedRecipient& recipient) const {
    if (!recipient.asked)
        return text("export.answer_not_asked");
    if (!recipient.answer.outcome)
        return recipient.answer.reason.empty()
                   ? text("export.answer_missing")
                   : to_html(texts_.text(language_, "export.answer_missing_because",
                                         {{"reason", recipient.answer.reason}}));
    const auto tag = std::visit([](const auto& outcome) { return std::string_view(outcome.tag); },
                                *recipient.answer.outcome);
    return fmt::format("{} <a href=\"{}\">{}</a>", text(fmt::format("export.answer_{}", tag)),
                       web::escape_html(recipient.file()), web::escape_html(recipient.file()));
}

void ExportPage::write_recipients(const std::vector<ExportedRecipient>& recipients) {
    archive_.write(fmt::format("<section id=\"recipients\">\n<h2>{}</h2>\n<p>{}</p>\n",
                               text("export.recipients"), text("export.recipients_lead")));
    if (recipients.empty())
        return archive_.write(
            fmt::format("<p class=\"none\">{}</p>\n</section>\n", text("export.no_recipients")));
    archive_.write("<div class=\"wide\" tabindex=\"0\"><table>\n<thead><tr>");
    for (const auto heading : {"recipient", "instance", "pseudonym", "sent", "last_at", "answer"})
        archive_.write(
            fmt::format("<th scope=\"col\">{}</th>", text(fmt::format("export.field_{}", heading))));
    archive_.write("</tr></thead>\n<tbody>\n");
    for (const auto& recipient : recipients)
        archive_.write(fmt::format(
            "<tr><td>{}</td><td>{}</td><td><code>{}</code></td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
            to_html(recipient.answer.recipient), to_html(recipient.answer.instance),
            web::escape_html(recipient.pseudonym), web::format_number(recipient.sent, language_),
            recipient.last_at ? moment(*recipient.last_at) : std::string(), answer_text(recipient)));
    archive_.write("</tbody>\n</table></div>\n</section>\n");
}

void ExportPage::write_withheld() {
    archive_.write(fmt::format("<section id=\"withheld\">\n<h2>{}</h2>\n<p>{}</p>\n<ul>\n",
                               text("export.withheld"), text("export.withheld_lead")));
    for (const auto& column : withheld_columns())
        archive_.write(fmt::format(
            "<li><code>{}.{}</code>{}: {}</li>\n", column.table, column.column,
            column.rows.empty() ? "" : fmt::format(" ({})", column.rows),
            text(fmt::format("export.withheld_{}", boost::describe::enum_to_string(column.reason, "")))));
    archive_.write("</ul>\n</section>\n");
}

void ExportPage::end() {
    archive_.write(
        fmt::format("<section id=\"files\">\n<h2>{}</h2>\n<dl class=\"facts\">\n", text("export.files")));
    for (const auto& [file, key] :
         {std::pair("data.json", "export.file_data"), std::pair("schema.json", "export.file_schema"),
          std::pair("csv/", "export.file_csv"), std::pair("recipients/", "export.file_recipients"),
          std::pair("receipts/", "export.file_receipts")})
        archive_.write(fmt::format("<dt><code>{}</code></dt><dd>{}</dd>\n", file, text(key)));
    archive_.write("</dl>\n</section>\n</main>\n</body>\n</html>\n");
}

}  // namespace calyptenora::platform
