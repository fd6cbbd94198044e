#pragma once

#include "platform/export/archive.hpp"
#include "platform/export/issuer.hpp"
#include "platform/export/recipients.hpp"
#include "platform/export/row.hpp"
#include "platform/processing_record.hpp"
#include "web/translations.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace calyptenora::platform {

/// What stands above the records.
struct PageHead {
    storage::Timestamp made_at;
    gate::Personal<Category::user_name, std::string> name;
    gate::Personal<Category::user_contact_email, std::string> email;
    std::map<std::string, long long, std::less<>> counts;  ///< Rows by record set.
};

/// Writes index.html: complete in itself, readable and printable without a network, without any script. All
/// that comes from outside is escaped, and the page forbids itself to load or to run anything.
class ExportPage {
  public:
    ExportPage(Archive& archive, const web::Translations& texts, web::Language language,
               const ExportIssuer& issuer)
        : archive_(archive), texts_(texts), language_(language), issuer_(issuer) {}

    void begin(const PageHead& head);
    void begin_group(const KeptActivity& activity);
    /// `columns` by their names outside.
    void begin_table(const storage::RecordSet& set, const std::vector<std::string_view>& columns,
                     long long rows);
    void write_row(const ExportRow& row);
    void end_table();
    void end_group();
    void write_recipients(const std::vector<ExportedRecipient>& recipients);
    void write_withheld();
    void end();

  private:
    using Arguments = web::Translations::Arguments;
    /// Escaped.
    std::string text(std::string_view key, const Arguments& arguments = {}) const;
    /// The words for a key in the first of these groups of texts that has it, or the key.
    std::string word(std::initializer_list<std::string_view> groups, std::string_view key) const;
    std::string moment(storage::Timestamp at) const;
    std::string cell(const storage::RecordSet& set, const storage::RecordRow& row, std::size_t field) const;
    std::string cell_text(std::string_view column, const std::string& value) const;
    std::string basis_text(const KeptActivity& activity) const;
    /// Each length of time once.
    std::string how_long_text(const KeptActivity& activity) const;
    std::string answer_text(const ExportedRecipient& recipient) const;

    Archive& archive_;
    const web::Translations& texts_;
    web::Language language_;
    const ExportIssuer& issuer_;
    std::vector<std::size_t> shown_;
    bool is_empty_ = true;
};

}  // namespace calyptenora::platform
