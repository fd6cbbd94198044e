#pragma once

#include "gate/answer_rules.hpp"
#include "gate/explanation.hpp"
#include "gate/policy.hpp"
#include "gate/ports.hpp"
#include "gate/release.hpp"
#include "storage/clock.hpp"
#include "storage/database.hpp"
#include "storage/field_cipher.hpp"

#include <calyptenora/families/operation.hpp>

#include <boost/asio/awaitable.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// The gate: the only way from a learner's data into a plugin.
namespace calyptenora::gate {

/// To whom, for what, and how a call is made.
struct CallOptions {
    std::chrono::milliseconds deadline{10'000};
    /// Secret inputs that a person typed into the plugin's own prompt, as a JSON object; wiped by the host.
    std::string secret = {};
    /// The browser's Global Privacy Control header of this request was exactly `1`.
    bool privacy_control = false;
    /// The call makes the learner's browser ask a third party, or touches the device (section 25 TDDDG).
    bool device = false;
};

/// One record of a batch.
template <class Op>
struct BatchItem {
    storage::SubjectId subject;
    typename Op::template Record<Guarded> record;
};

/// A queued document, filtered again at send time.
struct QueuedItem {
    storage::SubjectId subject;
    std::string document;  ///< As `write_queued` made it.
    /// When it was queued: what the person has closed since is refused, even if it is open again.
    std::optional<storage::Timestamp> queued_at = {};
};

/// What became of a batch: which records the gate kept back, and the plugin's answer to the others.
template <class Reply>
struct BatchOutcome {
    std::vector<std::size_t> refused;
    /// Nobody could say now whether they may be sent (the database does not answer); to be tried again.
    std::vector<std::size_t> undecided;
    std::optional<Result<Reply>> reply;  ///< Absent if no record was left.
};

/// Thread-safe. Lives from start to end of the process.
class Gate {
  public:
    Gate(storage::Database& database, const storage::FieldCipher& cipher, const storage::Clock& clock,
         std::shared_ptr<const Policy> policy);

    /// Gives the gate its way into plugins, once and before the first call: the host, which must outlive it,
    /// needs the gate's own EmissionGuard first.
    void connect(PluginPort& plugins) { plugins_ = &plugins; }

    std::shared_ptr<const Policy> policy() const { return policy_.load(); }
    /// A reload: calls that have begun keep the policy they began with; what they emit is decided by the new
    /// one.
    void replace_policy(std::shared_ptr<const Policy> policy) { policy_.store(std::move(policy)); }

    /// Releases a record about one person and calls the plugin. `denied`, with the rule's reasons, when the
    /// gate refuses; otherwise the plugin's answer, read into its type.
    template <class Op>
    boost::asio::awaitable<Result<typename Op::Reply>> call(settings::InstanceId instance, Purpose purpose,
                                                            storage::SubjectId subject,
                                                            typename Op::template Record<Guarded> record,
                                                            CallOptions options = {}) {
        static_assert(!Op::batched, "use call_batch");
        auto scope = make_scope(instance, purpose);
        auto released = co_await release(instance, purpose, subject,
                                         fields_of<typename Op::template Record<Guarded>>(), options);
        if (!released)
            co_return released.error();
        std::string document;
        write_record(document, record, released->categories, released->row->transforms, released->pseudonym);
        PluginCall call{std::move(scope), std::string(Op::name), std::move(document),
                        std::move(options.secret), options.deadline};
        call.scope.records.push_back({subject, released->categories, released->since});
        co_return read_reply<typename Op::Reply>(instance, co_await plugins_->call(std::move(call)));
    }

    /// Calls a plugin about nobody: an inbound webhook, a statement, a sign-in for a name that nobody has.
    /// The record's personal fields, if it has any, are not sent.
    template <class Op>
    boost::asio::awaitable<Result<typename Op::Reply>> call_without_subject(
        settings::InstanceId instance, Purpose purpose, typename Op::template Record<Guarded> record,
        CallOptions options = {}) {
        static_assert(!Op::batched);
        if (!policy()->find_flow(instance, purpose))
            co_return no_such_flow(instance, purpose);
        std::string document;
        write_record(document, record, {}, {}, {});
        PluginCall call{make_scope(instance, purpose), std::string(Op::name), std::move(document),
                        std::move(options.secret), options.deadline};
        co_return read_reply<typename Op::Reply>(instance, co_await plugins_->call(std::move(call)));
    }

