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
constexpr std::size_t token_size = 32;

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
        if (settings_.alias_keys.empty() || settings_.alias_keys.front().size() < 32)
            throw std::invalid_argument("alias_keys: at least 32 characters");
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
        for (const auto& token : cases) {
            const auto key = digest(identity + "\n" + token);
            reply.signals.push_back(
                {received->message_id.empty() ? key.substr(0, 32) : header_line(received->message_id), key,
                 token, "reply", to_json(Answer{text, now->unix_micros})});
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

    /// The same for each try, so that an answer to a mail whose receipt was lost still finds its case.
    std::string token_of(const std::string& case_ref) const {
        const auto& key = settings_.alias_keys.front();
        std::array<unsigned char, crypto_auth_hmacsha256_BYTES> mac{};
        crypto_auth_hmacsha256_state state;
        crypto_auth_hmacsha256_init(&state, reinterpret_cast<const unsigned char*>(key.data()), key.size());
        crypto_auth_hmacsha256_update(&state, reinterpret_cast<const unsigned char*>(case_ref.data()),
                                      case_ref.size());
        crypto_auth_hmacsha256_final(&state, mac.data());
        return hex(mac.data(), token_size / 2);
    }

    std::set<std::string> cases_in(const std::vector<std::string>& recipients) const {
        std::set<std::string> tokens;
        for (const auto& address : recipients) {
            const auto at = address.rfind('@');
            if (!address.starts_with(alias_prefix) || address.substr(at + 1) != settings_.alias_domain)
                continue;
            const auto token = address.substr(alias_prefix.size(), at - alias_prefix.size());
            if (token.size() == token_size &&
                token.find_first_not_of("0123456789abcdef") == std::string::npos)
                tokens.insert(token);
        }
        return tokens;
    }

    task<Result<support::CaseReply>> send(Request<support::Open> request) {
        if (!request.message)
            co_return Error(ErrorKind::denied,
                            "the operation needs the learner's message, and it is not there");
        const auto token = request.external_ref.value_or(token_of(request.case_ref));
        const bool german = request.locale.starts_with("de");
        MailRequest mail;
        mail.server = settings_.smtp_server;
        mail.username = settings_.username.value_or("");
        if (settings_.password && !settings_.password->empty())
            mail.password = settings_.password->front();
        mail.from = settings_.from;
        mail.to = settings_.support_address;
        mail.reply_to = std::string(alias_prefix) + token + "@" + settings_.alias_domain;
        mail.subject = header_line("[" + request.case_ref + "] " +
                                   request.subject.value_or(german ? "Anfrage" : "Support case"));
        mail.message_id = header_line(request.message_id + "@" + settings_.alias_domain);
        // A person wrote it, so it is not Auto-Submitted; still nobody's holiday notice shall answer it.
        mail.headers["X-Auto-Response-Suppress"] = "All";
        mail.headers["References"] = "<" + token + "@" + settings_.alias_domain + ">";
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
        co_return support::CaseReply{token};
    }

    Host host_;
    Settings settings_;
};
BOOST_DESCRIBE_STRUCT(MailPlugin::Settings, (),
                      (smtp_server, username, password, from, support_address, alias_domain, alias_keys))

}  // namespace
}  // namespace calyptenora::mail

CALYPTENORA_PLUGIN(calyptenora::mail::MailPlugin)
