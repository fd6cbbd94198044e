#include "platform/letters/letter.hpp"

#include "gate/letter.hpp"
#include "storage/stores/learners.hpp"
#include "web/format.hpp"

#include <boost/describe/enum_from_string.hpp>
#include <boost/describe/enum_to_string.hpp>
#include <fmt/format.h>

namespace calyptenora::platform {
namespace {

constexpr std::string_view prefix = "letter.";
/// Where the operator's days begin.
constexpr std::string_view time_zone = "Europe/Berlin";

/// Says only that there is something: one that waits already says as much.
bool is_discreet(LetterKind kind) {
    return kind == LetterKind::request_news || kind == LetterKind::case_answered;
}

/// In that language, or the one that there is.
const storage::AnnouncementText& text_in(const storage::Announcement& announcement, web::Language language) {
    const auto& wished = language == web::Language::de ? announcement.de : announcement.en;
    return wished ? *wished : announcement.de ? *announcement.de : *announcement.en;
}

/// The parts with an empty line between them, and who writes. `why` says why to this address.
std::string letter_of(const std::vector<std::string>& parts, const web::Words& words, const LetterHead& head,
                      std::string_view why = "letter.why") {
    std::string text = words.text("letter.greeting") + "\n\n";
    for (const auto& part : parts)
        text += part + "\n\n";
    text += "-- \n" + words.text(why, {{"platform", head.platform}}) + "\n";
    text += fmt::format("{}, {}\n{}/imprint\n", head.operator_name, head.operator_email, head.origin);
    return text;
}

/// Where the link in an account letter leads.
std::string_view path_of(LetterKind kind) {
    switch (kind) {
        case LetterKind::confirm_email:
            return "confirm";
        case LetterKind::reset_password:
            return "reset-password";
        case LetterKind::confirm_news:
            return "news/confirm";
        default:
            return "not-me";
    }
}

}  // namespace

Purpose purpose_of(LetterKind kind) {
    switch (kind) {
        case LetterKind::policy_changed:
        case LetterKind::request_news:
            return Purpose::essential_legal_obligation;
        case LetterKind::case_answered:
        case LetterKind::announcement:
        case LetterKind::confirm_news:
            return Purpose::essential_service_operations_support;
        case LetterKind::news:
            return Purpose::marketing_communications_email;
        case LetterKind::confirm_email:
        case LetterKind::reset_password:
        case LetterKind::new_sign_in:
        case LetterKind::password_changed:
        case LetterKind::email_changed:
            break;
    }
    return Purpose::essential_service_authentication;
}

bool goes_unconfirmed(LetterKind kind) {
    return kind == LetterKind::confirm_email || kind == LetterKind::reset_password ||
           kind == LetterKind::email_changed;
}

std::string operation_of(LetterKind kind) {
    return std::string(prefix) + boost::describe::enum_to_string(kind, "");
}

std::optional<LetterKind> find_letter_kind(std::string_view operation) {
    LetterKind kind{};
    if (!operation.starts_with(prefix) ||
        !boost::describe::enum_from_string(std::string(operation.substr(prefix.size())).c_str(), kind))
        return std::nullopt;
    return kind;
}

Status queue_letter(storage::Transaction& tx, const storage::FieldCipher& cipher, const gate::Gate& gate,
                    const storage::LearnerId& learner, LetterKind kind, const LetterParameters& parameters) {
    const auto& mail = settings::core_mail_id();
    const auto policy = gate.policy();
    const auto* row = policy->find_flow(mail, purpose_of(kind));
    if (!row)
        return {};
    if (!goes_unconfirmed(kind)) {
        const auto known = storage::learners::find(tx, learner);
        if (!known || !known->email_confirmed_at)
            return {};
    }
    using Record = gate::SendLetter::Record<gate::Guarded>;
    if (gate.explain_within(tx, *row, learner, gate::fields_of<Record>(), false, false).decision.refused)
        return {};
    if (is_discreet(kind) && storage::outbox::is_waiting(tx, learner, mail.text(), operation_of(kind)))
        return {};
    auto queued = storage::outbox::append(tx, cipher,
                                          {.id = storage::EventId::make(),
                                           .instance = mail.text(),
                                           .operation = operation_of(kind),
                                           .purpose = purpose_of(kind),
                                           .subject = learner,
                                           .payload = to_json(parameters)},
                                          gate.clock().now());
    return !queued && queued.error().kind == ErrorKind::not_found ? Status() : queued;
}

LetterText write_policy_change(const PolicyChange& change, const web::Words& words, const LetterHead& head) {
    const auto on = web::format_date(change.effective_at, words.language(), time_zone);
    const auto url = fmt::format("{}/privacy-notice/versions/{}", head.origin, change.version);
    return {.subject = words.text("letter.policy_subject", {{"platform", head.platform}}),
            .text = letter_of(
                {words.text(change.is_ahead ? "letter.policy_ahead" : "letter.policy_made", {{"on", on}}),
                 words.text("letter.policy_link") + "\n" + url,
                 words.text("letter.policy_choices") + "\n" + head.origin + "/privacy"},
                words, head)};
}

LetterText write_account_letter(LetterKind kind, const std::string& token, const web::Words& words,
                                const LetterHead& head) {
    const bool confirms = kind == LetterKind::confirm_email;
    const std::string kind_name = boost::describe::enum_to_string(kind, "");
    const auto link = fmt::format("{}/{}?token={}", head.origin, path_of(kind), token);
    const auto part_of = [&](std::string_view part) {
        return words.text(fmt::format("letter_{}.{}", part, kind_name), {{"platform", head.platform}});
    };
    // What to do comes with the link; what else there is to say stands around it.
    std::vector<std::string> parts{part_of("what"), part_of("link") + "\n" + link, part_of("else")};
    return {.subject = part_of("subject"),
            .text = letter_of(parts, words, head, confirms ? "letter.why_confirm" : "letter.why")};
}

LetterText write_discreet_news(LetterKind kind, const web::Words& words, const LetterHead& head) {
    const bool is_answer = kind == LetterKind::case_answered;
    return {.subject = words.text(is_answer ? "letter.answer_subject" : "letter.request_subject",
                                  {{"platform", head.platform}}),
            .text = letter_of({words.text(is_answer ? "letter.answer_news" : "letter.request_news") + "\n" +
                                   head.origin + (is_answer ? "/support" : "/account/data"),
                               words.text("letter.request_discreet")},
                              words, head)};
}

LetterText write_announcement(const storage::Announcement& announcement, const web::Words& words,
                              const LetterHead& head) {
    const auto address = "\n" + head.origin + "/notifications";
    if (announcement.course)
        return {.subject = words.text("letter.announcement_subject", {{"platform", head.platform}}),
                .text = letter_of({words.text("letter.announcement_course") + address,
                                   words.text("letter.request_discreet")},
                                  words, head)};
    const auto& text = text_in(announcement, words.language());
    return {.subject = fmt::format("{}: {}", head.platform, text.title),
            .text = letter_of({text.text, words.text("letter.announcement_choice") + address}, words, head)};
}

LetterText write_news(const storage::Announcement& announcement, const std::string& token,
                      const web::Words& words, const LetterHead& head) {
    const auto& text = text_in(announcement, words.language());
    auto unsubscribe = fmt::format("{}/unsubscribe?token={}", head.origin, token);
    return {.subject = fmt::format("{}: {}", head.platform, text.title),
            .text = letter_of({text.text, words.text("letter.news_end") + "\n" + unsubscribe}, words, head,
                              "letter.why_news"),
            .unsubscribe = std::move(unsubscribe)};
}

}  // namespace calyptenora::platform
