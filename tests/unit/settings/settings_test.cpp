#include "fixture.hpp"

namespace calyptenora::settings::test {
namespace {

using namespace std::chrono_literals;

class RealisticFile : public SettingsFiles {
  protected:
    void SetUp() override {
        SettingsFiles::SetUp();
        auto loaded = load_settings(home_ / "good/calyptenora.yaml", options());
        ASSERT_TRUE(loaded) << to_text(loaded.problems);
        EXPECT_EQ(to_text(loaded.problems), "");
        settings_ = std::move(*loaded.value);
    }
    const Instance& instance(std::string_view id) const {
        return settings_.plugins.at(*parse_instance_id(id));
    }

    Settings settings_;
};

TEST_F(RealisticFile, GivesEverySection) {
    EXPECT_EQ(settings_.platform.name, "Volkshochschule Musterstadt");
    EXPECT_EQ(settings_.platform.origin, "https://lms.example");
    EXPECT_EQ(settings_.platform.default_language, Language::de);
    EXPECT_EQ(settings_.platform.address_form, AddressForm::sie);
    ASSERT_EQ(settings_.platform.courses.size(), 1u);
    EXPECT_EQ(settings_.platform.courses[0], home_ / "good/courses");
    EXPECT_EQ(settings_.platform.minors.age_in("AT"), 14);
    EXPECT_EQ(settings_.platform.minors.age_in("FR"), 16);
    EXPECT_EQ(settings_.operator_info.address, "Lernweg 1\n12345 Musterstadt");
    EXPECT_EQ(settings_.operator_info.register_entry->number, "HRB 1234");
    EXPECT_EQ(settings_.operator_info.data_protection_officer->email, "datenschutz@lms.example");
    EXPECT_EQ(settings_.server.port, 8443);
    EXPECT_EQ(std::get<BehindProxy>(settings_.server.transport).trusted.size(), 2u);
    EXPECT_EQ(settings_.server.hosts, (std::vector<std::string>{"lms.example", "www.lms.example"}));
    EXPECT_EQ(settings_.server.limits.connections, 500u);
    EXPECT_EQ(settings_.server.limits.idle_seconds, 30s);
    EXPECT_EQ(settings_.consent.refusal_days, std::chrono::days(365));
    EXPECT_EQ(settings_.privacy.announce_days, std::chrono::days(45));
    EXPECT_EQ(settings_.retention.outgoing_days, std::chrono::days(14));
    EXPECT_EQ(settings_.retention.attempts_days, std::chrono::days(1));
    EXPECT_EQ(settings_.retention.voucher_years, 10);
    EXPECT_EQ(settings_.egress.allow_private, (std::vector<HostPort>{{"localhost", 8081}}));
    EXPECT_EQ(settings_.egress.total_seconds, 20s);
    EXPECT_EQ(settings_.egress.connect_seconds, 5s) << "what is not written keeps its default";
}

TEST_F(RealisticFile, GivesDatabasesWithTheirPasswordEncoded) {
    EXPECT_EQ(std::get<Postgresql>(settings_.database.where).url.reveal(),
              "postgresql://calyptenora:canary-env-51f3%2F%40%3A@db.example/calyptenora");
    EXPECT_EQ(settings_.database.pool, 4);
    EXPECT_EQ(std::get<Sqlite>(settings_.key_store.where).path, "keys/keys.db");
    ASSERT_TRUE(settings_.master_key);
    EXPECT_EQ(settings_.master_key->reveal().size(), 32u);
    EXPECT_EQ(settings_.master_key->reveal()[31], '\x1f');
}

TEST_F(RealisticFile, GivesMailWithTheOperatorAsItsOwnRecipient) {
    ASSERT_TRUE(settings_.mail);
    EXPECT_EQ(settings_.mail->port, 587);
    EXPECT_EQ(settings_.mail->password.reveal(), file_canary);
    EXPECT_TRUE(settings_.mail->recipient.self);
    EXPECT_EQ(settings_.mail->recipient.legal_name, "Musterbildung gGmbH");
    EXPECT_EQ(settings_.mail->recipient.country, "DE");
}

TEST_F(RealisticFile, GivesInstancesWithTheirState) {
    ASSERT_EQ(settings_.plugins.size(), 3u);
    EXPECT_EQ(instance("analytics/xapi").state, InstanceState::on);
    EXPECT_EQ(instance("analytics/xapi@second").state, InstanceState::no_recipient);
    EXPECT_EQ(instance("auth/password").recipient->legal_name, "Musterbildung gGmbH");
    const auto on = settings_.enabled_instances();
    ASSERT_EQ(on.size(), 2u);
    EXPECT_EQ(on[0]->id.text(), "analytics/xapi");

    const auto& recipient = *instance("analytics/xapi").recipient;
    EXPECT_TRUE(recipient.in_third_country());
    EXPECT_EQ(recipient.role, RecipientRole::processor);
    EXPECT_EQ(recipient.safeguard, Safeguard::adequacy);
    EXPECT_EQ(recipient.contract->date, std::chrono::year_month_day(2026y / 5 / 25));
    const auto& purpose = instance("analytics/xapi").purposes.at(0);
    EXPECT_EQ(purpose.legal_basis, LegalBasis::explicit_consent);
    EXPECT_EQ(purpose.retention_days, std::chrono::days(90));
    ASSERT_EQ(purpose.fields.size(), 3u);
    EXPECT_TRUE(purpose.fields[1].granted);
    EXPECT_EQ(purpose.fields[1].categories, CategoryMask(Category::user_education_grade));
    EXPECT_FALSE(purpose.fields[2].granted);
}

constexpr std::string_view smallest =
    "platform: {name: Lernhaus, origin: 'http://localhost:8080'}\n"
    "operator: {legal_name: L, address: A, country: DE, email: a@lms.example}\n";

TEST(Settings, NeedLittle) {
    const auto parsed = parse_settings(smallest, "x.yaml", {.environment = test::environment()});
    ASSERT_TRUE(parsed) << to_text(parsed.problems);
    const auto& settings = *parsed.value;
    EXPECT_TRUE(std::holds_alternative<std::monostate>(settings.server.transport));
    EXPECT_EQ(settings.server.hosts, std::vector<std::string>{"localhost"});
    EXPECT_EQ(std::get<Sqlite>(settings.database.where).path, "calyptenora.db");
    EXPECT_EQ(settings.consent.duration_days, std::chrono::days(180));
    EXPECT_TRUE(settings.consent.honour_gpc);
    EXPECT_FALSE(settings.mail);
    EXPECT_TRUE(settings.plugins.empty());
}

TEST(Settings, TakeACertificateThatTheServerMakes) {
    auto text = std::string(smallest) + "server: {tls: self_signed}\n";
    text.replace(text.find("http:"), 5, "https:");
    const auto parsed = parse_settings(text, "x.yaml");
    ASSERT_TRUE(parsed) << to_text(parsed.problems);
    EXPECT_TRUE(std::holds_alternative<SelfSigned>(parsed.value->server.transport));
    EXPECT_FALSE(parse_settings(std::string(smallest) + "server: {tls: self_signed}\n", "x.yaml"))
        << "the origin has to be https, too";
}

TEST(Settings, ARefusalLastsAtLeastAsLongAsAConsentWithoutBeingTold) {
    const auto parsed = parse_settings(std::string(smallest) + "consent: {duration_days: 400}\n", "x.yaml");
    ASSERT_TRUE(parsed) << to_text(parsed.problems);
    EXPECT_EQ(parsed.value->consent.refusal_days, std::chrono::days(400));
}

TEST(Settings, AnotherPortMovesAnOriginOnLoopbackOnly) {
    auto parsed = parse_settings(smallest, "x.yaml");
    ASSERT_TRUE(parsed);
    use_port(*parsed.value, 9000);
    EXPECT_EQ(parsed.value->server.port, 9000);
    EXPECT_EQ(parsed.value->platform.origin, "http://localhost:9000");
    parsed.value->platform.origin = "https://lms.example";
    use_port(*parsed.value, 9001);
    EXPECT_EQ(parsed.value->platform.origin, "https://lms.example");
}

TEST(Settings, NeedUtf8FromTheEnvironmentToo) {
    const auto parsed = parse_settings("platform: {name: \"${env:LATIN}\"}\n", "x.yaml",
                                       {.environment = test::environment()});
    EXPECT_FALSE(parsed);
    EXPECT_NE(to_text(parsed.problems).find("UTF-8 text in the environment variable"), std::string::npos);
}

TEST(Settings, AMissingFileIsAProblem) {
    const auto loaded = load_settings("/nowhere/calyptenora.yaml");
    EXPECT_FALSE(loaded);
    ASSERT_EQ(loaded.problems.size(), 1u);
    EXPECT_EQ(loaded.problems[0].kind, ProblemKind::unreadable);
    EXPECT_EQ(loaded.problems[0].position, Position{});
    EXPECT_EQ(to_text(loaded.problems[0]).find("/nowhere/calyptenora.yaml: expected a readable file"), 0u);
}

TEST(Settings, AProblemHasItsParts) {
    const auto parsed = parse_settings("platform:\n  name: x\n  orign: y\n", "c/x.yaml");
    ASSERT_FALSE(parsed.problems.empty());
    const auto found = std::ranges::find(parsed.problems, ProblemKind::unknown_key, &Problem::kind);
    ASSERT_NE(found, parsed.problems.end());
    EXPECT_EQ(found->file, "c/x.yaml");
    EXPECT_EQ(found->position, (Position{3, 3}));
    EXPECT_EQ(found->key_path, "platform.orign");
    EXPECT_EQ(found->nearest_known_key, "origin");
    EXPECT_EQ(found->severity, Severity::error);
    EXPECT_EQ(to_text(*found), "c/x.yaml:3:3: platform.orign: unknown key; did you mean \"origin\"?");
}

}  // namespace
}  // namespace calyptenora::settings::test
