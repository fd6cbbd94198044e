#pragma once

#include "settings/instance_id.hpp"
#include "settings/problem.hpp"
#include "settings/recipient.hpp"
#include "settings/secret.hpp"

#include <calyptenora/vocabulary.hpp>

#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// What the operator wrote in calyptenora.yaml, typed and checked. Keys in YAML have the names of the members
/// here.
namespace calyptenora::settings {

enum class Language : std::uint8_t { de, en };
inline constexpr std::array<std::string_view, 2> language_keys{"de", "en"};

/// How German pages speak to learners.
enum class AddressForm : std::uint8_t { du, sie };
inline constexpr std::array<std::string_view, 2> address_form_keys{"du", "sie"};

/// Article 8 GDPR: from which age a learner consents alone.
struct Minors {
    int age_of_consent = 16;                 ///< 13 to 16.
    std::map<std::string, int> per_country;  ///< ISO code to age, e.g. AT: 14.

    int age_in(const std::string& country) const;
};

struct Platform {
    std::string name;
    std::string origin;  ///< `https://lms.example`, without a slash at the end.
    Language default_language = Language::de;
    AddressForm address_form = AddressForm::sie;
    std::string currency = "EUR";                ///< ISO 4217.
    std::vector<std::filesystem::path> courses;  ///< Existing folders, absolute.
    std::filesystem::path policies;              ///< An existing folder, or empty.
    Minors minors;
};

/// For the imprint (section 5 DDG) and the information of Article 13 GDPR. Empty texts: not given.
struct Operator {
    struct Register {
        std::string court;
        std::string number;
    };
    struct DataProtectionOfficer {
        std::string name;
        std::string email;
    };

    std::string legal_name;
    std::string address;
    std::string country;
    std::string representative;
    std::string email;
    std::string phone;
    std::optional<Register> register_entry;  ///< YAML: `register`.
    std::string vat_id;
    std::string supervisory_authority;
    std::optional<DataProtectionOfficer> data_protection_officer;
    std::string support_hours;
};

struct Tls {
    std::filesystem::path certificate;  ///< PEM, the whole chain.
    std::filesystem::path key;          ///< PEM.
};

/// A certificate for trying, which the server makes itself and keeps in the data folder. YAML: `tls:
/// self_signed`.
struct SelfSigned {};

using Network = std::variant<boost::asio::ip::network_v4, boost::asio::ip::network_v6>;

/// The server stands behind a proxy that speaks TLS; only these peers' forwarding headers count. On another
/// address than loopback the server speaks plain HTTP with them and with nobody else.
struct BehindProxy {
    std::vector<Network> trusted;
};

/// Nothing in it: plain HTTP, which load_settings() admits on loopback only.
using Transport = std::variant<std::monostate, Tls, SelfSigned, BehindProxy>;

struct Server {
    struct Limits {
        std::uint64_t body_bytes = 8 * 1024 * 1024;
        std::uint32_t header_bytes = 16 * 1024;
        std::uint32_t connections = 2000;
        std::uint32_t requests_per_second = 200;  ///< Of one client; five times as many at once. 0: no limit.
        std::chrono::seconds header_seconds{10};  ///< Until a request's headers are complete.
        std::chrono::seconds body_seconds{60};
        std::chrono::seconds idle_seconds{60};
        std::chrono::seconds shutdown_seconds{20};  ///< For requests that are under way at a stop.
    };

    std::string address = "127.0.0.1";  ///< An IP address.
    std::uint16_t port = 8080;          ///< 0: one that is free.
    Transport transport;
    std::vector<std::string>
        hosts;  ///< Accepted Host names in lower case, without port; never empty (the origin's host).
    Limits limits;
};

struct Sqlite {
    std::filesystem::path path;  ///< Relative to the data folder, unless absolute.
};
struct Postgresql {
    Secret url;  ///< `postgresql://...` for libpq, references resolved.
};

struct Database {
    std::variant<Sqlite, Postgresql> where;
    int pool = 0;  ///< Sessions; 0: as many as cores.
};

/// The core's own mail; the provider is a recipient like any other. See core_mail.hpp.
struct Mail {
    enum class Security : std::uint8_t { starttls, implicit_tls };

    std::string host;
    std::uint16_t port = 587;
    Security security = Security::starttls;  ///< Required: without TLS nothing is sent.
    std::string username;                    ///< Empty: no authentication.
    Secret password;
    std::string from;
    std::string from_name;
    Recipient recipient;
    /// How long the provider keeps what it was given; nothing: as long as the contract with it lasts.
    std::optional<std::chrono::days> retention_days;
    /// Whether people may subscribe to news, which is advertising.
    bool news = false;
};
inline constexpr std::array<std::string_view, 2> mail_security_keys{"starttls", "implicit_tls"};

struct Consent {
    std::chrono::days duration_days{180};  ///< 1 to 730; consents expire (consent.md rule 13).
    std::chrono::days refusal_days{180};   ///< How long a refusal is not asked again; at least duration_days.
    bool honour_gpc = true;                ///< Global Privacy Control.
};

/// The privacy notice.
struct Privacy {
    /// How long ahead people are told of a change that reaches further; 0 to 365, 0: at once.
    std::chrono::days announce_days{30};
};

/// What is asked of the staff, and which of their looks into records somebody else reviews.
struct Staff {
    struct Review {
        int sample_percent = 5;                   ///< Of all looks, by chance.
        int many_records = 20;                    ///< More people than this, by one person of the staff ...
        std::chrono::minutes within_minutes{60};  ///< ... in this time.
        bool same_family_name = true;
        int from_hour = 7;      ///< Outside working hours is before this ...
        int to_hour = 20;       ///< ... or from this on, at the platform's place ...
        bool weekends = false;  ///< ... or on a Saturday or Sunday, unless that is usual.
    };

