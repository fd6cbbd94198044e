#include "cli/command_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace calyptenora::cli::test {
namespace {

using ::testing::HasSubstr;

const std::vector<CommandSpec>& commands() {
    static const std::vector<CommandSpec> list{
        {.name = "serve",
         .group = "Run",
         .summary = "open it",
         .details = "Opens it.",
         .options = {{"port", "PORT", "there"}},
         .example = "calyptenora serve"},
        {.name = "check",
         .group = "Configure",
         .summary = "find mistakes",
         .details = "Finds them.",
         .argument = "FILE",
         .options = {{"json", "", "as JSON"}},
         .example = "calyptenora check x.yaml"},
        {.name = "gate explain",
         .group = "Protect",
         .summary = "say why",
         .details = "Says why.",
         .options = {{"learner", "ID", "of whom", true}},
         .example = "calyptenora gate explain --learner 1"},
    };
    return list;
}

auto parse(const std::vector<std::string>& words) {
    return parse_command_line(words, commands());
}
std::string error_of(const std::vector<std::string>& words) {
    const auto outcome = parse(words);
    const auto* error = std::get_if<UsageError>(&outcome);
    return error ? error->text : "no error";
}
std::string help_of(const std::vector<std::string>& words) {
    const auto outcome = parse(words);
    const auto* help = std::get_if<HelpText>(&outcome);
    return help ? help->text : "no help";
}

TEST(CommandLine, ReadsCommandArgumentAndOptionsInAnyOrder) {
    for (const auto& words : std::vector<std::vector<std::string>>{
             {"check", "a.yaml", "--json", "--data", "d"}, {"check", "--data=d", "--json", "a.yaml"}}) {
        const auto outcome = parse(words);
        ASSERT_TRUE(std::holds_alternative<Invocation>(outcome)) << error_of(words);
        const auto& invocation = std::get<Invocation>(outcome);
        EXPECT_EQ(invocation.spec->name, "check");
        EXPECT_EQ(invocation.argument, "a.yaml");
        EXPECT_TRUE(invocation.has("json"));
        EXPECT_EQ(invocation.find("data"), "d");
        EXPECT_EQ(invocation.find("config"), std::nullopt);
    }
}

TEST(CommandLine, CommandsHaveOneOrTwoWords) {
    const auto outcome = parse({"gate", "explain", "--learner", "7"});
    ASSERT_TRUE(std::holds_alternative<Invocation>(outcome));
    EXPECT_EQ(std::get<Invocation>(outcome).find("learner"), "7");
}

TEST(CommandLine, NamesTheNearestCommand) {
    EXPECT_THAT(error_of({"chekc", "x"}), HasSubstr("did you mean \"check\"?"));
    EXPECT_THAT(error_of({"gate", "explian"}), HasSubstr("did you mean \"gate explain\"?"));
    EXPECT_THAT(error_of({"entirely-different"}), HasSubstr("there is no command \"entirely-different\""));
    EXPECT_THAT(error_of({}), HasSubstr("name a command"));
    EXPECT_THAT(error_of({"gate"}), HasSubstr("gate explain"));
}

TEST(CommandLine, NamesTheNearestOption) {
    EXPECT_THAT(error_of({"check", "x", "--jsn"}), HasSubstr("did you mean \"--json\"?"));
    EXPECT_THAT(error_of({"check", "x", "--js"}), HasSubstr("unknown option --js"))
        << "an abbreviation that works today could mean something else tomorrow";
}

TEST(CommandLine, SaysWhatIsMissingOrTooMuch) {
    EXPECT_THAT(error_of({"check"}), HasSubstr("FILE is missing"));
    EXPECT_THAT(error_of({"check", "a", "b"}), HasSubstr("\"b\" is one word too many"));
    EXPECT_THAT(error_of({"serve", "now"}), HasSubstr("\"now\" is one word too many"));
    EXPECT_THAT(error_of({"check", "a", "--data"}), HasSubstr("--data"));
    EXPECT_THAT(error_of({"check", "a", "--data", "x", "--data", "y"}), HasSubstr("--data is given twice"));
    EXPECT_THAT(error_of({"gate", "explain"}), HasSubstr("--learner ID is missing"));
    EXPECT_THAT(error_of({"--data", "x", "check"}), HasSubstr("the command comes first"));
    EXPECT_THAT(error_of({"check", "--argument", "a"}), HasSubstr("unknown option --argument"));
}

TEST(CommandLine, HelpsInGeneralAndForEachCommand) {
    for (const auto& words : std::vector<std::vector<std::string>>{{"--help"}, {"-h"}, {"help"}}) {
        const auto text = help_of(words);
        for (const auto& command : commands()) {
            EXPECT_THAT(text, HasSubstr(command.name));
            EXPECT_THAT(text, HasSubstr("\n" + command.group + "\n"));
        }
    }
    for (const auto& words : std::vector<std::vector<std::string>>{
             {"check", "--help"}, {"check", "-h"}, {"help", "check"}, {"check", "x", "--help"}}) {
        const auto text = help_of(words);
        EXPECT_THAT(text, HasSubstr("usage: calyptenora check FILE"));
        EXPECT_THAT(text, HasSubstr("Example\n  calyptenora check x.yaml"));
        EXPECT_THAT(text, HasSubstr("--data DIR"));
    }
    EXPECT_THAT(help_of({"gate", "--help"}), HasSubstr("gate explain"));
}

}  // namespace
}  // namespace calyptenora::cli::test