    /// Sends queued documents of one operation. Each is decided anew and filtered; what is refused must be
    /// dropped by the caller, never kept for later.
    template <class Op>
    boost::asio::awaitable<BatchOutcome<typename Op::Reply>> send_queued(settings::InstanceId instance,
                                                                         Purpose purpose,
                                                                         std::vector<QueuedItem> items,
                                                                         CallOptions options = {}) {
        using Record = typename Op::template Record<Guarded>;
        BatchOutcome<typename Op::Reply> outcome;
        PluginCall call{make_scope(instance, purpose),
                        std::string(Op::name),
                        Op::batched ? "[" : "",
                        {},
                        options.deadline};
        for (std::size_t i = 0; i < items.size(); ++i) {
            auto released = co_await release(instance, purpose, items[i].subject, fields_of<Record>(),
                                             options, items[i].queued_at);
            auto document = released ? filter_queued<Record>(items[i].document, released->categories)
                                     : Result<std::string>(released.error());
            if (!document) {
                const auto kind = document.error().kind;
                const bool later = kind == ErrorKind::temporary || kind == ErrorKind::conflict;
                (later ? outcome.undecided : outcome.refused).push_back(i);
                continue;
            }
            if (!call.scope.records.empty())
                call.document.push_back(',');
            call.document += *document;
            call.scope.records.push_back({items[i].subject, released->categories, released->since});
        }
        if (call.scope.records.empty())
            co_return outcome;
        if (Op::batched)
            call.document.push_back(']');
        outcome.reply.emplace(
            read_reply<typename Op::Reply>(instance, co_await plugins_->call(std::move(call))));
        co_return outcome;
    }

    /// The decision without a call: for pages, the Content-Security-Policy, and before something is queued.
    boost::asio::awaitable<Result<Explanation>> explain(settings::InstanceId instance, Purpose purpose,
                                                        storage::SubjectId subject, CategoryMask fields,
                                                        CallOptions options = {});

    /// The same inside a transaction of the caller's, who holds the subject's lock.
    Explanation explain_within(storage::Transaction& tx, const PolicyFlow& row,
                               const storage::SubjectId& subject, CategoryMask fields, bool device,
                               bool privacy_control) const;

    /// The document of a record for the queue: what may be released now and no more, or nothing if the flow
    /// is refused now: what happens while it is denied is never sent later.
    template <class Op>
    std::optional<std::string> write_queued(storage::Transaction& tx, const settings::InstanceId& instance,
                                            Purpose purpose, const storage::SubjectId& subject,
                                            const typename Op::template Record<Guarded>& record) const {
        const auto current = policy();
        const auto* row = current->find_flow(instance, purpose);
        if (!row)
            return std::nullopt;
        using Record = typename Op::template Record<Guarded>;
        const auto decision = explain_within(tx, *row, subject, fields_of<Record>(), false, false).decision;
        if (decision.refused)
            return std::nullopt;
        const auto pseudonym = cipher_.pseudonym(subject, instance.text());
        if (!pseudonym)
            return std::nullopt;
        std::string document;
        write_record(document, record, decision.released, row->transforms, *pseudonym);
        return document;
    }

    const storage::Clock& clock() const { return clock_; }

  private:
    struct Released {
        std::shared_ptr<const Policy> policy;  ///< Keeps `row` alive.
        const PolicyFlow* row;
        CategoryMask categories;
        std::string pseudonym;
        storage::Timestamp since;
    };

    boost::asio::awaitable<Result<Released>> release(const settings::InstanceId& instance, Purpose purpose,
                                                     const storage::SubjectId& subject, CategoryMask fields,
                                                     const CallOptions& options,
                                                     std::optional<storage::Timestamp> queued_at = {});
    /// Before anything is decided about its records.
    CallScope make_scope(const settings::InstanceId& instance, Purpose purpose) const;
    static Error no_such_flow(const settings::InstanceId& instance, Purpose purpose);

    /// What a plugin answers is foreign: it is read into its type and checked, or it counts for nothing.
    template <class Reply>
    Result<Reply> read_reply(const settings::InstanceId& instance, const Result<std::string>& bytes) const {
        if (!bytes)
            return bytes.error();
        auto reply = parse_json<Reply>(*bytes);
        const auto checked = reply ? check_answer(*reply, declared_origins(instance)) : Status(reply.error());
        if (!checked)
            return Error(ErrorKind::permanent,
                         fmt::format("{} answered something else than the operation asks for: {}",
                                     instance.text(), checked.error().message));
        return reply;
    }
    DeclaredOrigins declared_origins(const settings::InstanceId& instance) const;

    template <class Record>
    static Result<std::string> filter_queued(const std::string& document, CategoryMask released) {
        boost::json::error_code failure;
        auto json = boost::json::parse(document, failure);
        if (failure || !json.is_object())
            return Error(ErrorKind::permanent, "a queued document cannot be read");
        auto& object = json.get_object();
        boost::mp11::mp_for_each<json_detail::members_of<Record>>([&](auto member) {
            using Member = std::remove_cvref_t<decltype(std::declval<Record&>().*member.pointer)>;
            if constexpr (is_personal<Member>)
                if (!released.contains(Member::category))
                    object.stable_erase(member.name);
        });
        return boost::json::serialize(json);
    }

    storage::Database& database_;
    const storage::FieldCipher& cipher_;
    const storage::Clock& clock_;
    PluginPort* plugins_ = nullptr;
    std::atomic<std::shared_ptr<const Policy>> policy_;
};

}  // namespace calyptenora::gate
