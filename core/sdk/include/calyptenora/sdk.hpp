#pragma once

#include <calyptenora/families/analytics.hpp>
#include <calyptenora/families/auth.hpp>
#include <calyptenora/families/payments.hpp>
#include <calyptenora/families/rights.hpp>
#include <calyptenora/families/support.hpp>
#include <calyptenora/families/video.hpp>
#include <calyptenora/host.hpp>

#include <boost/mp11/algorithm.hpp>

#include <exception>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>

/// The one header of a plugin. Derive from the class of your family, override its operations, and export the
/// class:
///
///     class Example : public calyptenora::AnalyticsPlugin {
///       public:
///         struct Settings { std::string endpoint; };
///         Example(Host host, const Settings& settings);
///         task<Result<analytics::DeliverReply>> deliver(std::vector<analytics::LearningEvent<Released>>
///         events) override;
///     };
///     CALYPTENORA_PLUGIN(Example)
///
/// An instance is a single-threaded actor: its coroutines never run at the same time, so there is nothing to
/// lock. Several calls may be suspended at once. A coroutine that waits when its call is cancelled is
/// destroyed where it stands.
namespace calyptenora {

/// An operation's request as a plugin receives it.
template <class Op>
using Request = typename Op::template Record<Released>;

/// The rights of data subjects, for all families. What a plugin does not override is answered with
/// `unsupported`, and the platform then tells the operator to do it by hand.
class PluginBase {
  public:
    virtual ~PluginBase() = default;

    virtual task<Result<SubjectOutcome>> export_subject(Request<rights::ExportSubject>);
    virtual task<Result<SubjectOutcome>> erase_subject(Request<rights::EraseSubject>);
    virtual task<Result<SubjectOutcome>> rectify_subject(Request<rights::RectifySubject>);
    virtual task<Result<SubjectOutcome>> restrict_subject(Request<rights::RestrictSubject>);
};

/// Family auth: `plugins/auth/*`.
class AuthPlugin : public PluginBase {
  public:
    virtual task<Result<auth::Step>> begin(Request<auth::Begin>) = 0;
    /// `secret` holds what was typed into password and code fields; see Secret.
    virtual task<Result<auth::Step>> resume(Request<auth::Resume>, Secret secret) = 0;
    virtual task<Result<IngestReply>> ingest(Request<auth::Inbound>);
    virtual task<Result<auth::CredentialsReply>> credentials(Request<auth::Credentials>);

    static constexpr Family family = Family::auth;
    static constexpr auto operations();
};

/// Family payments: `plugins/payments/*`.
class PaymentsPlugin : public PluginBase {
  public:
    virtual task<Result<payments::StartReply>> start(Request<payments::Start>) = 0;
    virtual task<Result<payments::PaymentState>> fetch(Request<payments::Fetch>) = 0;
    virtual task<Result<payments::PaymentState>> cancel(Request<payments::Cancel>);
    virtual task<Result<payments::PaymentState>> refund(Request<payments::Refund>);
    virtual task<Result<IngestReply>> ingest(Request<payments::Ingest>);

    static constexpr Family family = Family::payments;
    static constexpr auto operations();
};

/// Family video: `plugins/video/*`.
class VideoPlugin : public PluginBase {
  public:
    virtual task<Result<video::PlayReply>> play(Request<video::Play>) = 0;
    virtual task<Result<video::AssetReply>> asset(Request<video::Asset>);
    virtual task<Result<video::PlayReply>> renew(Request<video::Renew>);
    virtual task<Result<video::AuthoriseReply>> authorise(Request<video::Authorise>);
    virtual task<Result<video::NormaliseReply>> normalise(Request<video::Normalise>);

    static constexpr Family family = Family::video;
    static constexpr auto operations();
};

/// Family analytics: `plugins/analytics/*`.
class AnalyticsPlugin : public PluginBase {
  public:
    /// Exactly one delivery for each event, in any order. An event without the fields that the service needs
    /// is `rejected`.
    virtual task<Result<analytics::DeliverReply>> deliver(std::vector<Request<analytics::Deliver>>) = 0;
    virtual task<Result<SubjectOutcome>> retract(Request<analytics::Retract>);

