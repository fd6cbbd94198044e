#include "platform/export/exporter.hpp"

#include "platform/consent_receipts.hpp"
#include "platform/export/csv_table.hpp"
#include "platform/export/json_document.hpp"
#include "platform/export/layout.hpp"
#include "platform/export/schema.hpp"
#include "platform/processing_record.hpp"
#include "storage/inventory.hpp"
#include "storage/stores/consents.hpp"
#include "storage/stores/disclosures.hpp"
#include "storage/stores/learners.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

namespace calyptenora::platform {
namespace {

constexpr long long rows_between_reports = 500;

const storage::RecordSet& find_set(std::string_view name) {
    const auto found = std::ranges::find(storage::record_sets(), name, &storage::RecordSet::name);
    if (found == storage::record_sets().end())
        throw std::out_of_range(fmt::format("there is no record set {}", name));
    return *found;
}

const KeptActivity& find_activity(const std::vector<KeptActivity>& activities, std::string_view key) {
    const auto found = std::ranges::find(activities, key, &KeptActivity::key);
    if (found == activities.end())
        throw std::out_of_range(fmt::format("the record of processing has no activity {}", key));
    return *found;
}

/// One archive while it is written.
class Run {
  public:
    Run(storage::Transaction& tx, const storage::FieldCipher& cipher, const web::Translations& texts,
        const ExportIssuer& issuer, const ExportOrder& order, ByteSink& sink,
        const OnExportProgress& on_progress)
        : tx_(tx),
          cipher_(cipher),
          texts_(texts),
          issuer_(issuer),
          order_(order),
          records_(tx, cipher, order.learner),
          archive_(sink, order.made_at),
          on_progress_(on_progress) {}

    Result<ExportSummary> write() {
        const auto learner = storage::learners::find(tx_, order_.learner);
        if (!learner || learner->state == storage::LearnerState::erased)
            return Error(ErrorKind::not_found, "there is no such learner, or the account is erased");
        for (const auto& set : storage::record_sets())
            summary_.records[std::string(set.name)] = records_.count(set);
        count_work();
        for (auto step : {&Run::read_recipients, &Run::write_page, &Run::write_json, &Run::write_tables,
                          &Run::write_answers, &Run::write_receipts})
            if (auto done = (this->*step)(); !done)
                return done.error();
        if (auto finished = archive_.finish(); !finished)
            return finished.error();
        return std::move(summary_);
    }

  private:
    void count_work() {
        for (const auto& [set, rows] : summary_.records)
            progress_.total += 2 * rows;
        for (const auto& group : page_layout())
            for (const auto& table : group.tables)
                progress_.total += summary_.records.find(table.set)->second;
    }

    Status begin(std::string file) {
        archive_.begin(file);
        progress_.file = std::move(file);
        if (!archive_.status())
            return archive_.status();
        return on_progress_(progress_);
    }

    template <class Writer>
    Status write_rows(const storage::RecordSet& set, Writer& writer) {
        return records_.each(set, [&](const storage::RecordRow& row) -> Status {
            writer.write_row(ExportRow(set, row));
            if (++progress_.done % rows_between_reports == 0)
                if (auto wanted = on_progress_(progress_); !wanted)
                    return wanted;
            return archive_.status();
        });
    }

    Status read_recipients() {
        std::map<std::pair<std::string, std::string>, ExportedRecipient> by_name;
        for (const auto& answer : order_.answers) {
            auto& recipient = by_name[{answer.instance, answer.person}];
            recipient.answer = answer;
            recipient.asked = true;
        }
        for (const auto& person : records_.persons())
            for (auto& known : storage::disclosures::list_recipients(tx_, person)) {
                auto& recipient = by_name[{known.instance, person.text()}];
                if (!recipient.asked)
                    recipient.answer = {known.instance, person.text(), known.recipient, {}, {}};
                recipient.sent = known.attempts;
                recipient.last_at = known.last_at;
            }
        for (const auto& person : records_.persons())
            for (auto& [name, recipient] : by_name)
                if (name.second == person.text()) {
                    recipient.is_account = person == order_.learner;
                    if (auto pseudonym = cipher_.pseudonym(person, name.first))
                        recipient.pseudonym = std::move(*pseudonym);
                }
        for (auto& [name, recipient] : by_name) {
            if (!recipient.answer.outcome)
                summary_.unanswered.push_back(name.first);
            recipients_.push_back(std::move(recipient));
        }
        return {};
    }

