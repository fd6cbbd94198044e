#include "cli/commands.hpp"
#include "cli/input.hpp"
#include "cli/opening.hpp"
#include "cli/operations.hpp"
#include "storage/stores/learners.hpp"

namespace calyptenora::cli {
namespace {

template <std::size_t size>
std::optional<std::string> complaint(std::string_view option, const std::string& word,
                                     const std::array<std::string_view, size>& known) {
    if (std::ranges::find(known, word) != known.end())
        return std::nullopt;
    const std::vector<std::string> words(known.begin(), known.end());
    return fmt::format("--{} must be one of {}, not \"{}\"{}", option, fmt::join(words, ", "), word,
                       suggestion(word, words));
}

int add_user(const Call& call) {
    const auto& invocation = call.invocation;
    const auto role = invocation.find("role").value_or("learner");
    const auto language = invocation.find("language").value_or("");
    if (const auto wrong = complaint("role", role, storage::role_keys))
        return misunderstand(invocation, *wrong);
    if (!language.empty())
        if (const auto wrong = complaint("language", language, settings::language_keys))
            return misunderstand(invocation, *wrong);
    const auto password =
        invocation.has("password-stdin") ? read_line_of_standard_input() : ask_new_password();
    if (!password)
        return fail(password.error());

    const auto answer = perform(call.places, "user.add",
                                {{"email", *invocation.find("email")},
                                 {"name", *invocation.find("name")},
                                 {"password", *password},
                                 {"role", role},
                                 {"language", language},
                                 {"guardian_until", invocation.find("guardian-until").value_or("")},
                                 {"confirmed", invocation.has("confirmed")},
                                 {"staff", system_user()}});
    if (!answer)
        return fail(answer.error());
    if (invocation.has("json"))
        print_json(*answer);
    else
        fmt::print("{} can sign in now. Id: {}\n{}", *invocation.find("email"),
                   std::string(answer->at("learner").as_string()),
                   role == storage::role_keys[0]
                       ? std::string()
                       : fmt::format("The role {} has effect once \"staff undertaking\" and \"staff "
                                     "training\" are recorded.\n",
                                     role));
    return ExitCode::done;
}

}  // namespace

Command make_user_add_command() {
    return {
        {.name = "user add",
         .group = "People, courses, money",
         .summary = "open an account, with a role",
         .details = "Opens an account whose owner can sign in at once. The password is asked for on the "
                    "terminal and\n"
                    "not shown; scripts pass it on standard input. It goes to the sign-in plugin and is kept "
                    "nowhere\n"
                    "else. Roles: learner, teacher, support, data_protection, operator; \"staff appoint "
                    "--help\" says\n"
                    "what they may do, and from when.",
         .options = {{"email", "ADDRESS", "the address to sign in with", true},
                     {"name", "NAME", "as others see it", true},
                     {"role", "ROLE", "what the person may do; default: learner"},
                     {"language", "de|en", "of pages and mails; default: the platform's"},
                     {"guardian-until", "YYYY-MM",
                      "for a minor: the first month in which no guardian needs to consent"},
                     {"confirmed", "",
                      "the address is known to be theirs; else they get a link to confirm it"},
                     {"password-stdin", "", "the password is the first line of standard input"},
                     {"json", "", "the new id as JSON"}},
         .example = "calyptenora user add --email ada@example.org --name \"Ada Lovelace\" --role teacher"},
        add_user};
}

}  // namespace calyptenora::cli
