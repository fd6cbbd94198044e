#pragma once

#include <calyptenora/vocabulary.hpp>

#include <optional>
#include <type_traits>
#include <utility>

/// A learner's datum inside the core.
///
/// There is no way from a Personal to bytes but the gate: it has no stream operator, no formatter, no
/// conversion and no accessor of its value. Pages read it with `reveal`, which says to whom it is shown; a
/// test lists every place that does.
namespace calyptenora::gate {

/// The value is shown to the very person whom it is about.
struct ForSubject {};

/// The value is shown to a member of staff, after the access log was written: nothing else makes one of these
/// (access_log.hpp).
class ForStaff {
    friend class AccessLog;
    ForStaff() = default;
};

namespace release_detail {
struct Access;
}

template <Category C, class T>
class Personal {
  public:
    static constexpr Category category = C;
    using value_type = T;

    /// Not known.
    Personal() = default;
    Personal(T value) : value_(std::move(value)) {}
    Personal(std::optional<T> value) : value_(std::move(value)) {}
    template <class U>
        requires(std::is_constructible_v<T, U> && !std::is_same_v<std::remove_cvref_t<U>, Personal> &&
                 !std::is_same_v<std::remove_cvref_t<U>, std::optional<T>>)
    Personal(U&& value) : value_(std::in_place, std::forward<U>(value)) {}

    bool is_known() const { return value_.has_value(); }

    const std::optional<T>& reveal(ForSubject) const { return value_; }
    const std::optional<T>& reveal(ForStaff) const { return value_; }

  private:
    friend struct release_detail::Access;
    std::optional<T> value_;
};

/// The wrapper of personal fields in the records that the core hands to the gate.
template <Category C, class T>
using Guarded = Personal<C, T>;

template <class T>
inline constexpr bool is_personal = false;
template <Category C, class T>
inline constexpr bool is_personal<Personal<C, T>> = true;

}  // namespace calyptenora::gate
