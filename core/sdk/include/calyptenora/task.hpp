#pragma once

#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ < 13 && !defined(CALYPTENORA_ALLOW_GCC12_COROUTINES)
#error \
    "g++ before 13 miscompiles coroutines (temporaries in co_await expressions are destroyed twice). Build this plugin with \
clang 14 or later, or write it against plugin.h alone. Define CALYPTENORA_ALLOW_GCC12_COROUTINES if you know better."
#endif

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

namespace calyptenora {

/// A lazily started coroutine of a plugin: runs when awaited, on the instance's one thread. Owned by who
/// holds it; destroying it while suspended frees the whole chain of frames below it, which is how a call is
/// cancelled.
template <class T>
class [[nodiscard]] task {
  public:
    struct promise_type {
        task get_return_object() { return task(std::coroutine_handle<promise_type>::from_promise(*this)); }
        std::suspend_always initial_suspend() noexcept { return {}; }
        auto final_suspend() noexcept {
            struct Resume {
                bool await_ready() noexcept { return false; }
                std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> done) noexcept {
                    const auto next = done.promise().continuation;
                    return next ? next : std::noop_coroutine();
                }
                void await_resume() noexcept {}
            };
            return Resume{};
        }
        template <class U>
        void return_value(U&& result) {
            value.emplace(std::forward<U>(result));
        }
        void unhandled_exception() { failure = std::current_exception(); }

        std::coroutine_handle<> continuation;
        std::optional<T> value;
        std::exception_ptr failure;
    };

    task(task&& other) noexcept : frame_(std::exchange(other.frame_, {})) {}
    task& operator=(task&& other) noexcept {
        if (this != &other) {
            if (frame_)
                frame_.destroy();
            frame_ = std::exchange(other.frame_, {});
        }
        return *this;
    }
    ~task() {
        if (frame_)
            frame_.destroy();
    }

    bool await_ready() const noexcept { return false; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) noexcept {
        frame_.promise().continuation = awaiting;
        return frame_;
    }
    T await_resume() {
        if (frame_.promise().failure)
            std::rethrow_exception(frame_.promise().failure);
        return std::move(*frame_.promise().value);
    }

    /// Runs the coroutine until its first suspension. For the runtime, which keeps root tasks.
    void start() { frame_.resume(); }

  private:
    explicit task(std::coroutine_handle<promise_type> frame) : frame_(frame) {}

    std::coroutine_handle<promise_type> frame_;
};

}  // namespace calyptenora
