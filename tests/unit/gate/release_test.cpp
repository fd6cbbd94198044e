#include "gate/release.hpp"

#include <calyptenora/families/analytics.hpp>

#include <gtest/gtest.h>

namespace calyptenora::gate {
namespace {

using Event = analytics::LearningEvent<Guarded>;

Event full_event() {
    Event event;
    event.id = "0190";
    event.platform = "https://lms.example";
    event.name = "Ada \"Countess\" Lovelace";
    event.email = "ada@example.org";
    event.ip_address = "203.0.113.77";
    event.user_agent = "Mozilla/5.0 Firefox/131.0 canary-agent";
    event.page = "/courses/canary-page";
    event.grade = analytics::Score{80, true};
    event.progress = analytics::Progress{analytics::Verb::completed, "c", "C", "l", "L", "de", 1};
    return event;
}

std::string written(const Event& event, CategoryMask released, const Transforms& transforms = {}) {
    std::string out;
    write_record(out, event, released, transforms, "pseudonym-1");
    return out;
}

TEST(Release, KnowsTheFieldsOfARecord) {
    const auto fields = fields_of<Event>();
    EXPECT_TRUE(fields.contains(CategoryMask(Category::user_name) | Category::user_education_grade));
    EXPECT_FALSE(fields.contains(Category::user_payment_transaction));
}

TEST(Release, WritesWhatIsReleasedAndNothingElse) {
    EXPECT_EQ(written(full_event(), {}), R"({"id":"0190","platform":"https://lms.example"})");
    EXPECT_EQ(written(full_event(), Category::user_name),
              R"({"id":"0190","platform":"https://lms.example","name":"Ada \"Countess\" Lovelace"})");
    EXPECT_EQ(written(full_event(), Category::user_unique_id_pseudonymous),
              R"({"id":"0190","platform":"https://lms.example","learner":"pseudonym-1"})");
}

TEST(Release, ADeniedFieldIsByteForByteAnAbsentOne) {
    for (std::size_t i = 0; i < category_keys.size(); ++i) {
        const auto denied = static_cast<Category>(i);
        auto without = full_event();
        boost::mp11::mp_for_each<json_detail::members_of<Event>>([&](auto member) {
            auto& item = without.*member.pointer;
            using Member = std::remove_cvref_t<decltype(item)>;
            if constexpr (is_personal<Member>)
                if (Member::category == denied)
                    item = Member();
        });
        const auto all = fields_of<Event>();
        // The pseudonym is the gate's: absent means that there is none.
        std::string absent;
        write_record(absent, without, all, {},
                     denied == Category::user_unique_id_pseudonymous ? "" : "pseudonym-1");
        EXPECT_EQ(written(full_event(), all - denied), absent) << category_keys[i];
    }
}

TEST(Release, CoarsensWhereThePolicySaysSo) {
    Transforms transforms;
    transforms.of[static_cast<std::size_t>(Category::user_device_ip_address)] = Transform::truncate_ip;
    transforms.of[static_cast<std::size_t>(Category::user_device_user_agent)] = Transform::coarse_user_agent;
    const auto out = written(
        full_event(), CategoryMask(Category::user_device_ip_address) | Category::user_device_user_agent,
        transforms);
    EXPECT_EQ(
        out,
        R"({"id":"0190","platform":"https://lms.example","ip_address":"203.0.113.0","user_agent":"Firefox 131"})");
}

}  // namespace
}  // namespace calyptenora::gate
