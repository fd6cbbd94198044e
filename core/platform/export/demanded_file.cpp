#include "platform/export/demanded_file.hpp"

#include "platform/export/archive.hpp"
#include "platform/export/csv_table.hpp"
#include "platform/export/values.hpp"
#include "platform/rights/deadlines.hpp"
#include "storage/category_list.hpp"
#include "storage/inventory.hpp"
#include "storage/stores/learners.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace calyptenora::platform {
namespace {

using storage::RecordRow;
using storage::RecordSet;

const RecordSet& find_set(std::string_view name) {
    const auto found = std::ranges::find(storage::record_sets(), name, &RecordSet::name);
    if (found == storage::record_sets().end())
        throw std::out_of_range("there is no record set " + std::string(name));
    return *found;
}

CategoryMask category_of(const RecordSet& set, std::string_view column) {
    for (const auto& entry : storage::inventory())
        if (entry.database == "data" && entry.table == set.table && entry.column == column && entry.term)
            return *entry.term;
    return {};
}

bool is_known(const storage::FieldValue& value) {
    return to_cell(value).has_value();
}

/// A record set as far as it is granted.
class NarrowedSet {
  public:
    NarrowedSet(const DemandedSet& demanded, const storage::DemandScope& scope)
        : whole_(find_set(demanded.set)), scope_(scope), narrow_(whole_) {
        narrow_.fields.clear();
        if (!demanded.dated.empty())
            dated_ = whole_.index_of(demanded.dated);
        for (std::size_t i = 0; i < whole_.fields.size(); ++i) {
            const auto column = whole_.fields[i].column;
            auto categories = category_of(whole_, column);
            const bool is_granted =
                !categories.empty() && scope.categories.contains(categories | demanded.holds);
            if (is_granted)
                categories |= demanded.holds;
            else
                categories = {};
            if (is_granted || i == dated_ || std::ranges::count(demanded.beside, column) != 0) {
                columns_.push_back({i, categories});
                narrow_.fields.push_back(whole_.fields[i]);
            }
            all_ |= categories;
        }
    }

    const RecordSet& whole() const { return whole_; }
    const RecordSet& narrow() const { return narrow_; }
    bool is_granted() const { return !all_.empty(); }

    /// The categories of which the row holds something; none for a row that is not of the period.
    CategoryMask find_categories(const RecordRow& row) const {
        if (dated_ && !is_within_period(std::get_if<storage::Timestamp>(&row[*dated_])))
            return {};
        CategoryMask found;
        for (const auto& [index, categories] : columns_)
            if (is_known(row[index]))
                found |= categories;
        return found;
    }
    RecordRow cut(const RecordRow& row) const {
        RecordRow narrow;
        for (const auto& [index, categories] : columns_)
            narrow.push_back(row[index]);
        return narrow;
    }

  private:
    struct Column {
        std::size_t index;
        CategoryMask categories;
    };

    bool is_within_period(const storage::Timestamp* at) const {
        if (!at)
            return !scope_.from && !scope_.until;
        const auto day = day_of(*at);
        return (!scope_.from || day >= *scope_.from) && (!scope_.until || day <= *scope_.until);
    }

    const RecordSet& whole_;
    const storage::DemandScope& scope_;
    RecordSet narrow_;
    std::vector<Column> columns_;
    std::optional<std::size_t> dated_;
    CategoryMask all_;
};

std::string describe(const storage::LegalDemand& demand, const ExportIssuer& issuer,
                     storage::Timestamp made_at, const DemandedContents& contents) {
    boost::json::object records;
    for (const auto& [set, rows] : contents.records)
        records[set] = rows;
    return boost::json::serialize(boost::json::object{
               {"authority", demand.authority},
               {"reference", demand.reference},
               {"ground", demand.ground},
               {"categories", storage::make_category_list(demand.granted.categories)},
               {"from", demand.granted.from.value_or("")},
               {"until", demand.granted.until.value_or("")},
               {"made_at", format_moment(made_at)},
               {"controller", issuer.controller},
               {"account", contents.is_erased ? "erased: nothing of it is left" : "exists"},
               {"records", std::move(records)},
               {"there_is_something_of", storage::make_category_list(contents.categories)}}) +
           "\n";
}

}  // namespace

std::span<const DemandedSet> demanded_sets() {
    using enum Category;
    static const std::vector<DemandedSet> sets{
        {"account"},
        {"persons", "last_seen_at"},
        {"sessions", "last_seen_at"},
        {"account_links", "created_at"},
        {"account_events", "at"},
        {"announcement_reads", "read_at"},
        {"terms_acceptances", "accepted_at"},
        {"mail_choices"},
        {"devices", "last_seen"},
        {"enrolments", "since"},
        {"lesson_progress", "updated_at"},
        {"watch_time", "updated_at"},
        {"notes", "created_at", {"course", "lesson", "anchor"}},
        {"study_clocks", "opened_at"},
        {"study_time", "updated_at"},
        {"orders", "updated_at"},
        {"inbound_events", "received_at", {"kind"}, CategoryMask(user_payment_transaction) | user_name},
        {"declarations",
         "received_at",
         {"kind"},
         CategoryMask(user_content_message) | user_name | user_contact_email | user_account_settings},
        {"cases", "created_at"},
        {"case_messages", "at", {"author"}},
        {"requests", "received_at", {"kind"}, CategoryMask(user_content_message) | user_name},
    };
    return sets;
}

Result<DemandedContents> write_demanded_file(storage::Transaction& tx, const storage::FieldCipher& cipher,
                                             const ExportIssuer& issuer, const storage::LegalDemand& demand,
                                             storage::Timestamp made_at, ByteSink& sink) {
    DemandedContents contents;
    Archive archive(sink, made_at);
    const auto learner = storage::learners::find(tx, demand.learner);
    contents.is_erased = !learner || learner->state == storage::LearnerState::erased;
    storage::SubjectRecords records(tx, cipher, demand.learner);
    for (const auto& demanded : demanded_sets()) {
        const NarrowedSet set(demanded, demand.granted);
        if (contents.is_erased || !set.is_granted())
            continue;
        archive.begin("csv/" + std::string(demanded.set) + ".csv");
        CsvTable table(archive, set.narrow());
        auto& rows = contents.records[std::string(demanded.set)];
        const auto written = records.each(set.whole(), [&](const RecordRow& row) -> Status {
            const auto found = set.find_categories(row);
            if (found.empty())
                return {};
            contents.categories |= found;
            ++rows;
            const auto narrow = set.cut(row);
            table.write_row(ExportRow(set.narrow(), narrow));
            return archive.status();
        });
        if (!written)
            return written.error();
    }
    archive.begin("demand.json");
    archive.write(describe(demand, issuer, made_at, contents));
    if (auto finished = archive.finish(); !finished)
        return finished.error();
    return contents;
}

}  // namespace calyptenora::platform
