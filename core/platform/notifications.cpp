#include "platform/notifications.hpp"

#include "storage/stores/subjects.hpp"

#include <boost/mp11/algorithm.hpp>

namespace calyptenora::platform {
namespace notifications = storage::notifications;
using boost::asio::awaitable;
using storage::MailTopic;

namespace {

template <class F>
void for_each_topic(F&& visit) {
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<MailTopic>>(
        [&](auto entry) { visit(entry.value); });
}

}  // namespace

awaitable<Result<OwnNotifications>> Notifications::list(storage::LearnerId learner) {
    co_return co_await database_.run([&](storage::Transaction& tx) -> Result<OwnNotifications> {
        const auto now = clock_.now();
        OwnNotifications own{
            notifications::list(tx, learner, now), storage::announcements::list_for(tx, learner, now), {}};
        for_each_topic([&](MailTopic topic) {
            if (notifications::is_wanted(tx, learner, topic))
                own.mailed.insert(topic);
        });
        return own;
    });
}

awaitable<Status> Notifications::note_read(storage::LearnerId learner, storage::AnnouncementId announcement) {
    co_return co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        if (auto locked = storage::subjects::lock(tx, learner); !locked)
            return locked;
        storage::announcements::note_read(tx, learner, announcement, clock_.now());
        return {};
    });
}

awaitable<Status> Notifications::choose_mail(storage::LearnerId learner, std::set<MailTopic> topics) {
    co_return co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        if (auto locked = storage::subjects::lock(tx, learner); !locked)
            return locked;
        for_each_topic(
            [&](MailTopic topic) { notifications::choose(tx, learner, topic, topics.contains(topic)); });
        return {};
    });
}

}  // namespace calyptenora::platform
