#pragma once

#include "platform/processing_record.hpp"
#include "web/words.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <string>
#include <vector>

/// The record of processing activities, the list of recipients and the retention schedule, as documents:
/// views of platform::ProcessingRecord that decide nothing. JSON has the keys of the vocabulary and no words.
namespace calyptenora::cli {

/// One activity of the record, in words.
struct RecordRow {
    std::string id;  ///< `kept/account`, `analytics/xapi|analytics.reporting.content_performance`
    std::string activity, purpose, legal_basis, persons, data, recipient, third_country, erasure;
    const settings::Recipient* third_party = nullptr;  ///< Of the record; null: nobody else gets anything.
    std::string purpose_key, legal_basis_keys, data_keys;
};
std::vector<RecordRow> record_rows(const platform::ProcessingRecord& record, const web::Words& words);

/// RFC 4180, one activity a line; controller, officer and measures (Art. 30(1)(a), (g)) stand in each.
std::string record_csv(const platform::ProcessingRecord& record, const web::Words& words);
/// A page that needs nothing beside itself and loads nothing.
std::string record_html(const platform::ProcessingRecord& record, const web::Words& words,
                        storage::Timestamp made_at);
boost::json::object record_json(const platform::ProcessingRecord& record);
/// What of it the privacy notice tells people; the same on each machine and at each start.
boost::json::object notice_json(const platform::ProcessingRecord& record);

/// Tables with a heading, for CSV and for terminals.
using Table = std::vector<std::vector<std::string>>;

/// Everybody else who receives data: addresses, contracts, safeguards.
Table processors_table(const platform::ProcessingRecord& record, const web::Words& words);
boost::json::array processors_json(const platform::ProcessingRecord& record);

/// What stays how long, here and at recipients, and who deletes it.
Table retention_table(const platform::ProcessingRecord& record, const web::Words& words);
boost::json::array retention_json(const platform::ProcessingRecord& record);

}  // namespace calyptenora::cli
