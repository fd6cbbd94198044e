#include "settings/instance_id.hpp"

#include <gtest/gtest.h>

#include <set>
#include <unordered_set>

namespace calyptenora::settings {
namespace {

TEST(InstanceId, TellsFamilyPluginNameAndLabel) {
    const auto id = parse_instance_id("analytics/xapi@second");
    ASSERT_TRUE(id);
    EXPECT_EQ(id->text(), "analytics/xapi@second");
    EXPECT_EQ(id->family(), Family::analytics);
    EXPECT_EQ(id->plugin_name(), "analytics/xapi");
    EXPECT_EQ(id->name(), "xapi");
    EXPECT_EQ(id->label(), "second");
    EXPECT_EQ(parse_instance_id("auth/password")->label(), "");
    EXPECT_EQ(parse_instance_id("auth/password")->plugin_name(), "auth/password");
}

TEST(InstanceId, RefusesEverythingElse) {
    for (const auto* text :
         {"", "xapi", "analytics", "analytics/", "/xapi", "analytic/xapi", "Analytics/xapi", "analytics/Xapi",
          "analytics/x/y", "analytics/../x", "analytics/9x", "analytics/x@", "analytics/x@A",
          "analytics/x@b@c", "analytics/x ", "analytics/x\n", "analytics@a/x"})
        EXPECT_FALSE(parse_instance_id(text)) << text;
    EXPECT_TRUE(parse_instance_id("analytics/" + std::string(63, 'a')));
    EXPECT_FALSE(parse_instance_id("analytics/" + std::string(64, 'a')));
    EXPECT_EQ(parse_instance_id("xapi").error().kind, ErrorKind::invalid_input);
}

TEST(InstanceId, KnowsTheCoresOwnMailWhichIsNoPlugin) {
    const auto id = parse_instance_id("core/mail");
    ASSERT_TRUE(id);
    EXPECT_EQ(*id, core_mail_id());
    EXPECT_EQ(id->family(), std::nullopt);
    for (const auto* text : {"core/mail@second", "core/other", "core/mail ", "Core/mail"})
        EXPECT_FALSE(parse_instance_id(text)) << text;
}

TEST(InstanceId, IsOrderedAndHashedByItsText) {
    const auto one = *parse_instance_id("analytics/xapi");
    const auto two = *parse_instance_id("analytics/xapi@second");
    EXPECT_LT(one, two);
    EXPECT_EQ(one, *parse_instance_id("analytics/xapi"));
    EXPECT_EQ((std::set<InstanceId>{two, one, two}.size()), 2u);
    EXPECT_EQ((std::unordered_set<InstanceId>{two, one, two}.size()), 2u);
}

}  // namespace
}  // namespace calyptenora::settings
