#pragma once

#include "gate/personal.hpp"
#include "storage/stores/subject_records.hpp"

namespace calyptenora::platform {

/// A record on its way into the export of the very person whom it is about. Like a Personal, it is opened by
/// `reveal` only, in the places that tests/architecture/reveal_sites.py lists: the writers of the archive.
class ExportRow {
  public:
    ExportRow(const storage::RecordSet& set, const storage::RecordRow& row) : set_(set), row_(row) {}

    const storage::RecordSet& set() const { return set_; }
    const storage::RecordRow& reveal(gate::ForSubject) const { return row_; }

  private:
    const storage::RecordSet& set_;
    const storage::RecordRow& row_;
};

}  // namespace calyptenora::platform
