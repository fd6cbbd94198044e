#pragma once

#include "cli/commands.hpp"
#include "cli/workbench.hpp"
#include "gate/access_log.hpp"

#include <boost/json/object.hpp>

#include <string>
#include <vector>

/// How commands open people's records: for a reason, by a user of the operating system, through the access
/// log.
namespace calyptenora::cli {

/// `--reason`, of every command that shows something of a person's.
OptionSpec reason_option();

/// The arguments of an operation that opens records, with `staff` and `reason`.
boost::json::object with_reason(const Call& call, boost::json::object arguments = {});

/// `system:NAME`: whoever signed in at this machine, also behind sudo, as far as the system remembers it.
std::string system_user();

/// Who opens and why, as an operation's arguments say it. Whoever may call commands is an operator.
template <class Arguments>
gate::Opening opening_of(const Arguments& arguments, storage::AccessedPart part) {
    return {arguments.staff, storage::Role::operator_, part, arguments.reason};
}

/// Writes the access log of these people; nothing of theirs may be shown before. Blocks.
Result<gate::ForStaff> open_records(Workbench& bench, const gate::Opening& opening,
                                    const std::vector<storage::SubjectId>& whose);

}  // namespace calyptenora::cli
