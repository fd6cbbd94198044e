#include "gate/frames.hpp"

#include "integration/gate/gate_fixture.hpp"
#include "storage/stores/disclosures.hpp"
#include "storage/stores/leases.hpp"

#include <boost/asio/use_future.hpp>

#include <thread>

namespace calyptenora::gate {
namespace {

using namespace std::chrono_literals;
using storage::DisclosureKind;

constexpr auto delivery = Purpose::essential_service_content_delivery;

std::string tube_manifest() {
    return R"(id: video/tube
version: 0.1.0
sdk: "1.0"
summary: {de: Filme, en: Films}
licence: AGPL-3.0-or-later
purposes:
  - purpose: essential.service.content_delivery
    legal_basis: consent
    device_access: consent
    cookie_category: external_media
    retention_days: 90
    fields:
      - {category: user.device.ip_address, required: true, why: {de: W, en: W}}
      - {category: user.device.user_agent, required: true, why: {de: W, en: W}}
      - {category: user.device.cookie_id, why: {de: W, en: W}}
      - {category: user.behavior.media_consumption, why: {de: W, en: W}}
      - {category: user.name, why: {de: W, en: W}}
browser: {frame_origins: ["https://tube.example"]}
)";
}

std::string tube_settings() {
    return test::settings_head() + R"(plugins:
  video/tube:
    recipient: {legal_name: Filme AG, address: Weg 6, country: DE, role: controller, privacy_policy: 'https://tube.example/privacy'}
    purposes:
      essential.service.content_delivery:
        fields: {user.device.ip_address: true, user.device.user_agent: true, user.behavior.media_consumption: true, user.name: true}
)";
}

class FramesInPages : public GateTest {
  protected:
    FramesInPages() { gate_.replace_policy(test::compile_policy(tube_settings(), {tube_manifest()})); }

    const PolicyFlow& tube() { return flow("video/tube", delivery); }
    Result<std::unique_ptr<Emission>> begin(const storage::SubjectId& subject) {
        return run(frames_.begin(tube().instance, delivery, subject, "tube.example:443"));
    }
    std::vector<storage::Disclosure> ledger(const storage::SubjectId& subject) {
        return read([&](storage::Transaction& tx) -> Result<std::vector<storage::Disclosure>> {
            EXPECT_TRUE(storage::disclosures::verify(tx, secrets(), subject).empty());
            return storage::disclosures::list(tx, subject, 100);
        });
    }
    std::size_t leases(const storage::SubjectId& subject) {
        return read([&](storage::Transaction& tx) {
            return Result<std::size_t>(storage::leases::list_held(tx, subject, clock_.now()).size());
        });
    }
    /// That no frame is shown under these terms, although the person has allowed them.
    void expect_none(const std::string& settings, const std::string& manifest) {
        const auto mia = make_guest();
        gate_.replace_policy(test::compile_policy(settings, {manifest}));
        if (asks(tube()))
            choose(mia, tube(), true);
        EXPECT_TRUE(standing(mia, tube()).flowing);
        const auto refused = begin(mia);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().kind, ErrorKind::denied);
        EXPECT_TRUE(ledger(mia).empty());
    }

    Frames frames_{gate_, emissions_};
};
CALYPTENORA_ON_BOTH_DATABASES(FramesInPages);

TEST_P(FramesInPages, AreInTheLedgerWithWhatTheBrowserReveals) {
    const auto mia = make_guest();
    choose(mia, tube(), true);
    auto frame = begin(mia);
    ASSERT_TRUE(frame) << frame.error().message;
    EXPECT_EQ(leases(mia), 1u) << "until the page is written";
    run((*frame)->settle("page sent"));
    EXPECT_EQ(leases(mia), 0u);
    const auto rows = ledger(mia);
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(rows[0].kind, DisclosureKind::outcome);
    EXPECT_EQ(rows[0].outcome, "page sent");
    EXPECT_EQ(rows[1].kind, DisclosureKind::attempted);
    EXPECT_EQ(rows[1].instance, "video/tube");
    EXPECT_EQ(rows[1].recipient, "Filme AG");
    EXPECT_EQ(rows[1].purpose, delivery);
    EXPECT_EQ(rows[1].operation, frame_operation);
    EXPECT_EQ(rows[1].host, "tube.example:443");
    // Declared and granted, and what a browser can reveal: not the name, which it does not know, and not
    // the cookie, which the operator did not grant.
    EXPECT_EQ(rows[1].categories,
              revealed_by_every_frame | CategoryMask(Category::user_behavior_media_consumption));
}

TEST_P(FramesInPages, AreNotThereWithoutConsent) {
    const auto never_asked = make_guest(), refusing = make_guest();
    choose(refusing, tube(), false);
    for (const auto& subject : {never_asked, refusing, storage::SubjectId::make()}) {
        const auto frame = begin(subject);
        ASSERT_FALSE(frame);
        EXPECT_EQ(frame.error().kind, ErrorKind::denied);
        EXPECT_TRUE(ledger(subject).empty());
        EXPECT_EQ(leases(subject), 0u);
    }
}

TEST_P(FramesInPages, AreNotSentAfterTheAcknowledgementOfAWithdrawal) {
    const auto mia = make_guest();
    choose(mia, tube(), true);
    auto frame = begin(mia).value();
    const auto& row = tube();

    boost::asio::io_context context;
    auto work = boost::asio::make_work_guard(context);
    std::jthread thread([&] { context.run(); });
    auto withdrawal = boost::asio::co_spawn(
        context, choices_.record(mia, {{row.instance, delivery, false}}, shown()), boost::asio::use_future);
    while (standing(mia, row).state != ConsentState::withdrawn)
        std::this_thread::sleep_for(1ms);
    EXPECT_FALSE(begin(mia)) << "another page";
    EXPECT_EQ(withdrawal.wait_for(200ms), std::future_status::timeout) << "this page is on its way";
    run(frame->settle("page sent"));
    EXPECT_EQ(withdrawal.wait_for(10s), std::future_status::ready);
    EXPECT_TRUE(withdrawal.get());
    EXPECT_FALSE(begin(mia));
    EXPECT_EQ(ledger(mia).size(), 2u);
    work.reset();
}

TEST_P(FramesInPages, NeedTheSecondKeyOfTheBrowser) {
    auto manifest = test::replaced(tube_manifest(),
                                   "legal_basis: consent\n    device_access: consent\n    cookie_category: "
                                   "external_media\n",
                                   "legal_basis: contract\n");
    manifest = test::replaced(manifest, "browser: {frame_origins: [\"https://tube.example\"]}\n", "");
    expect_none(tube_settings(), manifest);
}

TEST_P(FramesInPages, NeedTermsThatSayWhatEveryFrameReveals) {
    constexpr std::string_view address =
        "      - {category: user.device.ip_address, required: true, why: {de: W, en: W}}\n";
    expect_none(test::replaced(tube_settings(), "user.device.ip_address: true, ", ""),
                test::replaced(tube_manifest(), address, ""));
}

// The operator's promise would be broken by the browser, which the gate cannot make keep it.
TEST_P(FramesInPages, DoNotPretendThatTheGateCanChangeWhatTheBrowserReveals) {
    expect_none(tube_settings(), test::replaced(tube_manifest(), "ip_address, required: true, why",
                                                "ip_address, required: true, transform: truncate_ip, why"));
}

}  // namespace
}  // namespace calyptenora::gate
