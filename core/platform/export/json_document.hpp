#pragma once

#include "platform/export/archive.hpp"
#include "platform/export/issuer.hpp"
#include "platform/export/recipients.hpp"
#include "platform/export/row.hpp"

#include <string>
#include <vector>

namespace calyptenora::platform {

/// Writes data.json as its schema (schema.hpp) has it, record after record.
class JsonDocument {
  public:
    explicit JsonDocument(Archive& archive) : archive_(archive) {}

    void begin(const ExportIssuer& issuer, const storage::LearnerId& learner, storage::Timestamp made_at);
    void begin_set(const storage::RecordSet& set);
    void write_row(const ExportRow& row);
    void end_set();
    /// What could not be read of the records, as `set.column of ...`.
    void end(const std::vector<ExportedRecipient>& recipients, const std::vector<std::string>& unreadable);

  private:
    Archive& archive_;
    bool is_first_set_ = true;
    bool is_first_row_ = true;
};

}  // namespace calyptenora::platform
