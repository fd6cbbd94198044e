#include "integration/cli/program.hpp"
#include "support/page_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <regex>

namespace calyptenora::cli::test {
namespace {

using calyptenora::test::PageClient;
using ::testing::HasSubstr;
using ::testing::Not;

struct Credentials {
    std::string email;
    std::string password;
};

/// What the start printed; empty if nothing.
Credentials read_credentials(const std::string& output) {
    static const std::regex lines("\n      (\\S+@\\S+)\n      ([a-z0-9]{4}(?:-[a-z0-9]{4}){5})\n");
    std::smatch found;
    return std::regex_search(output, found, lines) ? Credentials{found[1], found[2]} : Credentials{};
}

int sign_in(const RunningServer& server, const Credentials& who) {
    PageClient client(server.port());
    EXPECT_EQ(client.get("/sign-in").status, 200);
    return client.post("/sign-in", {{"email", who.email}, {"password", who.password}}).status;
}

bool is_in_a_file_of(const std::filesystem::path& folder, const std::string& text) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (!entry.is_regular_file())
            continue;
        std::ifstream stream(entry.path(), std::ios::binary);
        if (std::string(std::istreambuf_iterator<char>(stream), {}).find(text) != std::string::npos)
            return true;
    }
    return false;
}

TEST(FirstStart, MakesAnAccountWhosePasswordIsShownOnce) {
    const Place place;
    Credentials shown;
    {
        const RunningServer server(place, {"--first-account"});
        ASSERT_TRUE(server.is_open()) << server.output();
        shown = read_credentials(server.output());
        ASSERT_NE(shown.password, "") << server.output();
        EXPECT_EQ(shown.email, "a@lms.example") << "the operator's address of the settings";
        EXPECT_THAT(server.output(),
                    HasSubstr("Sign in at http://localhost:" + std::to_string(server.port()) + "/sign-in"));
        EXPECT_EQ(sign_in(server, {shown.email, shown.password + "x"}), 422);
        EXPECT_EQ(sign_in(server, shown), 303);
        EXPECT_FALSE(is_in_a_file_of(place.data(), shown.password)) << "kept in clear nowhere";
        EXPECT_TRUE(is_in_a_file_of(place.data(), "auth/password")) << "what is kept would be found";
    }
    const RunningServer second(place, {"--first-account"});
    ASSERT_TRUE(second.is_open());
    EXPECT_EQ(read_credentials(second.output()).password, "") << "once";
    EXPECT_THAT(second.output(), Not(HasSubstr("/sign-in")));
    EXPECT_EQ(sign_in(second, shown), 303);
}

TEST(FirstStart, HasNoDefaultPassword) {
    std::string passwords[2];
    for (auto& password : passwords) {
        const Place place;
        const RunningServer server(place, {"--first-account"});
        password = read_credentials(server.output()).password;
        EXPECT_NE(password, "");
    }
    EXPECT_NE(passwords[0], passwords[1]);
}

TEST(FirstStart, WithoutTheOptionSaysHowAccountsComeAbout) {
    const Place place;
    {
        const RunningServer server(place);
        ASSERT_TRUE(server.is_open());
        EXPECT_EQ(read_credentials(server.output()).password, "");
        EXPECT_THAT(server.output(), HasSubstr("Nobody has an account yet"));
        EXPECT_THAT(server.output(), HasSubstr("/register"));
        EXPECT_THAT(server.output(), HasSubstr("calyptenora user add"));
        ASSERT_EQ(place.add_user("ada@lms.example").code, 0);
    }
    const RunningServer later(place, {"--first-account"});
    EXPECT_THAT(later.output(), Not(HasSubstr("account"))) << "somebody has one, so none is made";
}

}  // namespace
}  // namespace calyptenora::cli::test
