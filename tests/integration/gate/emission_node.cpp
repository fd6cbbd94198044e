#include "integration/gate/emitting_node.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <unistd.h>

#include <cstdio>
#include <istream>
#include <sstream>

/// A node of the platform in a process of its own; the other end of NodeProcess, on the standard input.
///
///     emission_node DATABASE_URL KEY_STORE_URL MASTER_KEY_FILE RECIPIENT_SOCKET
namespace calyptenora::gate {
namespace {

namespace asio = boost::asio;

/// A defect ends the process.
void rethrow(const std::exception_ptr& error) {
    if (error)
        std::rethrow_exception(error);
}

class Orders {
  public:
    Orders(asio::io_context& context, LocalNode& node) : socket_(context), node_(node) {
        socket_.assign(asio::local::stream_protocol(), dup(STDIN_FILENO));
    }

    asio::awaitable<void> carry_out() {
        asio::streambuf read;
        std::istream lines(&read);
        while (true) {
            co_await asio::async_read_until(socket_, read, '\n', asio::use_awaitable);
            std::string line;
            std::getline(lines, line);
            begin(line);
        }
    }

  private:
    void begin(const std::string& line) {
        std::istringstream words(line);
        std::string order, subject;
        int id = 0, which = 0;
        std::uint32_t number = 0;
        words >> order;
        if (order == "click" && words >> number)
            node_.click(number);
        else if (order == "acknowledged" && words >> number)
            node_.acknowledged(number);
        else if (order == "withdraw" && words >> id >> subject)
            asio::co_spawn(socket_.get_executor(), withdraw(id, storage::SubjectId::from_database(subject)),
                           rethrow);
        else if (Interleaving plan; order == "emit" && words >> id >> which >> subject >> plan)
            asio::co_spawn(socket_.get_executor(),
                           emit(id, plan, storage::SubjectId::from_database(subject), which), rethrow);
        else
            throw std::runtime_error("no order: " + line);
    }
    asio::awaitable<void> emit(int id, Interleaving plan, storage::SubjectId subject, int which) {
        const auto emitted = co_await node_.emit(plan, std::move(subject), which);
        answer(id, std::to_string(emitted.overtaken) + " " + emitted.defect);
    }
    asio::awaitable<void> withdraw(int id, storage::SubjectId subject) {
        answer(id, co_await node_.withdraw(std::move(subject)));
    }
    void answer(int id, const std::string& rest) {
        asio::write(socket_, asio::buffer(std::to_string(id) + " " + rest + "\n"));
    }

    asio::local::stream_protocol::socket socket_;
    LocalNode& node_;
};

int serve(const std::string& database_url, const std::string& keys_url, const std::string& master_key,
          const std::string& recipient) {
    const auto keys =
        storage::KeyStore::open(keys_url, storage::MasterKey::load_or_create(master_key).value()).value();
    const storage::FieldCipher cipher(*keys);
    const auto database = storage::Database::open(database_url).value();
    asio::io_context context;
    LocalNode node(context, *database, cipher, "node-b", recipient);
    Orders orders(context, node);
    asio::co_spawn(context, orders.carry_out(), rethrow);
    context.run();
    return 0;
}

}  // namespace
}  // namespace calyptenora::gate

int main(int count, char** words) {
    if (count != 5)
        return 2;
    try {
        return calyptenora::gate::serve(words[1], words[2], words[3], words[4]);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "emission_node: %s\n", error.what());
        return 1;
    }
}
