#pragma once

#include "gate/choices.hpp"
#include "gate/emission.hpp"
#include "integration/gate/gate_fixture.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <array>
#include <chrono>
#include <filesystem>
#include <iosfwd>
#include <random>
#include <set>
#include <string>

/// What happens at one of the nodes when emissions and withdrawals meet.
namespace calyptenora::gate {

inline constexpr int emitters = 2;

/// How the steps of one person's emitters and withdrawal fall: drawn in advance, so that the seed tells all.
struct Interleaving {
    std::uint32_t number = 0;
    std::chrono::microseconds withdraw_after{};
    std::array<std::chrono::microseconds, emitters> start_after{};
    std::array<std::chrono::microseconds, emitters> hesitate{};  ///< From the permission to the first byte.
    /// Then waits for the withdrawal to be acknowledged, which it must not be; the most adverse of all
    /// schedules.
    std::array<bool, emitters> waits_for_acknowledgement{};
    std::chrono::microseconds rest{};  ///< Between two requests, so that others reach the database, too.
    std::array<bool, emitters> on_other_node{};
    bool withdraw_on_other_node = false;

    static Interleaving draw(std::mt19937& random, std::uint32_t number);
};
std::ostream& operator<<(std::ostream& out, const Interleaving& plan);
std::istream& operator>>(std::istream& in, Interleaving& plan);

/// What came of one emitter.
struct Emitted {
    int overtaken = 0;   ///< First bytes between the click and the acknowledgement.
    std::string defect;  ///< Why it ended, if not by being refused.
};

/// A node of the platform. All of it runs on one thread.
class EmittingNode {
  public:
    virtual ~EmittingNode() = default;

    /// Sends a person's data as long as it may, as the egress broker does.
    virtual boost::asio::awaitable<Emitted> emit(Interleaving plan, storage::SubjectId subject,
                                                 int which) = 0;
    /// Withdraws the person's consent at once. Ends with the acknowledgement; what went wrong, if anything.
    virtual boost::asio::awaitable<std::string> withdraw(storage::SubjectId subject) = 0;

    /// Somebody has pressed the button, here or at another node.
    virtual void click(std::uint32_t number) = 0;
    /// The recipient has been told that nothing may come any more.
    virtual void acknowledged(std::uint32_t number) = 0;
};

/// A node in this process, with its own gate.
class LocalNode final : public EmittingNode {
  public:
    LocalNode(boost::asio::io_context& context, storage::Database& database,
              const storage::FieldCipher& cipher, const std::string& name, std::filesystem::path recipient);

    boost::asio::awaitable<Emitted> emit(Interleaving plan, storage::SubjectId subject, int which) override;
    boost::asio::awaitable<std::string> withdraw(storage::SubjectId subject) override;
    void click(std::uint32_t number) override { clicked_.insert(number); }
    void acknowledged(std::uint32_t number) override { acknowledged_.insert(number); }

    /// The person's choice about what the emitters send.
    boost::asio::awaitable<Status> choose(storage::SubjectId subject, bool allowed);

  private:
    CallScope scope_of(const storage::SubjectId& subject) const;

    /// Leases run out by it, so that a mutant that never releases does not run for ever.
    storage::SystemClock clock_;
    FakePlugins plugins_;
    const std::shared_ptr<const Policy> policy_;
    const PolicyFlow& flow_;
    Gate gate_;
    Choices choices_;
    Emissions emissions_;
    const std::filesystem::path recipient_;
    std::set<std::uint32_t> clicked_, acknowledged_;
};

/// Waits on this coroutine's executor.
boost::asio::awaitable<void> pause(std::chrono::microseconds time);

}  // namespace calyptenora::gate
