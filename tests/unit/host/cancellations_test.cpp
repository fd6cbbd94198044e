#include "host/cancellations.hpp"

#include <gtest/gtest.h>

namespace calyptenora::host {
namespace {

const auto instance = settings::parse_instance_id("analytics/xapi").value();
constexpr auto purpose = static_cast<Purpose>(0), another_purpose = static_cast<Purpose>(1);

gate::CallScope decided(const Cancellations& cancellations, std::vector<storage::SubjectId> subjects) {
    gate::CallScope scope{storage::CallId::make(), instance, purpose, {}, cancellations.begun()};
    for (const auto& subject : subjects)
        scope.records.push_back({subject, {}});
    return scope;
}

TEST(Cancellations, ConcernWhatWasDecidedBeforeThem) {
    Cancellations cancellations;
    const auto anna = storage::SubjectId::make(), ben = storage::SubjectId::make();
    const auto early = decided(cancellations, {ben, anna});
    const auto others = decided(cancellations, {ben});
    const auto nobody = decided(cancellations, {});
    EXPECT_FALSE(cancellations.concern(early));
    cancellations.begin(anna, instance, another_purpose);
    EXPECT_FALSE(cancellations.concern(early));
    cancellations.begin(anna, instance, purpose);
    EXPECT_TRUE(cancellations.concern(early));
    EXPECT_FALSE(cancellations.concern(others));
    EXPECT_FALSE(cancellations.concern(nobody));
    EXPECT_FALSE(cancellations.concern(decided(cancellations, {anna})));
    EXPECT_EQ(cancellations.begun(), 2);
}

TEST(Cancellations, CountAsSuchWhenTheyAreForgotten) {
    Cancellations cancellations;
    const auto anna = storage::SubjectId::make();
    const auto early = decided(cancellations, {anna});
    cancellations.begin(anna, instance, purpose);
    for (std::size_t i = 0; i <= Cancellations::most_remembered; ++i)
        cancellations.begin(storage::SubjectId::make(), instance, purpose);
    EXPECT_TRUE(cancellations.concern(early));
    EXPECT_FALSE(cancellations.concern(decided(cancellations, {anna})));
}

}  // namespace
}  // namespace calyptenora::host
