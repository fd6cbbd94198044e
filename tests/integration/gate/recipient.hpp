#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace calyptenora::gate {

/// A third party on a local socket that notes whose data the first byte of each connection speaks of.
///
/// What has been received is judged without clocks: on a Unix socket a byte is in the receiver's hands when
/// `write` returns, so whatever was written before `close_for` is called is noted before it returns, and
/// whatever is noted after it was written after.
class Recipient {
  public:
    explicit Recipient(const std::filesystem::path& socket);
    ~Recipient();
    Recipient(const Recipient&) = delete;
    Recipient& operator=(const Recipient&) = delete;

    /// A connection to it, as a plugin's request has before it asks for permission.
    class Connection {
      public:
        explicit Connection(const std::filesystem::path& socket);
        ~Connection();
        Connection(const Connection&) = delete;
        Connection& operator=(const Connection&) = delete;
        /// The request: whose data it speaks of.
        void write_first_byte(std::uint32_t subject);

      private:
        int file_;
    };

    /// From now on nothing may come that speaks of this subject: its withdrawal has been acknowledged.
    void close_for(std::uint32_t subject);

    /// How many requests about this subject have come so far.
    int count(std::uint32_t subject);
    int total();
    /// Subjects of whom something came after the acknowledgement.
    std::vector<std::uint32_t> violations();

  private:
    void take_what_is_there();
    void serve(const std::stop_token& stop);

    int listener_;
    std::mutex mutex_;
    std::set<int> connections_;
    std::map<std::uint32_t, int> received_;
    std::set<std::uint32_t> closed_;
    std::vector<std::uint32_t> violations_;
    std::jthread thread_;
};

}  // namespace calyptenora::gate
