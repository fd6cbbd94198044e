#pragma once

#include <calyptenora/families/operation.hpp>

/// Analytics. Events are queued in the outbox and delivered in batches; the gate decides at send time.
namespace calyptenora::analytics {

enum class Verb : unsigned char { enrolled, started, completed, watched, viewed };
BOOST_DESCRIBE_ENUM(Verb, enrolled, started, completed, watched, viewed)

/// What a learner did with a course or a lesson.
struct Progress {
    Verb verb = Verb::started;
    std::string course;
    std::string course_title;
    std::optional<std::string> lesson;
    std::optional<std::string> lesson_title;
    std::string language;
    UnixMicros occurred_at = 0;
};
BOOST_DESCRIBE_STRUCT(Progress, (), (verb, course, course_title, lesson, lesson_title, language, occurred_at))

/// What a learner watched.
struct MediaUse {
    std::string course;
    std::string lesson;
    std::string video;
    double watched_s = 0;
    double position_s = 0;
    UnixMicros occurred_at = 0;
};
BOOST_DESCRIBE_STRUCT(MediaUse, (), (course, lesson, video, watched_s, position_s, occurred_at))

struct Score {
    std::int64_t scaled_percent = 0;
    bool passed = false;
};
BOOST_DESCRIBE_STRUCT(Score, (), (scaled_percent, passed))

/// One event of one learner. Which of the fields are there is the gate's decision at the moment of sending.
template <template <Category, class> class Field>
struct LearningEvent {
    std::string id;        ///< UUID; the same for each try to deliver this event.
    std::string platform;  ///< The platform's origin, as the home page of pseudonymous accounts.
    Field<Category::user_unique_id_pseudonymous, std::string> learner;
    Field<Category::user_name, std::string> name;
    Field<Category::user_contact_email, std::string> email;
    Field<Category::user_account_settings, std::string> language;
    Field<Category::user_demographic_education, std::string> education;
    Field<Category::user_education_enrolment, Progress> enrolment;
    Field<Category::user_education_progress, Progress> progress;
    Field<Category::user_education_grade, Score> grade;
    Field<Category::user_behavior_media_consumption, MediaUse> media;
    Field<Category::user_behavior_browsing_history, std::string> page;
    Field<Category::user_device_ip_address, std::string> ip_address;
    Field<Category::user_device_user_agent, std::string> user_agent;
    BOOST_DESCRIBE_CLASS(LearningEvent, (),
                         (id, platform, learner, name, email, language, education, enrolment, progress, grade,
                          media, page, ip_address, user_agent),
                         (), ())
};

/// What became of an event. `unconfirmed`: the service accepts and may silently drop (some answer 204 to
/// anything).
enum class DeliveryOutcome : unsigned char { accepted, duplicate, rejected, retry, unconfirmed };
BOOST_DESCRIBE_ENUM(DeliveryOutcome, accepted, duplicate, rejected, retry, unconfirmed)

struct Delivery {
    std::string id;
    DeliveryOutcome outcome = DeliveryOutcome::retry;
    /// Not used by the host: what a service says may hold personal data. What helps the operator goes to
    /// log().
    std::optional<std::string> reason;
};
BOOST_DESCRIBE_STRUCT(Delivery, (), (id, outcome, reason))

struct DeliverReply {
    std::vector<Delivery> deliveries;
};
BOOST_DESCRIBE_STRUCT(DeliverReply, (), (deliveries))

template <template <Category, class> class Field>
struct RetractRecord {
    std::vector<std::string> ids;
    BOOST_DESCRIBE_CLASS(RetractRecord, (), (ids), (), ())
};

/// Delivers a batch. Each event of the batch gets exactly one outcome.
struct Deliver : Operation<"deliver", LearningEvent, DeliverReply, Batching::batched> {};

/// Takes events back where the service can.
struct Retract : Operation<"retract", RetractRecord, SubjectOutcome> {};

}  // namespace calyptenora::analytics
