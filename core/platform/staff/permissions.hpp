#pragma once

#include "storage/stores/learners.hpp"

#include <boost/describe/enum.hpp>

#include <initializer_list>

/// What each role of the staff may do: the least that it needs. The one table of it; Staff asks it before
/// anything is opened.
namespace calyptenora::platform {

enum class Permission : unsigned char {
    see_name,
    see_address,      ///< E-mail.
    see_learning,     ///< Courses and progress.
    see_orders,       ///< Orders and payments.
    see_cases,        ///< Questions to the help desk, with their text.
    see_requests,     ///< Requests under Art. 15 to 21 GDPR.
    see_choices,      ///< What was allowed, and who was sent something.
    open_restricted,  ///< Records that are only kept (Art. 18 GDPR).
    review_accesses,  ///< The review of what others opened.
    assess_demands,   ///< What authorities demand by law.
    release_demands,  ///< The second pair of eyes for that.
    see_figures,      ///< Statistics without personal data.
};
BOOST_DESCRIBE_ENUM(Permission, see_name, see_address, see_learning, see_orders, see_cases, see_requests,
                    see_choices, open_restricted, review_accesses, assess_demands, release_demands,
                    see_figures)

class Permissions {
  public:
    constexpr Permissions() = default;
    constexpr Permissions(std::initializer_list<Permission> granted) {
        for (const auto permission : granted)
            bits_ |= bit(permission);
    }
    constexpr bool contains(Permission permission) const { return (bits_ & bit(permission)) != 0; }
    constexpr bool empty() const { return bits_ == 0; }
    bool operator==(const Permissions&) const = default;

  private:
    static constexpr unsigned bit(Permission permission) { return 1u << static_cast<unsigned>(permission); }
    unsigned bits_ = 0;
};

constexpr Permissions permissions_of(storage::Role role) {
    using enum Permission;
    switch (role) {
        case storage::Role::learner:
            return {};
        case storage::Role::teacher:
            return {see_name, see_learning, see_figures};
        case storage::Role::support:
            return {see_name, see_address, see_orders, see_cases};
        case storage::Role::data_protection:
            return {see_name,        see_address,    see_requests,    see_choices, open_restricted,
                    review_accesses, assess_demands, release_demands, see_figures};
        case storage::Role::operator_:
            return {see_name, see_address, see_orders, review_accesses, release_demands, see_figures};
    }
    return {};
}

}  // namespace calyptenora::platform