    static constexpr Family family = Family::analytics;
    static constexpr auto operations();
};

/// Family support: `plugins/support/*`.
class SupportPlugin : public PluginBase {
  public:
    virtual task<Result<support::CaseReply>> open(Request<support::Open>) = 0;
    virtual task<Result<support::CaseReply>> append(Request<support::Append>) = 0;
    virtual task<Result<support::ThreadReply>> thread(Request<support::Thread>);
    virtual task<Result<Nothing>> set_state(Request<support::SetState>);
    virtual task<Result<support::IdentityReply>> identity(Request<support::Identity>);
    virtual task<Result<support::SsoReply>> sso(Request<support::Sso>);
    virtual task<Result<support::WidgetReply>> widget(Request<support::Widget>);
    virtual task<Result<IngestReply>> ingest(Request<support::Ingest>);

    static constexpr Family family = Family::support;
    static constexpr auto operations();
};

namespace runtime_detail {

template <class Op, class Method>
struct Bound {
    using Operation = Op;
    Method method;
};
template <class Op, class Method>
constexpr Bound<Op, Method> offer(Method method) {
    return {method};
}

template <class T>
task<Result<T>> unsupported() {
    co_return Error(ErrorKind::unsupported, "this plugin does not offer the operation");
}

template <class Base>
constexpr auto rights_operations() {
    return std::tuple{offer<rights::ExportSubject>(&Base::export_subject),
                      offer<rights::EraseSubject>(&Base::erase_subject),
                      offer<rights::RectifySubject>(&Base::rectify_subject),
                      offer<rights::RestrictSubject>(&Base::restrict_subject)};
}

template <class Op>
using Input = std::conditional_t<Op::batched, std::vector<Request<Op>>, Request<Op>>;

/// Reads the request, runs the operation, writes the answer.
template <class Op, class Plugin, class Method>
task<Result<std::string>> run_operation(Plugin& plugin, Method method, std::string payload, Secret secret) {
    auto request = parse_json<Input<Op>>(payload);
    if (!request)
        co_return request.error();
    if constexpr (std::is_invocable_v<Method, Plugin&, Input<Op>, Secret>) {
        auto reply = co_await (plugin.*method)(std::move(*request), std::move(secret));
        if (!reply)
            co_return reply.error();
        co_return to_json(*reply);
    } else {
        auto reply = co_await (plugin.*method)(std::move(*request));
        if (!reply)
            co_return reply.error();
        co_return to_json(*reply);
    }
}

inline std::string_view view(calyptenora_bytes bytes) {
    return bytes.size ? std::string_view(bytes.data, bytes.size) : "";
}

/// One instance behind the C interface: turns calls into coroutines and back. No exception leaves it.
template <class Plugin>
class Instance {
  public:
    static void* create(const calyptenora_host* host, calyptenora_bytes settings) {
        const auto refuse = [&](const Error& error) -> void* {
            const auto document = error_document(error);
            host->complete(host->context, 0, status_of(error.kind), {document.data(), document.size()});
            return nullptr;
        };
        try {
            auto read = parse_json<typename Plugin::Settings>(view(settings));
            if (!read)
                return refuse(Error(ErrorKind::invalid_config, "settings: " + read.error().message));
            return new Instance(host, *read);
        } catch (const std::exception& failure) {
            return refuse(Error(ErrorKind::invalid_config, failure.what()));
        } catch (...) {
            return refuse(Error(ErrorKind::permanent, "the plugin's constructor threw something unknown"));
        }
    }

    static void destroy(void* self) {
        try {
            delete static_cast<Instance*>(self);
        } catch (...) {
        }
    }

    static void invoke(void* self, std::uint64_t call, calyptenora_bytes operation, calyptenora_bytes payload,
                       calyptenora_bytes secret) {
        auto& instance = *static_cast<Instance*>(self);
        instance.guarded(call, [&] { instance.begin(call, view(operation), view(payload), view(secret)); });
    }

    static void reply(void* self, std::uint64_t token, std::uint32_t status, calyptenora_bytes payload) {
        auto& instance = *static_cast<Instance*>(self);
        auto* waiting = instance.wire_.take(token);
        if (!waiting)
            return;
        const auto call = waiting->call;
        instance.guarded(call, [&] {
            waiting->answer(status, view(payload));
            waiting->coroutine.resume();
        });
    }

    static void cancel(void* self, std::uint64_t call) { static_cast<Instance*>(self)->calls_.erase(call); }

  private:
    /// A call in progress: the root coroutine and everything it owns.
    struct Call {
        task<Nothing> root;
    };

    Instance(const calyptenora_host* host, const typename Plugin::Settings& settings)
        : wire_(host), plugin_(Host(wire_), settings) {}

