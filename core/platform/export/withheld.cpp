#include "platform/export/withheld.hpp"

namespace calyptenora::platform {

std::span<const WithheldColumn> withheld_columns() {
    static constexpr WithheldColumn columns[] = {
        {"data", "plugin_store", "value_enc", Withheld::secret, "purpose = essential.service.authentication"},
        {"data", "sessions", "token_hash", Withheld::secret},
        {"data", "account_links", "token_hash", Withheld::secret},
        {"data", "learners", "email_lookup", Withheld::derived},
        {"data", "subjects", "erased_at", Withheld::moot},
        {"data", "requests", "status_lookup", Withheld::secret},
        {"data", "retained_records", "id", Withheld::moot},
        {"data", "retained_records", "subject", Withheld::moot},
        {"data", "retained_records", "key_owner", Withheld::moot},
        {"data", "retained_records", "ground", Withheld::moot},
        {"data", "retained_records", "until", Withheld::moot},
        {"data", "retained_records", "what", Withheld::moot},
        {"data", "retained_records", "record_enc", Withheld::moot},
        {"data", "retained_records", "created_at", Withheld::moot},
        {"data", "ledger_heads", "subject", Withheld::seal},
        {"data", "ledger_heads", "count", Withheld::seal},
        {"data", "checkpoint_heads", "subject", Withheld::seal},
        {"data", "checkpoint_heads", "count", Withheld::seal},
        {"data", "emission_leases", "id", Withheld::passing},
        {"data", "emission_leases", "subject", Withheld::passing},
        {"data", "emission_leases", "granted_at", Withheld::passing},
        {"data", "emission_leases", "expires_at", Withheld::passing},
        {"data", "throttle", "key_hash", Withheld::nameless},
        {"data", "throttle", "window_start", Withheld::nameless},
        {"data", "throttle", "count", Withheld::nameless},
        {"keys", "subject_keys", "subject", Withheld::keys},
        {"keys", "subject_keys", "wrapped_key", Withheld::keys},
        {"keys", "subject_keys", "wrapped_salt", Withheld::keys},
        {"keys", "subject_keys", "created_at", Withheld::keys},
        {"keys", "tombstones", "subject", Withheld::derived},
        {"keys", "tombstones", "kind", Withheld::derived},
        {"keys", "tombstones", "instance", Withheld::derived},
        {"keys", "tombstones", "purpose", Withheld::derived},
        {"keys", "tombstones", "at", Withheld::derived},
    };
    return columns;
}

}  // namespace calyptenora::platform
