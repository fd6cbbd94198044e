#pragma once

#include "integration/gate/emitting_node.hpp"

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/streambuf.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace calyptenora::gate {

/// A node in a process of its own (emission_node.cpp), which has its own sessions with the database and
/// shares no memory with this one. It is told what to do by lines, and answers each with one:
///
///     emit ID WHICH SUBJECT PLAN       -> ID OVERTAKEN DEFECT
///     withdraw ID SUBJECT              -> ID DEFECT
///     click NUMBER
///     acknowledged NUMBER
class NodeProcess final : public EmittingNode {
  public:
    /// `arguments`: of the program. Throws if it cannot be started.
    NodeProcess(boost::asio::io_context& context, std::vector<std::string> arguments);
    /// Ends the process.
    ~NodeProcess() override;

    boost::asio::awaitable<Emitted> emit(Interleaving plan, storage::SubjectId subject, int which) override;
    boost::asio::awaitable<std::string> withdraw(storage::SubjectId subject) override;
    void click(std::uint32_t number) override;
    void acknowledged(std::uint32_t number) override;

  private:
    struct Answer;
    /// Sends the order and yields what is answered to it.
    boost::asio::awaitable<std::string> ask(const std::string& order, std::string rest);
    void send(std::string line);
    void receive();

    boost::asio::local::stream_protocol::socket socket_;
    boost::asio::streambuf read_;
    int process_ = 0;
    int last_ = 0;
    bool is_receiving_ = false;
    std::map<int, std::shared_ptr<Answer>> waiting_;
};

}  // namespace calyptenora::gate
