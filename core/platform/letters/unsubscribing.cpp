#include "platform/letters/unsubscribing.hpp"

namespace calyptenora::platform {
namespace {

/// Belongs to no row; binds the token to what it is for.
constexpr storage::FieldAddress address{.table = "letters", .row = "news", .column = "unsubscribe"};

}  // namespace

std::string make_unsubscribe_token(const storage::FieldCipher& cipher, const storage::LearnerId& learner) {
    return cipher.encrypt_system(address, learner.text());
}

Result<storage::LearnerId> read_unsubscribe_token(const storage::FieldCipher& cipher,
                                                  const std::string& token) {
    const auto text = cipher.decrypt_system(address, token);
    const auto learner = text ? storage::LearnerId::parse(*text) : text.error();
    if (!learner)
        return Error(ErrorKind::not_found, "this is no token to unsubscribe by");
    return *learner;
}

}  // namespace calyptenora::platform
