#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace calyptenora::host {

/// Makes a text that a plugin wrote fit for the operator's log: one line of bounded length, no control
/// characters, none of the given secrets (also not in base64 or percent-encoding), nothing that looks like an
/// e-mail address. What is taken out is replaced by `[secret]` or `[e-mail]`. This is a net for mistakes: a
/// plugin that wants to get a value into the log can always spell it differently.
class Redactor {
  public:
    /// Secrets shorter than four bytes are left alone: they would make every line unreadable.
    explicit Redactor(const std::vector<std::string>& secrets);
    Redactor(const Redactor&) = default;
    Redactor& operator=(const Redactor&) = default;
    ~Redactor();

    /// The same with further secrets, those of one call.
    Redactor with(const std::vector<std::string>& secrets) const;
    /// One that knows what either knows.
    Redactor with(const Redactor& other) const;

    std::string line(std::string_view text) const;

    static constexpr std::size_t longest_line = 1000;  ///< In bytes; a longer text is cut and marked.

  private:
    void add(std::string_view secret);
    void add_form(std::string form);

    std::vector<std::string> forms_;  ///< What to look for, longest first.
};

}  // namespace calyptenora::host
