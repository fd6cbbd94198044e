#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// A person's browser, as far as pages without scripts need one.
namespace calyptenora::test {

struct Page {
    int status = 0;
    std::string location;  ///< Where an answer leads; empty if nowhere.
    std::string body;
};

/// Keeps cookies, and puts the last page's CSRF token into the forms that it sends. Follows nothing. Throws
/// boost::system::system_error when the connection or its TLS fails, and when there is no answer.
class PageClient {
  public:
    using Fields = std::vector<std::pair<std::string, std::string>>;

    /// Plain HTTP; with `trusted`, TLS with just that certificate, for the name localhost.
    explicit PageClient(std::uint16_t port, std::optional<std::filesystem::path> trusted = std::nullopt,
                        std::string language = "en")
        : port_(port), trusted_(std::move(trusted)), language_(std::move(language)) {}

    /// From now on another browser asks.
    void use_agent(std::string user_agent) { user_agent_ = std::move(user_agent); }

    Page get(const std::string& path);
    /// Without a page before, there is no token.
    Page post(const std::string& path, const Fields& fields);

  private:
    Page ask(const std::string& head, const std::string& body);
    std::string exchange(const std::string& request) const;

    std::uint16_t port_;
    std::optional<std::filesystem::path> trusted_;
    std::string language_;
    std::string user_agent_ = "PageClient";
    std::map<std::string, std::string> cookies_;
    std::string token_;
};

}  // namespace calyptenora::test
