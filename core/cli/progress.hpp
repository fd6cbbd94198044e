#pragma once

#include <string>

namespace calyptenora::cli {

/// How far long work is, on standard error: one line that rewrites itself on a terminal; in a log, a line for
/// each quarter.
class Progress {
  public:
    Progress();

    /// `done` from 0 to 1.
    void show(const std::string& what, double done);

  private:
    bool is_terminal_;
    std::string what_;
    int shown_ = -1;
};

}  // namespace calyptenora::cli
