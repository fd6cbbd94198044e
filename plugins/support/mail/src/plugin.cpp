#include "mail_text.hpp"
#include "received_mail.hpp"
#include "reply_text.hpp"

#include <calyptenora/sdk.hpp>

#include <sodium.h>

#include <array>
#include <set>
#include <stdexcept>

namespace calyptenora::mail {
namespace {

constexpr std::string_view alias_prefix = "case-";
constexpr std::size_t longest_case_ref = 40;
/// Hexadecimal digits, 64 bits: nobody guesses them through a mail server. The local part stays below the 64
/// characters of RFC 5321, 4.5.3.1.1.
constexpr std::size_t tag_size = 16;

/// What Signal::detail holds of an answer.
struct Answer {
    std::string text;
    UnixMicros at = 0;
};
BOOST_DESCRIBE_STRUCT(Answer, (), (text, at))

std::string hex(const unsigned char* bytes, std::size_t size) {
    std::string out;
    for (std::size_t i = 0; i < size; ++i) {
        out.push_back("0123456789abcdef"[bytes[i] >> 4]);
        out.push_back("0123456789abcdef"[bytes[i] & 15]);
    }
    return out;
}

/// One line for a header: no control characters, at most 200 bytes, not cut inside a character.
std::string header_line(std::string_view text) {
    std::string out(text.substr(0, 200));
    if (text.size() > out.size())
        while (!out.empty() && (static_cast<unsigned char>(text[out.size()]) & 0xC0) == 0x80)
            out.pop_back();
    for (auto& c : out)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
            c = ' ';
    return out;
}

class MailPlugin : public SupportPlugin {
  public:
    struct Settings {
        std::string smtp_server;
        std::optional<std::string> username;
        std::optional<std::vector<std::string>> password;
        std::string from;
        std::string support_address;
        std::string alias_domain;
        std::vector<std::string> alias_keys;
    };

    MailPlugin(Host host, const Settings& settings) : host_(host), settings_(settings) {
        if (settings_.alias_keys.empty())
            throw std::invalid_argument("alias_keys: at least one");
        for (const auto& key : settings_.alias_keys)
            if (key.size() < 32)
                throw std::invalid_argument("alias_keys: at least 32 characters each");
        settings_.alias_domain = lower_case(settings_.alias_domain);
    }

    task<Result<support::CaseReply>> open(Request<support::Open> request) override {
        return send(std::move(request));
    }
    task<Result<support::CaseReply>> append(Request<support::Append> request) override {
        return send(std::move(request));
    }

    task<Result<IngestReply>> ingest(Request<support::Ingest> request) override {
        if (request.kind != InboundKind::mail || !request.document)
            co_return Error(ErrorKind::unsupported, "only mail is read");
        const auto received = parse_mail(request.document->data);
        if (!received)
            co_return received.error();
        const auto cases = cases_in(received->recipients);
        IngestReply reply;
        const auto text = without_quotation(received->text);
        if (received->is_automatic || cases.empty() || text.empty())
            co_return reply;
        const auto now = co_await host_.clock();
        if (!now)
            co_return now.error();
        const auto& identity = received->message_id.empty() ? request.document->data : received->message_id;
        for (const auto& case_ref : cases) {
            const auto key = digest(identity + "\n" + case_ref);
            reply.signals.push_back(
                {received->message_id.empty() ? key.substr(0, 32) : header_line(received->message_id), key,
                 case_ref, "reply", to_json(Answer{text, now->unix_micros})});
        }
        co_return reply;
    }

    task<Result<support::ThreadReply>> thread(Request<support::Thread> request) override {
        support::ThreadReply reply;
        for (const auto& signal : request.history.value_or(std::vector<PastSignal>())) {
            auto answer = parse_json<Answer>(signal.detail);
            if (answer && signal.kind == "reply")
                reply.messages.push_back(
                    {signal.event_id, support::Author::support, std::move(answer->text), answer->at});
        }
        co_return reply;
    }

    task<Result<SubjectOutcome>> export_subject(Request<rights::ExportSubject>) override {
        co_return by_hand("copy");
    }
    task<Result<SubjectOutcome>> erase_subject(Request<rights::EraseSubject>) override {
        co_return by_hand("delete");
    }

  private:
    SubjectOutcome by_hand(const std::string& verb) const {
        return outcome::Manual{
            "Mail that was sent cannot be reached from here. Have the mails of this learner's "
            "cases (their numbers stand in the subjects) found in the mailbox " +
            settings_.support_address + " and " + verb + " them there."};
    }

