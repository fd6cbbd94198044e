#include "cli/commands.hpp"
#include "cli/input.hpp"
#include "cli/operations.hpp"

#include <calyptenora/json.hpp>

#include <sysexits.h>

namespace calyptenora::cli {
namespace {

constexpr std::uintmax_t largest_mail = 25 * 1024 * 1024;

/// What tells a mail server what to do with the mail: keep it, bounce it, or try again later. Whatever may be
/// mended without the sender is tried again.
int exit_code_of(const Error& error) {
    switch (error.kind) {
        case ErrorKind::not_found:
            return EX_NOUSER;
        case ErrorKind::invalid_input:
            return EX_DATAERR;
        default:
            return EX_TEMPFAIL;
    }
}

int receive(const Call& call) {
    const auto mail = read_standard_input(largest_mail);
    const auto answer = mail ? perform(call.places, "support.receive", {{"mail", encode_base64(*mail)}})
                             : Result<boost::json::value>(mail.error());
    if (!answer) {
        fail(answer.error());
        return exit_code_of(answer.error());
    }
    if (call.invocation.has("json"))
        print_json(*answer);
    return EX_OK;
}

}  // namespace

Command make_support_receive_command() {
    return {
        {.name = "support receive",
         .group = "People, courses, money",
         .summary = "take an answer by mail into its case, from a mail server's pipe",
         .details = "Reads one mail on standard input and adds it to the case whose address it was sent to. "
                    "Made for\n"
                    "the pipe of Postfix or Exim, by its exit codes: 0 taken (the same mail twice counts "
                    "once), 67 the\n"
                    "mail belongs to no case, 65 it cannot be read, 75 try again later.",
         .options = {{"json", "", "how many messages were new, as JSON"}},
         .example = "support: \"|/usr/bin/calyptenora support receive --data /var/lib/calyptenora\"   (in "
                    "/etc/aliases)"},
        receive};
}

}  // namespace calyptenora::cli
