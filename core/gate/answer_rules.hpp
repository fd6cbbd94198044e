#pragma once

#include <calyptenora/families/analytics.hpp>
#include <calyptenora/families/auth.hpp>
#include <calyptenora/families/payments.hpp>
#include <calyptenora/families/support.hpp>
#include <calyptenora/families/video.hpp>
#include <calyptenora/json.hpp>
#include <calyptenora/result.hpp>

#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// What a plugin may answer, beyond the types: a plugin is foreign code, and what it says ends up on pages,
/// in mails, in databases and in browsers' address bars. The host has bounded the whole answer and seen to it
/// that it is JSON in UTF-8; read_json() has given it its type. Markup is no matter of these rules: an answer
/// is text, and every page escapes it.
namespace calyptenora::gate {

/// The origins that the instance has declared for browsers, `scheme://host[:port]`.
using DeclaredOrigins = std::vector<std::string>;

/// Any text: at most 256 KiB, and no NUL, which PostgreSQL could not store. It may be what a person wrote.
Status check_text(std::string_view text);
/// A line that a person reads or that a decision rests on: at most 4 KiB, without control characters, further
/// line ends, and what turns the direction of writing, with which it could read differently from what it
/// says.
Status check_line(std::string_view line);

// The rules of single types. Errors say what is wrong, and never what was answered.
Status check_rules(const analytics::DeliverReply& reply, const DeclaredOrigins& declared);
Status check_rules(const analytics::Delivery& reply, const DeclaredOrigins& declared);
Status check_rules(const payments::Redirect& reply, const DeclaredOrigins& declared);
Status check_rules(const payments::Embedded& reply, const DeclaredOrigins& declared);
Status check_rules(const payments::InstructionLine& reply, const DeclaredOrigins& declared);
Status check_rules(const payments::QrCode& reply, const DeclaredOrigins& declared);
Status check_rules(const payments::PaymentState& reply, const DeclaredOrigins& declared);
Status check_rules(const auth::Redirect& reply, const DeclaredOrigins& declared);
Status check_rules(const auth::Assertion& reply, const DeclaredOrigins& declared);
Status check_rules(const auth::Refusal& reply, const DeclaredOrigins& declared);
Status check_rules(const video::Manifest& reply, const DeclaredOrigins& declared);
Status check_rules(const video::Iframe& reply, const DeclaredOrigins& declared);
Status check_rules(const video::AuthoriseReply& reply, const DeclaredOrigins& declared);
Status check_rules(const video::NormaliseReply& reply, const DeclaredOrigins& declared);
Status check_rules(const support::ThreadMessage& reply, const DeclaredOrigins& declared);
Status check_rules(const support::SsoReply& reply, const DeclaredOrigins& declared);
Status check_rules(const support::WidgetReply& reply, const DeclaredOrigins& declared);
Status check_rules(const HttpReply& reply, const DeclaredOrigins& declared);
Status check_rules(const Signal& reply, const DeclaredOrigins& declared);

/// Whether an answer and everything in it keeps to the rules; `permanent`, with the place in the document, if
/// it does not.
template <class T>
Status check_answer(const T& value, const DeclaredOrigins& declared, const std::string& path = {}) {
    const auto within = [&](Status outcome) {
        return outcome || path.empty()
                   ? outcome
                   : Status(Error(ErrorKind::permanent, path + ": " + outcome.error().message));
    };
    if constexpr (std::is_same_v<T, std::string>) {
        return within(check_text(value));
    } else if constexpr (json_detail::is_optional<T>) {
        return value ? check_answer(*value, declared, path) : Status();
    } else if constexpr (json_detail::is_vector<T>) {
        for (std::size_t i = 0; i < value.size(); ++i)
            if (auto checked = check_answer(value[i], declared, path + "[" + std::to_string(i) + "]");
                !checked)
                return checked;
    } else if constexpr (json_detail::is_variant<T>) {
        return std::visit(
            [&](const auto& chosen) {
                return check_answer(chosen, declared, path + (path.empty() ? "" : ".") + chosen.tag);
            },
            value);
    } else if constexpr (Described<T>) {
        if constexpr (requires { check_rules(value, declared); })
            if (auto checked = check_rules(value, declared); !checked)
                return within(std::move(checked));
        Status outcome;
        boost::mp11::mp_for_each<json_detail::members_of<T>>([&](auto member) {
            if (outcome)
                outcome = check_answer(value.*member.pointer, declared,
                                       path.empty() ? member.name : path + "." + member.name);
        });
        return outcome;
    } else {
        // Bytes go out as they are, bounded with the whole answer.
        static_assert(std::is_arithmetic_v<T> || std::is_enum_v<T> || std::is_same_v<T, Bytes>,
                      "there is no rule for this kind of answer");
    }
    return {};
}

}  // namespace calyptenora::gate
