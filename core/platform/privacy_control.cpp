#include "platform/privacy_control.hpp"

#include "storage/stores/subjects.hpp"
#include "storage/stores/tombstones.hpp"

namespace calyptenora::platform {

Status note_privacy_control(storage::Transaction& tx, const storage::FieldCipher& cipher,
                            const storage::SubjectId& subject, storage::Timestamp now) {
    const auto known = storage::subjects::find(tx, subject);
    // Backups that are made from now on hold the first time; only those before lack it.
    if (known && !known->gpc_seen_at)
        if (auto put = storage::tombstones::put(
                cipher.keys(), {{subject, storage::TombstoneKind::privacy_control, "", {}, now}});
            !put)
            return put;
    storage::subjects::record_gpc(tx, subject, now);
    return {};
}

}  // namespace calyptenora::platform
