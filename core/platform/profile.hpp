#pragma once

#include "gate/gate.hpp"
#include "storage/database.hpp"
#include "storage/field_cipher.hpp"
#include "storage/stores/learners.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>

/// What people say of themselves so that the platform suits them. All of it may be left out.
namespace calyptenora::platform {

using Education = gate::Personal<Category::user_account_settings, std::string>;

struct ProfileDetails {
    std::string language;  ///< `de` or `en`.
    std::string education;
    storage::Presentation presentation;
};

class Profile {
  public:
    /// Bytes of the text about one's education.
    static constexpr std::size_t longest_education = 1000;

    Profile(storage::Database& database, const storage::FieldCipher& cipher)
        : database_(database), cipher_(cipher) {}

    boost::asio::awaitable<Result<Education>> education(storage::LearnerId learner);
    /// `invalid_input` for a text that is too long or cannot be stored, or an unknown time zone.
    boost::asio::awaitable<Status> save(storage::LearnerId learner, ProfileDetails details);

  private:
    storage::Database& database_;
    const storage::FieldCipher& cipher_;
};

}  // namespace calyptenora::platform
