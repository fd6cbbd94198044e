#include "cli/command_line.hpp"

#include "settings/text_check.hpp"

#include <boost/program_options/options_description.hpp>
#include <boost/program_options/parsers.hpp>
#include <boost/program_options/positional_options.hpp>
#include <fmt/format.h>

namespace calyptenora::cli {
namespace {

namespace po = boost::program_options;

constexpr std::string_view argument_key = "argument";

const std::vector<OptionSpec>& common_options() {
    static const std::vector<OptionSpec> options{
        {"config", "FILE", "the operator's settings; default: config/calyptenora.yaml"},
        {"data", "DIR", "where the platform keeps its data; default: data"},
        {"help", "", "show this"},
    };
    return options;
}

std::vector<OptionSpec> all_options(const CommandSpec& command) {
    auto options = command.options;
    options.insert(options.end(), common_options().begin(), common_options().end());
    return options;
}

std::string signature(const CommandSpec& command) {
    return command.argument.empty() ? command.name : command.name + " " + command.argument;
}

/// Lines of `left   right`, wrapped at the page's width.
std::string two_columns(const std::vector<std::pair<std::string, std::string>>& rows) {
    constexpr std::size_t page = 96;
    std::size_t width = 0;
    for (const auto& [left, right] : rows)
        width = std::max(width, left.size());
    std::string text;
    for (const auto& [left, right] : rows) {
        auto line = fmt::format("  {:<{}} ", left, width + 1);
        for (std::size_t start = 0; start < right.size();) {
            const auto end = std::min(right.find(' ', start), right.size());
            if (line.size() + end - start > page) {
                text += line.substr(0, line.find_last_not_of(' ') + 1) + '\n';
                line = std::string(width + 4, ' ');
            }
            line += right.substr(start, end - start) + ' ';
            start = end + 1;
        }
        text += line.substr(0, line.find_last_not_of(' ') + 1) + '\n';
    }
    return text;
}

std::string option_rows(const std::vector<OptionSpec>& options) {
    std::vector<std::pair<std::string, std::string>> rows;
    for (const auto& option : options)
        rows.emplace_back("--" + option.name + (option.value.empty() ? "" : " " + option.value),
                          option.help + (option.required ? " (required)" : ""));
    return two_columns(rows);
}

const CommandSpec* find_command(std::span<const CommandSpec> commands, std::string_view name) {
    for (const auto& command : commands)
        if (command.name == name)
            return &command;
    return nullptr;
}

/// The commands that begin with this word, for `calyptenora gate`.
std::vector<CommandSpec> commands_below(std::span<const CommandSpec> commands, const std::string& word) {
    std::vector<CommandSpec> below;
    for (const auto& command : commands)
        if (command.name.starts_with(word + " "))
            below.push_back(command);
    return below;
}

std::string list_below(const std::vector<CommandSpec>& below) {
    std::vector<std::pair<std::string, std::string>> rows;
    for (const auto& command : below)
        rows.emplace_back(signature(command), command.summary);
    return two_columns(rows);
}

UsageError unknown_command(std::span<const CommandSpec> commands, const std::vector<std::string>& words) {
    const auto two = words.size() > 1 ? words[0] + " " + words[1] : words[0];
    std::vector<std::string> known;
    for (const auto& command : commands)
        known.push_back(command.name);
    auto hint = suggestion(two, known);
    if (hint.empty())
        hint = suggestion(words[0], known);
    return {fmt::format("there is no command \"{}\"{}\n\"calyptenora --help\" lists them.",
                        hint.empty() ? words[0] : two, hint)};
}

UsageError wrong(const CommandSpec& command, std::string_view what) {
    return {fmt::format("{}: {}\n\"calyptenora {} --help\" shows how it is called.", command.name, what,
                        command.name)};
}

std::variant<Invocation, HelpText, UsageError> parse_options(const CommandSpec& command,
                                                             const std::vector<std::string>& words) {
    const auto options = all_options(command);
    po::options_description description;
    std::vector<std::string> names;
    for (const auto& option : options) {
        names.push_back("--" + option.name);
        const auto key = option.name == "help" ? std::string("help,h") : option.name;
        if (option.value.empty())
            description.add_options()(key.c_str(), "");
        else
            description.add_options()(key.c_str(), po::value<std::string>(), "");
    }
    po::positional_options_description positional;
    description.add_options()(argument_key.data(), po::value<std::string>(), "");
    positional.add(argument_key.data(), -1);

    Invocation invocation{.spec = &command};
    try {
        using namespace po::command_line_style;
        const auto parsed = po::command_line_parser(words)
                                .options(description)
                                .positional(positional)
                                .style(allow_long | long_allow_next | long_allow_adjacent | allow_short |
                                       short_allow_next | allow_dash_for_short)
                                .run();
        for (const auto& option : parsed.options) {
            const auto value = option.value.empty() ? std::string() : option.value.front();
            if (option.string_key == argument_key && option.position_key < 0)
                return wrong(command, "unknown option --argument");
            if (option.string_key != argument_key) {
                if (!invocation.options.emplace(option.string_key, value).second)
                    return wrong(command, fmt::format("--{} is given twice", option.string_key));
            } else if (command.argument.empty() || !invocation.argument.empty()) {
                return wrong(command, fmt::format("\"{}\" is one word too many", value));
            } else {
                invocation.argument = value;
            }
        }
    } catch (const po::unknown_option& unknown) {
        return wrong(command, fmt::format("unknown option {}{}", unknown.get_option_name(),
                                          suggestion(unknown.get_option_name(), names)));
    } catch (const po::error_with_option_name& error) {
        return wrong(command, error.what());
    }
    if (invocation.has("help"))
        return HelpText{command_help(command)};
    if (!command.argument.empty() && invocation.argument.empty())
        return wrong(command, command.argument + " is missing");
    for (const auto& option : options)
        if (option.required && !invocation.has(option.name))
            return wrong(command, fmt::format("--{} {} is missing", option.name, option.value));
    return invocation;
}

}  // namespace

std::optional<std::string> Invocation::find(std::string_view option) const {
    const auto found = options.find(option);
    return found == options.end() ? std::nullopt : std::optional(found->second);
}

std::string suggestion(std::string_view word, std::span<const std::string> known) {
    const auto nearest = settings::find_nearest(word, known);
    return nearest ? fmt::format("; did you mean \"{}\"?", *nearest) : std::string();
}

std::string general_help(std::span<const CommandSpec> commands) {
    std::string text =
        "calyptenora - a learning platform on which third parties receive what each learner allows\n\n"
        "usage: calyptenora COMMAND [options]\n";
    std::vector<std::string> groups;
    for (const auto& command : commands)
        if (std::ranges::find(groups, command.group) == groups.end())
            groups.push_back(command.group);
    std::size_t width = 0;
    for (const auto& command : commands)
        width = std::max(width, signature(command).size());
    for (const auto& group : groups) {
        text += "\n" + group + "\n";
        for (const auto& command : commands)
            if (command.group == group)
                text += fmt::format("  {:<{}}  {}\n", signature(command), width, command.summary);
    }
    return text + "\nEvery command takes\n" + option_rows(common_options()) +
           "\n\"calyptenora COMMAND --help\" tells more about one command, with an example.\n"
           "Exit codes: 0 done; 1 failed, or found something wrong; 2 not understood.\n";
}

std::string command_help(const CommandSpec& command) {
    auto text = fmt::format("usage: calyptenora {} [options]\n\n{}\n", signature(command), command.details);
    text += "\nOptions\n" + option_rows(all_options(command));
    return text + "\nExample\n  " + command.example + "\n";
}

std::variant<Invocation, HelpText, UsageError> parse_command_line(const std::vector<std::string>& words,
                                                                  std::span<const CommandSpec> commands) {
    if (words.empty())
        return UsageError{"name a command\n\"calyptenora --help\" lists them."};
    if (words[0] == "--help" || words[0] == "-h")
        return HelpText{general_help(commands)};
    if (words[0] == "--version")
        return HelpText{"calyptenora " CALYPTENORA_VERSION "\n"};
    if (words[0] == "help") {
        std::vector<std::string> asked(words.begin() + 1, words.end());
        if (asked.empty())
            return HelpText{general_help(commands)};
        asked.emplace_back("--help");
        return parse_command_line(asked, commands);
    }
    if (words[0].starts_with('-'))
        return UsageError{fmt::format(
            "the command comes first, then its options ({} stands before any command)", words[0])};

    if (words.size() > 1)
        if (const auto* command = find_command(commands, words[0] + " " + words[1]))
            return parse_options(*command, {words.begin() + 2, words.end()});
    if (const auto* command = find_command(commands, words[0]))
        return parse_options(*command, {words.begin() + 1, words.end()});
    const auto below = commands_below(commands, words[0]);
    if (below.empty())
        return unknown_command(commands, words);
    const bool asks_for_help = words.size() > 1 && (words[1] == "--help" || words[1] == "-h");
    if (asks_for_help)
        return HelpText{list_below(below)};
    if (words.size() == 1 || words[1].starts_with('-'))
        return UsageError{fmt::format("\"{}\" needs a second word:\n{}", words[0], list_below(below))};
    std::vector<std::string> known;
    for (const auto& command : below)
        known.push_back(command.name);
    const auto two = words[0] + " " + words[1];
    return UsageError{
        fmt::format("there is no command \"{}\"{}\n{}", two, suggestion(two, known), list_below(below))};
}

}  // namespace calyptenora::cli
