#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <optional>

namespace calyptenora::test {

/// Runs a coroutine to its end on a context of its own; what it yields needs no default.
template <class T>
T awaited(boost::asio::awaitable<T> work) {
    boost::asio::io_context context;
    std::optional<T> result;
    boost::asio::co_spawn(
        context, [&]() -> boost::asio::awaitable<void> { result.emplace(co_await std::move(work)); },
        [](std::exception_ptr failure) {
            if (failure)
                std::rethrow_exception(failure);
        });
    context.run();
    return std::move(*result);
}

inline void awaited(boost::asio::awaitable<void> work) {
    (void)awaited<bool>([&]() -> boost::asio::awaitable<bool> {
        co_await std::move(work);
        co_return true;
    }());
}

}  // namespace calyptenora::test
