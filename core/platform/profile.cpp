#include "platform/profile.hpp"

#include "storage/text.hpp"
#include "web/format.hpp"

namespace calyptenora::platform {

boost::asio::awaitable<Result<Education>> Profile::education(storage::LearnerId learner) {
    co_return co_await database_.run([&](storage::Transaction& tx) -> Result<Education> {
        auto text = storage::learners::load_education(tx, cipher_, learner);
        if (!text)
            return text.error();
        return Education(std::move(*text));
    });
}

boost::asio::awaitable<Status> Profile::save(storage::LearnerId learner, ProfileDetails details) {
    const auto& zone = details.presentation.time_zone;
    if (zone && !web::is_known_time_zone(*zone))
        co_return Error(ErrorKind::invalid_input, "there is no such time zone");
    if (details.education.size() > longest_education || !storage::validate_text(details.education))
        co_return Error(ErrorKind::invalid_input, "the text about education is too long or no text");
    co_return co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        storage::learners::set_language(tx, learner, details.language);
        storage::learners::set_presentation(tx, learner, details.presentation);
        return storage::learners::set_education(tx, cipher_, learner, details.education);
    });
}

}  // namespace calyptenora::platform
