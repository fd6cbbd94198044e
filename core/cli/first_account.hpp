#pragma once

#include "cli/workbench.hpp"

#include <calyptenora/result.hpp>

#include <optional>
#include <string>

/// How a person gets in who has just started a platform on which nobody has an account.
namespace calyptenora::cli {

/// An account that was made now. The password is nowhere else in clear: show it once.
struct FirstAccount {
    std::string email;
    std::string password;
};

/// Whether nobody has or had an account.
Result<bool> is_without_accounts(Workbench& bench);

/// Opens an account with the role `operator` for the operator's address of the settings, with a password of
/// 120 random bits. Errors as `user add` has them. Blocks; not from a thread of the workbench.
Result<FirstAccount> open_first_account(Workbench& bench);

}  // namespace calyptenora::cli
