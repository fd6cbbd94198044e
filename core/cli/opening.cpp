#include "cli/opening.hpp"

#include <boost/describe/enum_to_string.hpp>
#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <fstream>
#include <optional>

namespace calyptenora::cli {
namespace {

/// Who signed in, by the kernel's audit; nothing where that is not kept, as in containers.
std::optional<uid_t> login_user() {
    std::ifstream file("/proc/self/loginuid");
    uid_t user{};
    if (!(file >> user) || user == static_cast<uid_t>(-1))
        return std::nullopt;
    return user;
}

}  // namespace

OptionSpec reason_option() {
    return {"reason", "TEXT", "what it is needed for; the person reads it. No names", true};
}

std::string system_user() {
    const auto user = login_user().value_or(getuid());
    const auto* entry = getpwuid(user);
    return entry ? fmt::format("system:{}", entry->pw_name) : fmt::format("system:{}", user);
}

boost::json::object with_reason(const Call& call, boost::json::object arguments) {
    arguments["staff"] = system_user();
    arguments["reason"] = *call.invocation.find("reason");
    return arguments;
}

Result<gate::ForStaff> open_records(Workbench& bench, const gate::Opening& opening,
                                    const std::vector<storage::SubjectId>& whose) {
    auto opened = bench.database().transaction_blocking([&](storage::Transaction& tx) {
        return gate::AccessLog::open(tx, bench.cipher(), bench.gate().clock().now(), opening, whose);
    });
    if (opened)
        bench.log()(LogLevel::info, "access",
                    fmt::format("{} opened: {}; people: {}", opening.actor,
                                boost::describe::enum_to_string(opening.part, ""), whose.size()));
    return opened;
}

}  // namespace calyptenora::cli
