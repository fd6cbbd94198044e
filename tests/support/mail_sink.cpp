#include "support/mail_sink.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/json/parse.hpp>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>

namespace calyptenora::test {

namespace asio = boost::asio;

MailSink::MailSink() {
    const std::string command = "exec node " CALYPTENORA_SOURCE_DIR "/tests/peers/mail_sink.mjs";
    int input[2], output[2];
    if (pipe(input) != 0 || pipe(output) != 0)
        return;
    child_ = fork();
    if (child_ == 0) {
        dup2(input[0], 0);
        dup2(output[1], 1);
        close(input[1]);
        execlp("sh", "sh", "-c", command.c_str(), nullptr);
        _exit(127);
    }
    close(input[0]);
    close(output[1]);
    input_ = input[1];
    std::string line;
    for (char c = 0; ::read(output[0], &c, 1) == 1 && c != '\n';)
        line += c;
    close(output[0]);
    boost::json::error_code failed;
    addresses_ = boost::json::parse(line, failed);
}

MailSink::~MailSink() {
    close(input_);
    int status = 0;
    waitpid(child_, &status, 0);
}

boost::json::array MailSink::received() const {
    return boost::json::parse(ask("GET", "/__received", "")).as_array();
}

std::string MailSink::ask(const std::string& method, const std::string& path, const std::string& body) const {
    // http://127.0.0.1:PORT
    const auto page = text("page");
    const auto colon = page.rfind(':');
    const auto port = static_cast<std::uint16_t>(std::stoi(page.substr(colon + 1)));
    asio::io_context context;
    asio::ip::tcp::socket socket(context);
    socket.connect({asio::ip::make_address("127.0.0.1"), port});
    const auto request = fmt::format("{} {} HTTP/1.0\r\nHost: 127.0.0.1:{}\r\nContent-Length: {}\r\n\r\n{}",
                                     method, path, port, body.size(), body);
    asio::write(socket, asio::buffer(request));
    std::string answer;
    boost::system::error_code end;
    asio::read(socket, asio::dynamic_buffer(answer), end);
    const auto head = answer.find("\r\n\r\n");
    if (head == std::string::npos || answer.find(" 200 ") > head)
        throw std::runtime_error("the mail sink answers " + answer);
    return answer.substr(head + 4);
}

}  // namespace calyptenora::test
