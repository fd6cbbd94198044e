#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

namespace calyptenora::test {

/// A PostgreSQL server of the test program's own: fresh cluster in a temporary folder, run by an unprivileged
/// account, durable as in production, reachable by Unix socket and on loopback. It ends with the program,
/// however that ends.
class Postgres {
  public:
    /// The program's server, started at the first call, when no other thread may be running (it forks).
    /// Throws std::runtime_error with the reason; there is no skipping.
    static Postgres& instance();

    ~Postgres();
    Postgres(const Postgres&) = delete;
    Postgres& operator=(const Postgres&) = delete;

    /// A new empty database; its address over the Unix socket.
    std::string create_database();
    /// The same database's address over TCP, for programs that cannot see the socket.
    std::string tcp_url(const std::string& url) const;

    int port() const { return port_; }
    const std::filesystem::path& folder() const { return folder_; }
    /// The server's process; only for tests that look at the process itself.
    pid_t server_pid() const { return server_; }

  private:
    Postgres();

    std::filesystem::path folder_;
    int port_ = 0;
    int lifeline_ = -1;
    pid_t keeper_ = -1;
    pid_t server_ = -1;
    int databases_ = 0;
};

}  // namespace calyptenora::test
