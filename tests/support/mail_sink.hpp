#pragma once

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <sys/types.h>

#include <cstdint>
#include <string>

namespace calyptenora::test {

/// A real mail server (smtp-server) as a child process, run by node: tests/peers/mail_sink.mjs, which says
/// what it keeps and what it can be told. It ends when its standard input is closed.
class MailSink {
  public:
    MailSink();
    ~MailSink();
    MailSink(const MailSink&) = delete;
    MailSink& operator=(const MailSink&) = delete;

    /// If not: "npm ci in tests/browser" has not been run.
    bool runs() const { return addresses_.is_object(); }
    std::uint16_t port() const { return addresses_.at("port").to_number<std::uint16_t>(); }
    std::string text(const char* name) const { return std::string(addresses_.at(name).as_string()); }

    /// What it is to do, as JSON.
    void control(const std::string& order) const { ask("POST", "/__control", order); }
    /// What has arrived, oldest first; what was refused after its recipient was known, too.
    boost::json::array received() const;
    /// Empties that list.
    void forget() const { ask("POST", "/__forget", "{}"); }

  private:
    std::string ask(const std::string& method, const std::string& path, const std::string& body) const;

    int input_ = -1;
    pid_t child_ = -1;
    boost::json::value addresses_;
};

}  // namespace calyptenora::test
