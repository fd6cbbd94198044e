#pragma once

#include <calyptenora/result.hpp>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

/// How commands reach a running server: `<data>/control.sock`, for the server's own user and root alone (mode
/// 0600, and SO_PEERCRED of each peer is checked). One request and one answer a connection, each a JSON
/// document behind its length (4 bytes, big-endian):
///
///     {"command": "payments.import", "arguments": {...}}
///     {"result": ...}  or  {"error": {"kind": "not_found", "message": "..."}}
namespace calyptenora::cli {

/// Carries out one command. Called on the control server's thread, one at a time; may block.
using ControlHandler = std::function<Result<boost::json::value>(const std::string& command,
                                                                const boost::json::object& arguments)>;

/// The server's end. Owns one thread, which ends in stop().
class ControlServer {
  public:
    /// Listens at once. Only for the holder of the data folder's lock, since it removes an old socket.
    static Result<std::unique_ptr<ControlServer>> start(const std::filesystem::path& data,
                                                        ControlHandler handler);
    ~ControlServer() { stop(); }
    ControlServer(const ControlServer&) = delete;
    ControlServer& operator=(const ControlServer&) = delete;

    /// Returns after the command that is under way. Idempotent.
    void stop();

  private:
    ControlServer(int listener, int wake, std::filesystem::path socket, ControlHandler handler);
    void run();
    void answer(int peer) const;

    int listener_;
    int wake_;
    std::filesystem::path socket_;
    ControlHandler handler_;
    std::thread thread_;
};

/// Sends one command to the server of this data folder. Nothing: none listens there. An error is what the
/// command came to, or `temporary` if the server went away in between.
std::optional<Result<boost::json::value>> send_to_server(const std::filesystem::path& data,
                                                         const std::string& command,
                                                         const boost::json::object& arguments);

}  // namespace calyptenora::cli
