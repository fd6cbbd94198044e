#include "integration/gate/node_process.hpp"

#include <boost/asio/experimental/channel.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <istream>
#include <sstream>

namespace calyptenora::gate {

namespace asio = boost::asio;
using boost::system::error_code;

struct NodeProcess::Answer {
    explicit Answer(const asio::any_io_executor& executor) : channel(executor, 1) {}
    asio::experimental::channel<void(error_code, std::string)> channel;
};

NodeProcess::NodeProcess(asio::io_context& context, std::vector<std::string> arguments) : socket_(context) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        throw std::runtime_error("no socket pair");
    socket_.assign(asio::local::stream_protocol(), pair[0]);
    std::vector<char*> words;
    for (auto& argument : arguments)
        words.push_back(argument.data());
    words.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pair[1], STDIN_FILENO);
    const int failed = posix_spawn(&process_, words[0], &actions, nullptr, words.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    close(pair[1]);
    if (failed != 0)
        throw std::runtime_error("cannot start " + arguments.front());
}

NodeProcess::~NodeProcess() {
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
}

void NodeProcess::send(std::string line) {
    line += '\n';
    // The lines are few and short: there is always room for them.
    asio::write(socket_, asio::buffer(line));
}

void NodeProcess::receive() {
    asio::async_read_until(socket_, read_, '\n', [this](error_code failure, std::size_t) {
        if (failure)
            return;
        std::istream lines(&read_);
        std::string line;
        std::getline(lines, line);
        std::istringstream words(line);
        int id = 0;
        words >> id;
        std::string rest;
        std::getline(words >> std::ws, rest);
        if (auto answer = waiting_.extract(id))
            answer.mapped()->channel.try_send(error_code(), std::move(rest));
        // Nothing keeps the context running but those who wait.
        if (!waiting_.empty())
            receive();
        else
            is_receiving_ = false;
    });
}

asio::awaitable<std::string> NodeProcess::ask(const std::string& order, std::string rest) {
    const auto answer = std::make_shared<Answer>(co_await asio::this_coro::executor);
    const int id = ++last_;
    waiting_.emplace(id, answer);
    send(order + " " + std::to_string(id) + " " + rest);
    if (!std::exchange(is_receiving_, true))
        receive();
    co_return co_await answer->channel.async_receive(asio::use_awaitable);
}

asio::awaitable<Emitted> NodeProcess::emit(Interleaving plan, storage::SubjectId subject, int which) {
    std::ostringstream rest;
    rest << which << ' ' << subject.text() << ' ' << plan;
    std::istringstream answer(co_await ask("emit", rest.str()));
    Emitted emitted;
    answer >> emitted.overtaken;
    std::getline(answer >> std::ws, emitted.defect);
    co_return emitted;
}

asio::awaitable<std::string> NodeProcess::withdraw(storage::SubjectId subject) {
    co_return co_await ask("withdraw", subject.text());
}

void NodeProcess::click(std::uint32_t number) {
    send("click " + std::to_string(number));
}

void NodeProcess::acknowledged(std::uint32_t number) {
    send("acknowledged " + std::to_string(number));
}

}  // namespace calyptenora::gate
