// Each case is compiled with CASE set to its number. Case 0 must compile; every other one must not.
#include "gate/personal.hpp"
#include "gate/release.hpp"

#include <calyptenora/json.hpp>

#include <fmt/format.h>

#include <iostream>
#include <sstream>
#include <string>

using namespace calyptenora;
using Email = gate::Personal<Category::user_contact_email, std::string>;

std::string attempt(const Email& email) {
#if CASE == 0  // compiles: the learner's own page
    return email.reveal(gate::ForSubject{}).value_or("");
#elif CASE == 1   // a stream
    std::ostringstream out;
    out << email;
    return out.str();
#elif CASE == 2   // a formatter
    return fmt::format("{}", email);
#elif CASE == 3   // a conversion
    return email;
#elif CASE == 4   // an accessor
    return email.value();
#elif CASE == 5   // dereferencing
    return *email;
#elif CASE == 6   // the SDK's own serialiser
    return to_json(email);
#elif CASE == 7   // its member
    return *email.value_;
#elif CASE == 8   // a reveal that says not to whom
    return email.reveal().value_or("");
#elif CASE == 9   // a view
    return std::string(std::string_view(email));
#elif CASE == 10  // comparing with a guess
    return email == "ada@example.org" ? "yes" : "no";
#elif CASE == 11  // another category's datum in its place
    const gate::Personal<Category::user_name, std::string> name = email;
    return name.reveal(gate::ForSubject{}).value_or("");
#endif
}
#if CASE > 11
#error "no such case"
#endif

int main() {
    return static_cast<int>(attempt(Email("ada@example.org")).size());
}
