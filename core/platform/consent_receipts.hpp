#pragma once

#include "gate/policy.hpp"
#include "settings/settings.hpp"
#include "storage/database.hpp"
#include "storage/field_cipher.hpp"
#include "storage/stores/consents.hpp"

#include <calyptenora/result.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Receipts for what people decided, in the terms of ISO/IEC TS 27560: one for each event of the consent
/// ledger, refusals and withdrawals too. Each is made from the ledger when it is asked for, and is the same
/// every time.
///
/// A receipt is signed by the key of the ledger's checkpoints. A key of its own would live in the same store
/// and be lost with it, and people would have two fingerprints to compare; instead, the first line of what is
/// signed says what it is, so that no signature of the one passes for one of the other.
namespace calyptenora::platform {

/// Names the format, and is the id of its schema. A change that breaks readers makes another number.
inline constexpr std::string_view consent_receipt_schema_id = "urn:calyptenora:schema:consent-receipt:1";

/// Who asked for the decision.
struct ReceiptIssuer {
    std::string name;
    std::string address;
    std::string email;
    std::string origin;   ///< `https://lms.example`.
    std::string country;  ///< ISO 3166-1, where the law is that holds.
};
ReceiptIssuer make_receipt_issuer(const settings::Settings& settings);

struct ConsentReceipt {
    storage::ConsentEvent event;
    gate::Terms terms;       ///< What the decision is about, as it stood then.
    std::string shown_text;  ///< The exact text and choices; empty if nothing was shown.
    std::string document;    ///< Receipt, text and signature as JSON.
};

/// `permanent` if the ledger refers to a text that is not there, or is another.
Result<ConsentReceipt> make_consent_receipt(storage::Transaction& tx, const storage::ServiceSecrets& secrets,
                                            const ReceiptIssuer& issuer, storage::ConsentEvent event);

/// What a receipt's document says, after a look at its form.
struct ReadReceipt {
    boost::json::object receipt;
    std::string public_key;
    /// Why it proves nothing, in words for the operator; empty if it is as it was signed, and the text that
    /// it shows is the one that was shown.
    std::vector<std::string> faults;
};
/// Needs neither database nor key store. `invalid_input` for what is no receipt.
Result<ReadReceipt> read_consent_receipt(std::string_view document);

/// The JSON Schema (2020-12) of the document.
boost::json::object make_consent_receipt_schema();

class ConsentReceipts {
  public:
    ConsentReceipts(storage::Database& database, const storage::FieldCipher& cipher,
                    std::function<ReceiptIssuer()> issuer)
        : database_(database), cipher_(cipher), issuer_(std::move(issuer)) {}

    /// The decisions of a person, also those made as the guest who signed in; newest first.
    boost::asio::awaitable<Result<std::vector<storage::ConsentEvent>>> list(storage::SubjectId subject);
    /// `not_found` for somebody else's.
    boost::asio::awaitable<Result<ConsentReceipt>> find(storage::SubjectId subject, storage::RecordId record);

  private:
    storage::Database& database_;
    const storage::FieldCipher& cipher_;
    std::function<ReceiptIssuer()> issuer_;
};

}  // namespace calyptenora::platform
