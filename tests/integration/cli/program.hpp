#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace calyptenora::cli::test {

struct Outcome {
    int code = -1;  ///< 128 + signal if one ended it.
    std::string out;
    std::string err;
};

/// Runs the built program to its end, with a standard input of `input` and without a terminal.
Outcome run_program(const std::vector<std::string>& words, const std::string& input = "");

/// A platform in a folder of its own: settings that only need built plugins, and a data folder.
class Place {
  public:
    Place();
    ~Place();
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    std::filesystem::path folder() const { return folder_; }
    std::filesystem::path config() const { return folder_ / "calyptenora.yaml"; }
    std::filesystem::path data() const { return folder_ / "data"; }
    void write(const std::string& name, const std::string& text) const;

    /// A command on this place.
    Outcome run(std::vector<std::string> words, const std::string& input = "") const;
    /// The same for an account that is opened with a good password.
    Outcome add_user(const std::string& email, std::vector<std::string> more = {}) const;

  private:
    std::filesystem::path folder_;
};

/// `calyptenora serve` on a place, until this ends.
class RunningServer {
  public:
    /// Waits until it is open. `more` words go to `serve`.
    explicit RunningServer(const Place& place, const std::vector<std::string>& more = {});
    ~RunningServer();
    RunningServer(const RunningServer&) = delete;
    RunningServer& operator=(const RunningServer&) = delete;

    bool is_open() const { return is_open_; }
    pid_t pid() const { return pid_; }
    std::uint16_t port() const;
    /// Until it was open.
    const std::string& output() const { return output_; }
    /// What it has written since it was open, or since the last call.
    std::string read_more() const;

  private:
    pid_t pid_ = -1;
    int pipe_ = -1;
    bool is_open_ = false;
    std::string output_;
};

}  // namespace calyptenora::cli::test
