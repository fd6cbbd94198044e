#include "settings/technical_use.hpp"

#include "settings/settings.hpp"

#include <gtest/gtest.h>

namespace calyptenora::settings {
namespace {

Settings read(const std::string& more) {
    return *parse_settings(
                "platform: {name: Test, origin: 'http://localhost:8080'}\n"
                "operator: {legal_name: Lernhaus, address: Weg 1, country: DE, email: a@lms.example}\n" +
                    more,
                "test.yaml")
                .value;
}

TEST(TechnicalUse, IsOffUnlessTheOperatorSwitchesItOn) {
    EXPECT_FALSE(read("").technical_data.is_on());
    EXPECT_FALSE(read("technical_data: {smallest_group: 50}\n").technical_data.is_on());
    EXPECT_TRUE(read("technical_data: {functional: true}\n").technical_data.is_on());
}

TEST(TechnicalUse, AsksForEachPurposeByItselfAndForTheDevice) {
    const auto use =
        describe_technical_use(read("technical_data: {performance: true, functional: true, analytics: true}\n"
                                    "retention: {timings_days: 30, browsers_days: 60, devices_days: 10}\n"));
    EXPECT_EQ(use.instance.id.text(), "core/technical");
    EXPECT_EQ(parse_instance_id("core/technical").value(), core_technical_id());
    EXPECT_TRUE(use.instance.recipient->self) << "nobody else gets it";
    EXPECT_EQ(use.instance.recipient->legal_name, "Lernhaus");
    EXPECT_TRUE(use.configuration.egress.empty());
    using Row = std::tuple<Purpose, CookieCategory, int>;
    std::vector<Row> rows;
    for (const auto& purpose : use.configuration.purposes) {
        rows.emplace_back(purpose.purpose, *purpose.cookie_category, purpose.retention_days->count());
        EXPECT_EQ(purpose.legal_basis, LegalBasis::consent);
        EXPECT_EQ(purpose.device_access, DeviceAccess::consent) << "section 25 TDDDG";
        const bool identifies = purpose.purpose == Purpose::analytics_reporting_content_performance;
        EXPECT_EQ(purpose.granted().contains(Category::user_device_cookie_id), identifies);
        EXPECT_FALSE(purpose.granted().contains(Category::user_device_ip_address));
        for (const auto& field : purpose.fields)
            EXPECT_FALSE(field.why.de.empty() || field.why.en.empty());
    }
    EXPECT_EQ(rows, (std::vector<Row>{
                        {Purpose::analytics_reporting_system_performance, CookieCategory::performance, 30},
                        {Purpose::functional_service_improve, CookieCategory::functional, 60},
                        {Purpose::analytics_reporting_content_performance, CookieCategory::analytics, 10}}));
    ASSERT_EQ(use.manifest.browser->storage.size(), 1u);
    const auto& cookie = use.manifest.browser->storage.front();
    EXPECT_EQ(cookie.name, "__Host-device");
    EXPECT_EQ(cookie.duration, std::chrono::days(10));
    EXPECT_EQ(cookie.purposes, (std::vector{Purpose::analytics_reporting_content_performance}));
}

TEST(TechnicalUse, KeepsNothingOnTheDeviceWithoutAnalytics) {
    const auto use = describe_technical_use(read("technical_data: {performance: true, functional: true}\n"));
    EXPECT_EQ(use.configuration.purposes.size(), 2u);
    EXPECT_FALSE(use.manifest.browser);
}

}  // namespace
}  // namespace calyptenora::settings
