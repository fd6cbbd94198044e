#pragma once

#include "gate/personal.hpp"
#include "gate/transform.hpp"

#include <calyptenora/json.hpp>

#include <array>
#include <string>
#include <string_view>

/// The serialiser of personal data, and the only one. Compiled by gate.hpp's `call` for each operation.
namespace calyptenora::gate {

/// How released values leave: by category, together with the learner's name at the recipient.
struct Transforms {
    std::array<Transform, category_keys.size()> of{};

    Transform operator[](Category category) const { return of[static_cast<std::size_t>(category)]; }
};

namespace release_detail {

struct Access {
    template <Category C, class T>
    static const std::optional<T>& value(const Personal<C, T>& personal) {
        return personal.value_;
    }
};

template <class T>
void write_transformed(std::string& out, const T& value, Transform transform) {
    if constexpr (std::is_same_v<T, std::string>) {
        if (transform == Transform::truncate_ip)
            return write_json_text(out, truncate_ip(value));
        if (transform == Transform::coarse_user_agent)
            return write_json_text(out, coarse_user_agent(value));
    }
    write_json(out, value);
}

}  // namespace release_detail

/// The categories for which a record type has a place.
template <class Record>
constexpr CategoryMask fields_of() {
    CategoryMask mask;
    boost::mp11::mp_for_each<json_detail::members_of<Record>>([&](auto member) {
        using Member = std::remove_cvref_t<decltype(std::declval<Record&>().*member.pointer)>;
        if constexpr (is_personal<Member>)
            mask |= Member::category;
    });
    return mask;
}

/// Appends the record as JSON, with the personal fields of `released` and no others: a field that is not
/// released looks exactly like one that is not known. The pseudonym is the gate's to give, never the
/// record's.
template <class Record>
void write_record(std::string& out, const Record& record, CategoryMask released, const Transforms& transforms,
                  std::string_view pseudonym) {
    bool first = true;
    out.push_back('{');
    boost::mp11::mp_for_each<json_detail::members_of<Record>>([&](auto member) {
        const auto& item = record.*member.pointer;
        using Member = std::remove_cvref_t<decltype(item)>;
        if constexpr (is_personal<Member>) {
            if (!released.contains(Member::category))
                return;
            if constexpr (Member::category == Category::user_unique_id_pseudonymous) {
                if (pseudonym.empty())
                    return;
                json_detail::write_key<decltype(member)>(out, first);
                write_json_text(out, pseudonym);
            } else {
                const auto& value = release_detail::Access::value(item);
                if (!value)
                    return;
                json_detail::write_key<decltype(member)>(out, first);
                release_detail::write_transformed(out, *value, transforms[Member::category]);
            }
        } else {
            if constexpr (json_detail::is_optional<Member>)
                if (!item)
                    return;
            json_detail::write_key<decltype(member)>(out, first);
            write_json(out, item);
        }
    });
    out.push_back('}');
}

}  // namespace calyptenora::gate