    Status write_page() {
        if (auto begun = begin("index.html"); !begun)
            return begun;
        const auto learner = storage::learners::find(tx_, order_.learner);
        auto contact = storage::learners::load_contact(tx_, cipher_, order_.learner);
        PageHead head{.made_at = order_.made_at, .name = {}, .email = {}, .counts = summary_.records};
        if (contact) {
            head.name = std::move(contact->display_name);
            head.email = std::move(contact->email);
        }
        ExportPage page(archive_, texts_, web::find_language(learner->language).value_or(web::Language::de),
                        issuer_);
        page.begin(head);
        const auto activities = kept_activities(storage::inventory(), issuer_.retention);
        for (const auto& group : page_layout()) {
            page.begin_group(find_activity(activities, group.name));
            for (const auto& table : group.tables) {
                const auto& set = find_set(table.set);
                page.begin_table(set, table.columns, summary_.records.find(table.set)->second);
                if (auto written = write_rows(set, page); !written)
                    return written;
                page.end_table();
            }
            page.end_group();
        }
        page.write_recipients(recipients_);
        page.write_withheld();
        page.end();
        return archive_.status();
    }

    void note_unreadable(const storage::RecordSet& set, const storage::RecordRow& row) {
        for (std::size_t i = 0; i < row.size(); ++i)
            if (std::holds_alternative<storage::Unreadable>(row[i])) {
                const auto* id = std::get_if<std::string>(&row.front());
                summary_.unreadable.push_back(
                    fmt::format("{}.{} of {}", set.name, set.fields[i].name(), id ? *id : ""));
            }
    }

    Status write_json() {
        if (auto begun = begin("data.json"); !begun)
            return begun;
        JsonDocument document(archive_);
        document.begin(issuer_, order_.learner, order_.made_at);
        struct {
            void write_row(const ExportRow& row) {
                run.note_unreadable(row.set(), row.reveal(gate::ForSubject{}));
                document.write_row(row);
            }
            Run& run;
            JsonDocument& document;
        } writer{*this, document};
        for (const auto& set : storage::record_sets()) {
            document.begin_set(set);
            if (auto written = write_rows(set, writer); !written)
                return written;
            document.end_set();
        }
        document.end(recipients_, summary_.unreadable);
        if (auto begun = begin("schema.json"); !begun)
            return begun;
        archive_.write(boost::json::serialize(make_export_schema()) + "\n");
        return archive_.status();
    }

    Status write_tables() {
        for (const auto& set : storage::record_sets()) {
            if (auto begun = begin(fmt::format("csv/{}.csv", set.name)); !begun)
                return begun;
            CsvTable table(archive_, set);
            if (auto written = write_rows(set, table); !written)
                return written;
        }
        return archive_.status();
    }

    Status write_answers() {
        for (const auto& recipient : recipients_)
            if (const auto file = recipient.file(); !file.empty()) {
                if (auto begun = begin(file); !begun)
                    return begun;
                archive_.write(recipient.to_json() + "\n");
            }
        return archive_.status();
    }

    /// One whose text was altered is left out; the ledger's verification finds that.
    Status write_receipts() {
        if (auto begun = begin("receipts/schema.json"); !begun)
            return begun;
        archive_.write(boost::json::serialize(make_consent_receipt_schema()) + "\n");
        const auto& secrets = cipher_.keys().service();
        for (const auto& person : records_.persons()) {
            // What was altered is not signed anew.
            const bool is_whole = storage::consents::verify(tx_, secrets, person).empty();
            for (auto& event : storage::consents::list_events(tx_, person)) {
                const auto file = fmt::format("receipts/{}.json", event.record_id.text());
                const auto receipt = make_consent_receipt(tx_, secrets, issuer_.receipts, std::move(event));
                if (!is_whole || !receipt) {
                    summary_.unreadable.push_back(file);
                    continue;
                }
                if (auto begun = begin(file); !begun)
                    return begun;
                archive_.write(receipt->document + "\n");
            }
        }
        return archive_.status();
    }

    storage::Transaction& tx_;
    const storage::FieldCipher& cipher_;
    const web::Translations& texts_;
    const ExportIssuer& issuer_;
    const ExportOrder& order_;
    storage::SubjectRecords records_;
    Archive archive_;
    const OnExportProgress& on_progress_;
    ExportProgress progress_;
    ExportSummary summary_;
    std::vector<ExportedRecipient> recipients_;
};

}  // namespace

Result<ExportSummary> Exporter::write(storage::Transaction& tx, const ExportOrder& order, ByteSink& sink,
                                      const OnExportProgress& on_progress) const {
    return Run(tx, cipher_, texts_, issuer_, order, sink, on_progress).write();
}

}  // namespace calyptenora::platform
