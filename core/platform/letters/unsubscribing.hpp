#pragma once

#include "storage/field_cipher.hpp"

#include <calyptenora/result.hpp>

#include <string>

/// The token with which a letter ends what sends such letters (RFC 8058). It says nothing to others, holds as
/// long as the account, and is nowhere stored: whoever has an old letter can still unsubscribe by it.
namespace calyptenora::platform {

std::string make_unsubscribe_token(const storage::FieldCipher& cipher, const storage::LearnerId& learner);

/// Whom it is about. `not_found` for what was not made here.
Result<storage::LearnerId> read_unsubscribe_token(const storage::FieldCipher& cipher,
                                                  const std::string& token);

}  // namespace calyptenora::platform