    static std::string digest(std::string_view text) {
        std::array<unsigned char, 32> hash{};
        crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(text.data()),
                           text.size(), nullptr, 0);
        return hex(hash.data(), hash.size());
    }

    /// Proves that an address is one that we gave out. The same for each try, so that an answer to a mail
    /// whose receipt was lost still finds its case.
    static std::string tag_of(const std::string& key, const std::string& case_ref) {
        std::array<unsigned char, crypto_auth_hmacsha256_BYTES> mac{};
        crypto_auth_hmacsha256_state state;
        crypto_auth_hmacsha256_init(&state, reinterpret_cast<const unsigned char*>(key.data()), key.size());
        crypto_auth_hmacsha256_update(&state, reinterpret_cast<const unsigned char*>(case_ref.data()),
                                      case_ref.size());
        crypto_auth_hmacsha256_final(&state, mac.data());
        return hex(mac.data(), tag_size / 2);
    }

    bool is_our_tag(const std::string& case_ref, const std::string& tag) const {
        bool known = false;
        for (const auto& key : settings_.alias_keys)
            known |= sodium_memcmp(tag_of(key, case_ref).data(), tag.data(), tag_size) == 0;
        return known;
    }

    std::set<std::string> cases_in(const std::vector<std::string>& recipients) const {
        std::set<std::string> cases;
        for (const auto& address : recipients) {
            const auto at = address.rfind('@');
            if (!address.starts_with(alias_prefix) || address.substr(at + 1) != settings_.alias_domain)
                continue;
            const auto local = address.substr(alias_prefix.size(), at - alias_prefix.size());
            const auto hyphen = local.rfind('-');
            if (hyphen == std::string::npos || local.size() - hyphen - 1 != tag_size)
                continue;
            auto case_ref = local.substr(0, hyphen);
            if (is_case_ref(case_ref) && is_our_tag(case_ref, local.substr(hyphen + 1)))
                cases.insert(std::move(case_ref));
        }
        return cases;
    }

    /// Only what stays the same as part of an address, whose letters mail servers may make small or capital.
    static bool is_case_ref(std::string_view ref) {
        return !ref.empty() && ref.size() <= longest_case_ref &&
               ref.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
    }

    task<Result<support::CaseReply>> send(Request<support::Open> request) {
        if (!request.message)
            co_return Error(ErrorKind::denied,
                            "the operation needs the learner's message, and it is not there");
        if (!is_case_ref(request.case_ref))
            co_return Error(ErrorKind::permanent,
                            "a case's number is at most 40 small letters, digits and hyphens");
        const bool german = request.locale.starts_with("de");
        MailRequest mail;
        mail.server = settings_.smtp_server;
        mail.username = settings_.username.value_or("");
        if (settings_.password && !settings_.password->empty())
            mail.password = settings_.password->front();
        mail.from = settings_.from;
        mail.to = settings_.support_address;
        mail.reply_to = std::string(alias_prefix) + request.case_ref + "-" +
                        tag_of(settings_.alias_keys.front(), request.case_ref) + "@" + settings_.alias_domain;
        // Its beginning is enough for people to tell cases apart.
        mail.subject = header_line("[" + request.case_ref.substr(0, 8) + "] " +
                                   request.subject.value_or(german ? "Anfrage" : "Support case"));
        mail.message_id = header_line(request.message_id + "@" + settings_.alias_domain);
        // A person wrote it, so it is not Auto-Submitted; still nobody's holiday notice shall answer it.
        mail.headers["X-Auto-Response-Suppress"] = "All";
        mail.headers["References"] = "<" + request.case_ref + "@" + settings_.alias_domain + ">";
        mail.text = *request.message + "\n\n--\n";
        const auto add = [&](const char* label, const std::optional<std::string>& value) {
            if (value)
                mail.text += std::string(label) + ": " + header_line(*value) + "\n";
        };
        add("Name", request.name);
        add("E-Mail", request.email);
        add(german ? "Kurs" : "Course", request.course);
        mail.text += german ? "Antworten Sie auf diese E-Mail; die Antwort erscheint in der Anfrage.\n"
                            : "Answer this mail; the answer appears in the case.\n";
        const auto receipt = co_await host_.mail(mail);
        if (!receipt)
            co_return receipt.error();
        co_return support::CaseReply{request.case_ref};
    }

    Host host_;
    Settings settings_;
};
BOOST_DESCRIBE_STRUCT(MailPlugin::Settings, (),
                      (smtp_server, username, password, from, support_address, alias_domain, alias_keys))

}  // namespace
}  // namespace calyptenora::mail

CALYPTENORA_PLUGIN(calyptenora::mail::MailPlugin)
