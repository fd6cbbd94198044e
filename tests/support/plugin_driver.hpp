#pragma once

#include <calyptenora/sdk.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace calyptenora {

/// Plays the host for one plugin: loads the built library and answers its requests from what a test has set
/// up. What the plugin asked is recorded in the order in which it asked.
class PluginDriver {
  public:
    /// `plugin`: family/name, as built in this tree.
    explicit PluginDriver(std::string_view plugin);
    ~PluginDriver();
    PluginDriver(const PluginDriver&) = delete;
    PluginDriver& operator=(const PluginDriver&) = delete;

    /// Makes the instance; before any call, once more to make another one in its place.
    Status create(std::string_view settings);

    /// Runs one operation to its end.
    template <class Op>
    Result<typename Op::Reply> call(const runtime_detail::Input<Op>& request, std::string_view secret = "") {
        auto answer = run(begin(Op::name, to_json(request), secret));
        if (!answer)
            return answer.error();
        return parse_json<typename Op::Reply>(*answer);
    }

    /// The same in two steps, for calls that overlap: begins a call, which then waits for its first service.
    std::uint64_t begin(std::string_view operation, std::string_view payload, std::string_view secret = "");
    /// Answers requests until this call has ended.
    Result<std::string> run(std::uint64_t call);
    /// Ends a call as a deadline or a withdrawal does.
    void cancel(std::uint64_t call);

    std::string_view manifest() const { return table_->manifest; }

    /// How the world answers. A service that is not set up is refused, as an undeclared host is.
    std::function<Result<HttpResponse>(const HttpRequest&)> on_http;
    std::function<Result<MailReceipt>(const MailRequest&)> on_mail;
    /// Whose call it is; the store is refused when empty, as it is for a call without a learner.
    std::string subject;
    std::map<std::string, std::map<std::string, std::string>> store;  ///< Subject to key to value.
    UnixMicros now = 1'795'000'000'000'000;                           ///< 2026-11-18T11:06:40Z

    struct Request {
        std::uint64_t call = 0;
        std::uint64_t token = 0;
        std::string service;
        std::string payload;
    };
    std::vector<Request> requests;  ///< All of them, answered or not, without log lines.
    std::vector<HttpRequest> http_requests;
    std::vector<MailRequest> mails;
    std::vector<LogLine> log;

  private:
    Result<std::string> answer(const Request& request);

    void* library_ = nullptr;
    const calyptenora_plugin_table* table_ = nullptr;
    void* plugin_ = nullptr;
    std::uint64_t last_call_ = 0;
    std::deque<Request> waiting_;
    std::map<std::uint64_t, Result<std::string>> outcomes_;
    calyptenora_host host_;
};

/// The text of a file below tests/.
std::string read_test_file(std::string_view path);

/// Runs a command with `input` on its standard input and yields its standard output; fails the test when the
/// command does.
std::string run_command(const std::string& command, std::string_view input = "");

}  // namespace calyptenora
