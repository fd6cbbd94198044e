#pragma once

#include "gate/gate.hpp"
#include "platform/cases.hpp"
#include "platform/orders.hpp"
#include "storage/database.hpp"
#include "storage/field_cipher.hpp"
#include "storage/stores/declarations.hpp"

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>
#include <vector>

/// Ending contracts by button, without having to sign in: cancelling (section 312k BGB) and withdrawing
/// (section 356a BGB). A declaration counts from the moment when it has arrived.
namespace calyptenora::platform {

/// What the form asks for. Texts as they were typed, trimmed.
struct DeclarationDetails {
    std::string name;
    std::string email;
    std::string contract;        ///< An order's number, or what the person calls the contract.
    bool extraordinary = false;  ///< Cancellations only: for good cause, with `reason`.
    std::string reason;
    std::string end;  ///< Cancellations only: `2026-12-31`; empty: the next possible date.
};
BOOST_DESCRIBE_STRUCT(DeclarationDetails, (), (name, email, contract, extraordinary, reason, end))

/// A declaration as its author may see it again, and the operator.
struct DeclarationView {
    storage::Declaration declaration;
    gate::Personal<Category::user_content_message, std::string> document;  ///< JSON of the details.
};

/// How a case puts a declaration.
struct CaseWords {
    std::string subject;
    std::string message;
};

/// The details of a document that was revealed; nothing once its author is erased.
std::optional<DeclarationDetails> read_details(const std::string& document);

class Contracts {
  public:
    Contracts(storage::Database& database, const storage::FieldCipher& cipher, gate::Gate& gate,
              Orders& orders, Cases& cases);

    /// Stores a declaration and yields its alias; it has arrived when this returns. A learner's own order
    /// that waits for its money is cancelled by a withdrawal, and a learner's declaration opens a case in
    /// these words, so that the help desk hears of it and the learner finds it again. `invalid_input` for
    /// texts that cannot be stored.
    boost::asio::awaitable<Result<std::string>> declare(storage::DeclarationKind kind,
                                                        std::optional<storage::LearnerId> learner,
                                                        DeclarationDetails details, std::string language,
                                                        CaseWords words);

    /// `not_found` for an alias that nobody has.
    boost::asio::awaitable<Result<DeclarationView>> find(std::string alias);

    /// Newest first, at most `limit`; for the operator.
    boost::asio::awaitable<Result<std::vector<DeclarationView>>> list(int limit);

  private:
    boost::asio::awaitable<void> follow_up(storage::LearnerId learner, const storage::Declaration& declared,
                                           CaseWords words);

    storage::Database& database_;
    const storage::FieldCipher& cipher_;
    gate::Gate& gate_;
    Orders& orders_;
    Cases& cases_;
};

}  // namespace calyptenora::platform
