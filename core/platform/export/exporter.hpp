#pragma once

#include "platform/export/byte_sink.hpp"
#include "platform/export/page.hpp"
#include "platform/export/recipients.hpp"
#include "storage/field_cipher.hpp"
#include "storage/transaction.hpp"
#include "web/translations.hpp"

#include <calyptenora/result.hpp>

#include <functional>
#include <map>
#include <string>
#include <vector>

/// A learner's own data as one archive (Art. 15 and 20 GDPR): `index.html` for people, `data.json` with its
/// schema and `csv/` for programs, `recipients/` with what others answered.
namespace calyptenora::platform {

struct ExportOrder {
    storage::LearnerId learner;
    storage::Timestamp made_at;
    /// What those answered who were asked; the ledger's other recipients are named as not asked.
    std::vector<RecipientAnswer> answers;
};

struct ExportProgress {
    std::string file;  ///< The file that is being written.
    /// Records are counted once for each file that has them.
    long long done = 0;
    long long total = 0;
};
/// Called at every file and every few hundred records. An Error ends the export.
using OnExportProgress = std::function<Status(const ExportProgress&)>;

struct ExportSummary {
    std::map<std::string, long long, std::less<>> records;  ///< By record set.
    /// `set.column of id`: altered in the database; missing from the archive, which says so.
    std::vector<std::string> unreadable;
    std::vector<std::string> unanswered;  ///< Recipients that were asked or not, without an answer.
};

class Exporter {
  public:
    /// All must outlive the exporter.
    Exporter(const storage::FieldCipher& cipher, const web::Translations& texts, ExportIssuer issuer)
        : cipher_(cipher), texts_(texts), issuer_(std::move(issuer)) {}

    /// Writes the whole archive, in the learner's language, from one snapshot: `tx` is a reading transaction
    /// of the caller (`Database::run`), who makes the sink inside of it, since it may run more than once.
    /// Memory is bounded by a page of records. `not_found` for an erased or unknown learner.
    Result<ExportSummary> write(storage::Transaction& tx, const ExportOrder& order, ByteSink& sink,
                                const OnExportProgress& on_progress) const;

  private:
    const storage::FieldCipher& cipher_;
    const web::Translations& texts_;
    ExportIssuer issuer_;
};

}  // namespace calyptenora::platform
