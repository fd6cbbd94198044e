#include "host/core_mail.hpp"

#include "gate/letter.hpp"
#include "settings/secret.hpp"

#include <calyptenora/families/rights.hpp>

#include <fmt/format.h>

namespace calyptenora::host {

namespace asio = boost::asio;

namespace {

MailRequest request_of(const settings::Mail& mail, gate::LetterRecord<Released> letter) {
    MailRequest request{
        .server = fmt::format("{}:{}", mail.host, mail.port),
        .username = mail.username,
        .password = std::string(mail.password.reveal()),
        .from = mail.from_name.empty() ? mail.from : fmt::format("{} <{}>", mail.from_name, mail.from),
        .to = std::move(*letter.to),
        .reply_to = "",
        .subject = std::move(letter.subject),
        .text = std::move(letter.text),
        .message_id = std::move(letter.message_id),
        // RFC 3834: so that no absence note answers it.
        .headers = {{"Auto-Submitted", "auto-generated"}}};
    if (letter.language)
        request.headers.emplace("Content-Language", std::move(*letter.language));
    if (!letter.unsubscribe.empty()) {
        // RFC 8058: with both, mail programs show a button that needs no page.
        request.headers.emplace("List-Unsubscribe", fmt::format("<{}>", letter.unsubscribe));
        request.headers.emplace("List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
    }
    return request;
}

/// What can be said of a mail server without asking it, since it has nothing but what it was given here.
Result<std::string> answer_request(std::string_view operation) {
    std::string answer;
    if (operation == rights::ExportSubject::name)
        write_json(answer,
                   SubjectOutcome(outcome::Done{
                       "it was given the address, the language and the letters of which the record of "
                       "what was sent has the days, and nothing else"}));
    else if (operation == rights::RectifySubject::name)
        write_json(answer, SubjectOutcome(outcome::Done{"it was never given the name"}));
    else
        return Error(ErrorKind::unsupported, "a mail server cannot be told by program; write to who runs it");
    return answer;
}

}  // namespace

class CoreMail::Underway {
  public:
    Underway(CoreMail& mail, gate::CallScope scope)
        : mail_(mail), call_(std::make_shared<LiveCall>(++mail.last_call_, std::move(scope), Redactor({}))) {
        mail_.calls_.add(call_);
    }
    Underway(const Underway&) = delete;
    Underway& operator=(const Underway&) = delete;
    ~Underway() {
        mail_.calls_.remove(call_->call);
        mail_.tasks_->cancel(call_->call);
    }

    const std::shared_ptr<const LiveCall>& call() const { return call_; }

  private:
    CoreMail& mail_;
    const std::shared_ptr<const LiveCall> call_;
};

CoreMail::CoreMail(asio::any_io_executor executor, EgressBroker& egress, const Cancellations& cancellations)
    : egress_(egress),
      cancellations_(cancellations),
      tasks_(std::make_shared<ServiceTasks>(std::move(executor))) {}

void CoreMail::use(std::optional<settings::Mail> mail) {
    const std::lock_guard lock(mutex_);
    mail_ = std::move(mail);
}

asio::awaitable<Result<std::string>> CoreMail::call(gate::PluginCall call) {
    if (call.operation != gate::SendLetter::name)
        co_return answer_request(call.operation);
    std::optional<settings::Mail> mail;
    {
        const std::lock_guard lock(mutex_);
        mail = mail_;
    }
    if (!mail)
        co_return Error(ErrorKind::temporary, "no mail server is configured");
    auto letter = parse_json<gate::LetterRecord<Released>>(call.document);
    if (!letter || !letter->to)
        co_return Error(ErrorKind::invalid_input, "a letter has an address");
    auto request = request_of(*mail, std::move(*letter));

    const Underway underway(*this, std::move(call.scope));
    // After it can be found: whoever cancels first marks and then looks.
    if (cancellations_.concern(underway.call()->scope))
        co_return Error(ErrorKind::denied, "the permission was withdrawn before the letter left");
    const auto id = underway.call()->call;
    const auto outcome = std::make_shared<Result<MailReceipt>>(
        Error(ErrorKind::denied, "the permission was withdrawn while the letter was under way"));
    tasks_->start(id,
                  [this, outcome, live = underway.call(), mail = std::move(*mail),
                   request = std::move(request)]() mutable -> asio::awaitable<void> {
                      *outcome = co_await send(live, std::move(mail), std::move(request));
                  });
    co_await tasks_->ended({id});
    if (!*outcome)
        co_return outcome->error();
    co_return to_json(gate::LetterReceipt{std::move((**outcome).response)});
}

asio::awaitable<Result<MailReceipt>> CoreMail::send(std::shared_ptr<const LiveCall> call, settings::Mail mail,
                                                    MailRequest request) {
    const EgressOrigin origin{.scope = call->scope,
                              .allowed = {{mail.host, mail.port}},
                              .mail = true,
                              .mail_security = mail.security};
    co_return co_await egress_.mail(origin, std::move(request));
}

asio::awaitable<void> CoreMail::cancel(const storage::SubjectId& subject) {
    const auto calls = calls_.about(subject);
    for (const auto call : calls)
        tasks_->cancel(call);
    co_await tasks_->ended(calls);
}

asio::awaitable<void> CoreMail::stop() {
    co_await tasks_->stop();
}

}  // namespace calyptenora::host