    template <class F>
    void guarded(std::uint64_t call, F&& step) {
        wire_.running_call = call;
        try {
            step();
        } catch (const std::exception& failure) {
            finish(call, Error(ErrorKind::permanent, std::string("the plugin threw: ") + failure.what()));
        } catch (...) {
            finish(call, Error(ErrorKind::permanent, "the plugin threw something unknown"));
        }
        wire_.running_call = 0;
        // Here no frame of the finished call is on the stack any more.
        if (finished_)
            calls_.erase(std::exchange(finished_, 0));
    }

    void begin(std::uint64_t call, std::string_view operation, std::string_view payload,
               std::string_view secret) {
        auto& root =
            calls_
                .try_emplace(call,
                             Call{run(call, std::string(operation), std::string(payload), Secret(secret))})
                .first->second.root;
        root.start();
    }

    task<Nothing> run(std::uint64_t call, std::string operation, std::string payload, Secret secret) {
        Result<std::string> outcome =
            Error(ErrorKind::unsupported, "there is no operation \"" + operation + "\"");
        try {
            std::optional<task<Result<std::string>>> chosen;
            boost::mp11::tuple_for_each(Plugin::operations(), [&](auto bound) {
                using Op = typename decltype(bound)::Operation;
                if (!chosen && Op::name == operation)
                    chosen.emplace(
                        run_operation<Op>(plugin_, bound.method, std::move(payload), std::move(secret)));
            });
            if (chosen)
                outcome = co_await *chosen;
        } catch (const std::exception& failure) {
            outcome = Error(ErrorKind::permanent, std::string("the plugin threw: ") + failure.what());
        } catch (...) {
            outcome = Error(ErrorKind::permanent, "the plugin threw something unknown");
        }
        finish(call, outcome);
        co_return Nothing{};
    }

    void finish(std::uint64_t call, const Result<std::string>& outcome) {
        finished_ = call;
        if (outcome)
            wire_.complete(call, CALYPTENORA_OK, *outcome);
        else
            wire_.complete(call, status_of(outcome.error().kind), error_document(outcome.error()));
    }

