#pragma once

#include "http/pages/visit.hpp"
#include "platform/sign_in_plugin.hpp"

#include <boost/json/object.hpp>

#include <cstddef>
#include <string>
#include <string_view>

/// What goes wrong with accounts and passwords, in words, and how often it may be tried.
namespace calyptenora::http {

/// A problem and the field that it stands at.
struct FieldProblem {
    std::string field;
    std::string text;
};

/// `password_length` is that of the password that was chosen, for one that is too short.
FieldProblem describe(const Visit& visit, const platform::AccountOutcome& outcome,
                      std::size_t password_length = 0);

/// The same for somebody who is signed in and was asked for the password once more.
std::string password_problem(const Visit& visit, const platform::AccountOutcome& outcome);

/// Puts the problem into a view: at its field under `fields`, and into the summary.
void add_problem(boost::json::object& view, const FieldProblem& problem);

/// Too many attempts for this address or from this client, or an outcome without problem.
platform::AccountOutcome throttle(const Visit& visit, std::string_view address);

/// Characters, not bytes: what the person has typed.
std::size_t count_characters(std::string_view text);

}  // namespace calyptenora::http
