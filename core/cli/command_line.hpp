#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// Understanding `calyptenora COMMAND ...`. Pure: takes words, yields a call, a help text or what is wrong.
namespace calyptenora::cli {

struct OptionSpec {
    std::string name;
    std::string value;  ///< What stands for its value in help texts (`FILE`); empty: it takes none.
    std::string help;
    bool required = false;
};

/// All that is known about a command before it runs; help texts are written from it.
struct CommandSpec {
    std::string name;           ///< One or two words: `check`, `gate explain`.
    std::string group;          ///< The heading under which the general help shows it.
    std::string summary;        ///< One line, without a full stop.
    std::string details;        ///< One or more paragraphs.
    std::string argument = {};  ///< Its one argument (`FILE`), which must be given; empty: none.
    std::vector<OptionSpec> options = {};
    std::string example;
};

/// A command as somebody called it.
struct Invocation {
    const CommandSpec* spec = nullptr;
    std::map<std::string, std::string, std::less<>> options = {};
    std::string argument = {};

    bool has(std::string_view option) const { return options.contains(option); }
    std::optional<std::string> find(std::string_view option) const;
};

struct HelpText {
    std::string text;
};
struct UsageError {
    std::string text;  ///< What is wrong and, where one is near, what was probably meant.
};

/// Reads the words after the program's name. `commands` must outlive the Invocation.
std::variant<Invocation, HelpText, UsageError> parse_command_line(const std::vector<std::string>& words,
                                                                  std::span<const CommandSpec> commands);

/// All commands by what they are for.
std::string general_help(std::span<const CommandSpec> commands);

/// One command, with an example.
std::string command_help(const CommandSpec& command);

/// `; did you mean "x"?`, or nothing.
std::string suggestion(std::string_view word, std::span<const std::string> known);

}  // namespace calyptenora::cli