    std::chrono::days training_days{365};  ///< After so long a training is due again.
    Review review;
};

/// How long the platform keeps what has a length of its own. What the privacy notice, the record of
/// processing and the program itself go by.
struct Retention {
    std::chrono::days outgoing_days{30};   ///< 1 to 365: a note of what was sent, after it is settled.
    std::chrono::days attempts_days{1};    ///< 1 to 30: a count of attempts to sign in, after it began.
    std::chrono::days activity_days{180};  ///< 30 to 730: what happened to an account.
    int voucher_years = 8;  ///< 8 to 10, from the end of the calendar year (section 147(3) AO: at least 8).
    int letter_years = 6;   ///< 6 to 10, likewise (at least 6).
    std::chrono::weeks figures_weeks{156};  ///< 1 to 520: statistics without personal data.
    // What pages tell of browsers; each 1 to 730.
    std::chrono::days timings_days{90};    ///< From the week's Monday: how long pages took.
    std::chrono::days browsers_days{180};  ///< Likewise: which browsers there were.
    std::chrono::days devices_days{90};    ///< After a device was seen last.
};

/// Of the databases, as the operator makes them.
struct Backups {
    std::chrono::days kept_days{90};  ///< 1 to 3650; none older is ever restored.
};

/// The statistics for whoever runs the platform.
struct Figures {
    int smallest_group = 10;  ///< 5 to 1000; nothing is kept about fewer people.
};

/// What pages tell the operator of the browsers that show them, of people who have consented to just that.
/// All of it is off unless the operator switches it on; see technical_use.hpp.
struct TechnicalData {
    bool performance = false;  ///< How long pages take, on which kind of device.
    bool functional = false;   ///< Which browsers, systems and sizes of screen there are.
    bool analytics = false;    ///< How many devices there are, and how many come again.
    int smallest_group = 20;   ///< 10 to 10000; nothing is told of fewer page views or devices.

    bool is_on() const { return performance || functional || analytics; }
};

/// What plugins' requests to the outside must keep.
struct Egress {
    /// Loopback, private or link-local targets that the operator allows by name; everything else there is
    /// refused.
    std::vector<HostPort> allow_private;
    std::chrono::seconds connect_seconds{5};
    std::chrono::seconds total_seconds{30};
    std::uint64_t max_bytes = 4 * 1024 * 1024;  ///< Of a response.
    std::filesystem::path ca_file;              ///< PEM; trusted in addition to the system's; empty: none.
};

/// One line of `fields`: what the operator grants or denies.
struct FieldGrant {
    std::string key;          ///< A data category or a prefix of one.
    CategoryMask categories;  ///< What the key covers; grade and submission only by their own key.
    bool granted = false;
    Position position;
};

/// How the operator narrows one purpose of a plugin.
struct PurposeGrant {
    Purpose purpose{};
    bool enabled = true;
    std::optional<LegalBasis> legal_basis = {};  ///< Only tighter than the manifest's.
    std::vector<FieldGrant> fields = {};
    std::optional<std::chrono::days> retention_days = {};  ///< Only shorter than the manifest's.
    Position position = {};                                ///< Of the key.
    Position basis_position = {}, retention_position = {};
};

enum class Isolation : std::uint8_t { in_process, worker };
inline constexpr std::array<std::string_view, 2> isolation_keys{"in_process", "worker"};

enum class InstanceState : std::uint8_t {
    on,
    disabled,      ///< `enabled: false`.
    no_recipient,  ///< Off and shown to nobody, so that no learner consents to nobody.
};

struct Instance {
    InstanceId id;
    InstanceState state = InstanceState::no_recipient;
    Isolation isolation = Isolation::worker;
    /// Whether a withdrawal ends the worker that was given data of the learner.
    bool restart_on_withdrawal = true;
    std::optional<Recipient> recipient = {};
    std::vector<PurposeGrant> purposes = {};
    std::shared_ptr<const YamlNode> settings = {};  ///< For check_instance(); null if there are none.
    Position position = {};                         ///< Of the instance's key.
    Position settings_position = {};
};

struct Settings {
    /// The file they came from, for messages and for relative paths of what is read later.
    SourceFile source = {};
    Platform platform = {};
    Operator operator_info = {};  ///< YAML: `operator`.
    Server server = {};
    Database database = {};
    Database key_store = {};
    std::optional<Secret> master_key =
        {};  ///< 32 bytes, decoded; without it, a key file in the data folder serves.
    std::optional<Mail> mail = {};
    Consent consent = {};
    Privacy privacy = {};
    Staff staff = {};
    Retention retention = {};
    Backups backups = {};
    Figures figures = {};
    TechnicalData technical_data = {};
    Egress egress = {};
    std::map<InstanceId, Instance> plugins = {};

    /// Only what `InstanceState::on` says.
    std::vector<const Instance*> enabled_instances() const;
};

struct LoadOptions {
    Environment environment = process_environment();
};

/// Reads and checks the operator's file. Every problem of the file is in the answer, not only the first. What
/// needs manifests (plugin settings, purposes) is checked by check_configuration().
Checked<Settings> load_settings(const std::filesystem::path& path, const LoadOptions& options = {});

/// The same for a text; relative paths are relative to the folder of `file_name`.
Checked<Settings> parse_settings(std::string_view text, const std::filesystem::path& file_name,
                                 const LoadOptions& options = {});

/// Listens on another port than the file says (a command line's `--port`). An origin on loopback follows.
void use_port(Settings& settings, std::uint16_t port);

}  // namespace calyptenora::settings
