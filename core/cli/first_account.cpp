#include "cli/first_account.hpp"

#include "cli/opening.hpp"
#include "cli/operations.hpp"
#include "storage/stores/learners.hpp"

#include <sodium.h>

#include <string_view>

namespace calyptenora::cli {
namespace {

/// Six groups of four, without letters and digits that look alike.
std::string make_password() {
    static constexpr std::string_view alphabet = "abcdefghijkmnpqrstuvwxyz23456789";
    static_assert(alphabet.size() == 32);
    std::string password;
    for (int i = 0; i < 24; ++i) {
        if (i > 0 && i % 4 == 0)
            password += '-';
        password += alphabet[randombytes_uniform(alphabet.size())];
    }
    return password;
}

}  // namespace

Result<bool> is_without_accounts(Workbench& bench) {
    return bench.database().run_blocking([](storage::Transaction& tx) -> Result<bool> {
        return storage::learners::list(tx, std::nullopt, 1).empty();
    });
}

Result<FirstAccount> open_first_account(Workbench& bench) {
    const auto settings = bench.settings();
    FirstAccount account{settings->operator_info.email, make_password()};
    const auto added = carry_out(bench, "user.add",
                                 {{"email", account.email},
                                  {"name", settings->operator_info.legal_name},
                                  {"password", account.password},
                                  {"role", "operator"},
                                  {"language", ""},
                                  {"guardian_until", ""},
                                  {"confirmed", true},
                                  {"staff", system_user()}});
    if (!added)
        return added.error();
    return account;
}

}  // namespace calyptenora::cli
