#pragma once

#include <boost/describe.hpp>
#include <boost/system/result.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <utility>

/// What every part of Calyptenora returns for failures that are expected: `Result<T>`.
/// Exceptions are for broken invariants only and never cross the plugin boundary.
namespace calyptenora {

/// The kinds of failure that callers treat differently. The spelling is that of the wire (JSON) and of logs.
enum class ErrorKind : unsigned char {
    invalid_config,  ///< The operator's settings must change before this can work.
    invalid_input,   ///< What the caller passed is wrong; repeating it unchanged will fail again.
    denied,          ///< A rule, a missing permission or wrong credentials forbid it.
    not_found,
    conflict,      ///< The state has moved on; read it again before another try.
    rate_limited,  ///< Too often; `retry_after` says when to come back.
    temporary,     ///< May work later without any change (network, restart, overload).
    permanent,     ///< Will not work later either.
    unsupported,   ///< The operation does not exist for this plugin.
};
BOOST_DESCRIBE_ENUM(ErrorKind, invalid_config, invalid_input, denied, not_found, conflict, rate_limited,
                    temporary, permanent, unsupported)

/// An expected failure. The message says what failed, where, and the remedy; it holds no personal data and no
/// secret.
struct Error {
    /// Only for containers that need a value to begin with.
    Error() : Error(ErrorKind::permanent, {}) {}
    Error(ErrorKind error_kind, std::string text, std::optional<std::chrono::seconds> wait = std::nullopt)
        : kind(error_kind), message(std::move(text)), retry_after(wait) {}

    bool operator==(const Error&) const = default;

    ErrorKind kind;
    std::string message;
    /// When another try makes sense; only with `rate_limited` and `temporary`.
    std::optional<std::chrono::seconds> retry_after;
};

/// Thrown by `Result::value()` when there is none: reading a result unchecked is a broken invariant.
class BadResultAccess : public std::exception {
  public:
    explicit BadResultAccess(const Error& error) : text_("unchecked result: " + error.message) {}
    const char* what() const noexcept override { return text_.c_str(); }

  private:
    std::string text_;
};

/// Found by argument-dependent look-up from boost::system::result.
[[noreturn]] inline void throw_exception_from_error(const Error& error, const boost::source_location&) {
    throw BadResultAccess(error);
}

/// A value or an Error. A thin `[[nodiscard]]` layer over boost::system::result, whose class is not nodiscard
/// in 1.81.
template <class T>
class [[nodiscard]] Result : public boost::system::result<T, Error> {
    using Base = boost::system::result<T, Error>;

  public:
    using Base::Base;
    Result()
        requires std::is_void_v<T> || std::is_default_constructible_v<T>
    = default;
};

/// The success of an operation that yields nothing.
using Status = Result<void>;

}  // namespace calyptenora
