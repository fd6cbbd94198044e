#include "http/router.hpp"

#include <gtest/gtest.h>

namespace calyptenora::http {
namespace {

boost::asio::awaitable<Response> nothing(Request&, const PathParams&) {
    co_return Response{};
}

class RouterTest : public testing::Test {
  protected:
    void SetUp() override {
        for (const auto* pattern :
             {"/", "/courses", "/courses/new", "/courses/{slug}", "/courses/{slug}/lessons/{id}",
              "/courses/new/draft", "/media/{file...}", "/media/index"}) {
            router_.get(pattern, nothing);
        }
        router_.post("/courses/{slug}", nothing, {.max_body_bytes = 7});
    }

    std::string pattern_of(std::string_view path, Method method = Method::GET) const {
        auto match = router_.match(method, path);
        auto* found = std::get_if<Router::Found>(&match);
        return found != nullptr ? found->route->pattern : "";
    }

    Router router_;
};

TEST_F(RouterTest, LiteralGoesBeforeName) {
    EXPECT_EQ(pattern_of("/"), "/");
    EXPECT_EQ(pattern_of("/courses/new"), "/courses/new");
    EXPECT_EQ(pattern_of("/courses/python"), "/courses/{slug}");
    EXPECT_EQ(pattern_of("/courses/new/lessons/1"), "/courses/{slug}/lessons/{id}")
        << "comes back from the literal";
    EXPECT_EQ(pattern_of("/media/index"), "/media/index");
    EXPECT_EQ(pattern_of("/media/index/x"), "/media/{file...}");
}

TEST_F(RouterTest, FindsNothing) {
    for (const auto* path :
         {"", "courses", "/courses/", "/courses/a/lessons/", "/courses/a/b", "/media/", "/x"}) {
        EXPECT_EQ(pattern_of(path), "") << path;
    }
}

TEST_F(RouterTest, PassesTheValues) {
    auto match = router_.match(Method::GET, "/courses/caf\xc3\xa9/lessons/4");
    const auto& params = std::get<Router::Found>(match).params;
    EXPECT_EQ(params.at("slug"), "caf\xc3\xa9");
    EXPECT_EQ(params.at("id"), "4");
    EXPECT_THROW(params.at("other"), std::out_of_range);
    match = router_.match(Method::GET, "/media/a/b.png");
    EXPECT_EQ(std::get<Router::Found>(match).params.at("file"), "a/b.png");
}

TEST_F(RouterTest, MethodsAndLimits) {
    EXPECT_EQ(pattern_of("/courses", Method::HEAD), "/courses");
    auto match = router_.match(Method::POST, "/courses/python");
    EXPECT_EQ(std::get<Router::Found>(match).route->options.max_body_bytes, 7U);
    match = router_.match(Method::DELETE, "/courses/python");
    EXPECT_EQ(std::get<Router::MethodNotAllowed>(match).allow, "GET, HEAD, POST, OPTIONS");
}

TEST_F(RouterTest, RefusesBadPatterns) {
    for (const auto* pattern :
         {"courses", "/courses", "/a{b}", "/{}", "/{...}", "/{a...}/b", "/{a}b", "/courses/{id}"}) {
        EXPECT_THROW(router_.get(pattern, nothing), std::logic_error) << pattern;
    }
    EXPECT_THROW(router_.add(Method::HEAD, "/new", nothing), std::logic_error);
}

}  // namespace
}  // namespace calyptenora::http