    Wire wire_;
    Plugin plugin_;
    std::map<std::uint64_t, Call> calls_;
    std::uint64_t finished_ = 0;
};

}  // namespace runtime_detail

inline task<Result<SubjectOutcome>> PluginBase::export_subject(Request<rights::ExportSubject>) {
    return runtime_detail::unsupported<SubjectOutcome>();
}
inline task<Result<SubjectOutcome>> PluginBase::erase_subject(Request<rights::EraseSubject>) {
    return runtime_detail::unsupported<SubjectOutcome>();
}
inline task<Result<SubjectOutcome>> PluginBase::rectify_subject(Request<rights::RectifySubject>) {
    return runtime_detail::unsupported<SubjectOutcome>();
}
inline task<Result<SubjectOutcome>> PluginBase::restrict_subject(Request<rights::RestrictSubject>) {
    return runtime_detail::unsupported<SubjectOutcome>();
}

inline task<Result<IngestReply>> AuthPlugin::ingest(Request<auth::Inbound>) {
    return runtime_detail::unsupported<IngestReply>();
}
inline task<Result<auth::CredentialsReply>> AuthPlugin::credentials(Request<auth::Credentials>) {
    return runtime_detail::unsupported<auth::CredentialsReply>();
}
inline task<Result<payments::PaymentState>> PaymentsPlugin::cancel(Request<payments::Cancel>) {
    return runtime_detail::unsupported<payments::PaymentState>();
}
inline task<Result<payments::PaymentState>> PaymentsPlugin::refund(Request<payments::Refund>) {
    return runtime_detail::unsupported<payments::PaymentState>();
}
inline task<Result<IngestReply>> PaymentsPlugin::ingest(Request<payments::Ingest>) {
    return runtime_detail::unsupported<IngestReply>();
}
inline task<Result<video::AssetReply>> VideoPlugin::asset(Request<video::Asset>) {
    return runtime_detail::unsupported<video::AssetReply>();
}
inline task<Result<video::PlayReply>> VideoPlugin::renew(Request<video::Renew>) {
    return runtime_detail::unsupported<video::PlayReply>();
}
inline task<Result<video::AuthoriseReply>> VideoPlugin::authorise(Request<video::Authorise>) {
    return runtime_detail::unsupported<video::AuthoriseReply>();
}
inline task<Result<video::NormaliseReply>> VideoPlugin::normalise(Request<video::Normalise>) {
    return runtime_detail::unsupported<video::NormaliseReply>();
}
inline task<Result<SubjectOutcome>> AnalyticsPlugin::retract(Request<analytics::Retract>) {
    return runtime_detail::unsupported<SubjectOutcome>();
}
inline task<Result<support::ThreadReply>> SupportPlugin::thread(Request<support::Thread>) {
    return runtime_detail::unsupported<support::ThreadReply>();
}
inline task<Result<Nothing>> SupportPlugin::set_state(Request<support::SetState>) {
    return runtime_detail::unsupported<Nothing>();
}
inline task<Result<support::IdentityReply>> SupportPlugin::identity(Request<support::Identity>) {
    return runtime_detail::unsupported<support::IdentityReply>();
}
inline task<Result<support::SsoReply>> SupportPlugin::sso(Request<support::Sso>) {
    return runtime_detail::unsupported<support::SsoReply>();
}
inline task<Result<support::WidgetReply>> SupportPlugin::widget(Request<support::Widget>) {
    return runtime_detail::unsupported<support::WidgetReply>();
}
inline task<Result<IngestReply>> SupportPlugin::ingest(Request<support::Ingest>) {
    return runtime_detail::unsupported<IngestReply>();
}

constexpr auto AuthPlugin::operations() {
    using namespace runtime_detail;
    return std::tuple_cat(
        std::tuple{offer<auth::Begin>(&AuthPlugin::begin), offer<auth::Resume>(&AuthPlugin::resume),
                   offer<auth::Inbound>(&AuthPlugin::ingest),
                   offer<auth::Credentials>(&AuthPlugin::credentials)},
        rights_operations<AuthPlugin>());
}
constexpr auto PaymentsPlugin::operations() {
    using namespace runtime_detail;
    return std::tuple_cat(std::tuple{offer<payments::Start>(&PaymentsPlugin::start),
                                     offer<payments::Fetch>(&PaymentsPlugin::fetch),
                                     offer<payments::Cancel>(&PaymentsPlugin::cancel),
                                     offer<payments::Refund>(&PaymentsPlugin::refund),
                                     offer<payments::Ingest>(&PaymentsPlugin::ingest)},
                          rights_operations<PaymentsPlugin>());
}
constexpr auto VideoPlugin::operations() {
    using namespace runtime_detail;
    return std::tuple_cat(
        std::tuple{offer<video::Play>(&VideoPlugin::play), offer<video::Asset>(&VideoPlugin::asset),
                   offer<video::Renew>(&VideoPlugin::renew), offer<video::Authorise>(&VideoPlugin::authorise),
                   offer<video::Normalise>(&VideoPlugin::normalise)},
        rights_operations<VideoPlugin>());
}
constexpr auto AnalyticsPlugin::operations() {
    using namespace runtime_detail;
    return std::tuple_cat(std::tuple{offer<analytics::Deliver>(&AnalyticsPlugin::deliver),
                                     offer<analytics::Retract>(&AnalyticsPlugin::retract)},
                          rights_operations<AnalyticsPlugin>());
}
constexpr auto SupportPlugin::operations() {
    using namespace runtime_detail;
    return std::tuple_cat(
        std::tuple{offer<support::Open>(&SupportPlugin::open), offer<support::Append>(&SupportPlugin::append),
                   offer<support::Thread>(&SupportPlugin::thread),
                   offer<support::SetState>(&SupportPlugin::set_state),
                   offer<support::Identity>(&SupportPlugin::identity),
                   offer<support::Sso>(&SupportPlugin::sso), offer<support::Widget>(&SupportPlugin::widget),
                   offer<support::Ingest>(&SupportPlugin::ingest)},
        rights_operations<SupportPlugin>());
}

}  // namespace calyptenora

/// Exports a plugin class. Once, in one source file of the plugin, at global scope.
#define CALYPTENORA_PLUGIN(PluginClass)                                                          \
    extern "C" CALYPTENORA_EXPORT const calyptenora_plugin_table* calyptenora_plugin(void) {     \
        using PluginInstance = calyptenora::runtime_detail::Instance<PluginClass>;               \
        static const calyptenora_plugin_table table{                                             \
            sizeof(calyptenora_plugin_table), CALYPTENORA_ABI_MAJOR,   CALYPTENORA_ABI_MINOR,    \
            calyptenora_manifest_text,        &PluginInstance::create, &PluginInstance::destroy, \
            &PluginInstance::invoke,          &PluginInstance::reply,  &PluginInstance::cancel}; \
        return &table;                                                                           \
    }
