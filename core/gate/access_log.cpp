#include "gate/access_log.hpp"

#include "storage/text.hpp"

#include <fmt/format.h>

#include <set>

namespace calyptenora::gate {
namespace {

constexpr std::size_t longest_reason = 2000, longest_actor = 200;

bool is_blank(std::string_view text) {
    return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

}  // namespace

Status AccessLog::check(const Opening& opening) {
    if (is_blank(opening.reason) || opening.reason.size() > longest_reason ||
        !storage::validate_text(opening.reason))
        return Error(ErrorKind::invalid_input,
                     fmt::format("a person's record is opened for a reason, of at most {} bytes: say what "
                                 "it is needed for, with no names",
                                 longest_reason));
    if (is_blank(opening.actor) || opening.actor.size() > longest_actor ||
        !storage::validate_text(opening.actor))
        return Error(ErrorKind::invalid_input, "a person's record is opened by somebody who is known");
    return {};
}

Result<ForStaff> AccessLog::open(storage::Transaction& tx, const storage::FieldCipher& cipher,
                                 storage::Timestamp now, const Opening& opening,
                                 std::span<const storage::SubjectId> whose) {
    if (const auto good = check(opening); !good)
        return good.error();
    std::vector<storage::Access> rows;
    for (const auto& subject : std::set<storage::SubjectId>(whose.begin(), whose.end()))
        rows.push_back({storage::AccessId::make(), subject, opening.actor, opening.role, opening.part,
                        opening.reason, now});
    storage::accesses::append(tx, cipher, rows);
    return ForStaff();
}

}  // namespace calyptenora::gate
