#pragma once

#include "gate/ports.hpp"
#include "http/cookies.hpp"
#include "http/fields.hpp"
#include "http/form.hpp"
#include "http/method.hpp"
#include "http/security_headers.hpp"
#include "http/target.hpp"

#include <boost/asio/ip/address.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace calyptenora::http {

/// A request whose framing has been checked, whose body is complete and within the route's limit.
struct Request {
    Method method = Method::GET;
    Target target;
    Headers headers;
    Params cookies;
    std::string body;
    /// Of urlencoded and multipart bodies; empty for others and for routes with BodyUse::raw.
    Form form;
    /// The learner's side: with a trusted proxy the address that it names.
    boost::asio::ip::address peer;
    /// With a trusted proxy what it names.
    Scheme scheme = Scheme::http;
    /// The checked Host value, lower case, for example `localhost:8443`.
    std::string host;
    std::chrono::system_clock::time_point arrived_at;
    /// Names this request in logs and on error pages; 12 random characters.
    std::string reference;

    const std::string& path() const { return target.path; }

    /// `https://localhost:8443`: what browsers send as Origin for our own pages.
    std::string own_origin() const;

    /// The Accept-Language header, empty without one.
    std::string_view accept_language() const;

    /// Global Privacy Control: `Sec-GPC` is exactly `1` and came once.
    bool signals_global_privacy_control() const;
};

/// An open file for answers, closed with its last owner.
class FileHandle {
  public:
    explicit FileHandle(int descriptor) : descriptor_(descriptor) {}
    ~FileHandle();
    FileHandle(const FileHandle&) = delete;
    FileHandle& operator=(const FileHandle&) = delete;
    int descriptor() const { return descriptor_; }

  private:
    int descriptor_;
};

/// A part of a file. Make it with `open_file_response` (files.hpp).
struct FileRange {
    std::shared_ptr<const FileHandle> file;
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
};

/// An answer that was serialised once, at start (assets.hpp): header lines with their CRLFs, and the body.
struct PreparedAnswer {
    std::string header_lines;
    std::shared_ptr<const std::string> body;
};

/// A body that is made while it is sent, such as one that is decrypted. Read by one connection, off the I/O
/// threads.
class BodySource {
  public:
    virtual ~BodySource() = default;
    /// All bytes that there will be.
    virtual std::uint64_t size() const = 0;
    /// The next bytes, at least one; nothing when it fails: the connection is then cut, so that nobody takes
    /// a part for the whole.
    virtual std::optional<std::string> read() = 0;
};

using ResponseBody =
    std::variant<std::string, std::shared_ptr<const PreparedAnswer>, FileRange, std::unique_ptr<BodySource>>;

/// An answer. Content-Length, Date, Connection and the security headers are added when it is sent. Moved,
/// never copied: it is sent once.
struct Response {
    int status = 200;
    Headers headers;
    std::vector<Cookie> cookies;
    ContentSecurityPolicy policy = ContentSecurityPolicy::make_closed();
    ResponseBody body;
    /// Permissions for what the browser discloses to third parties by itself when it gets this answer. When
    /// one of them has run out, something else is sent; the ledger is told what was.
    std::vector<std::unique_ptr<gate::Emission>> emissions = {};

    /// A page of ours, UTF-8, with the policy of a page.
    static Response make_page(std::string html, int status = 200);
    static Response make_text(std::string text, int status = 200);
    /// `document` is serialised JSON.
    static Response make_json(std::string document, int status = 200);
    /// No body, for example 204.
    static Response make_empty(int status = 204);
};

/// 303 by default: the browser fetches `location` with GET, so that reloading does not send a form again.
/// Whoever takes `location` from a request passes it through `find_local_target` first.
Response redirect(std::string_view location, int status = 303);

}  // namespace calyptenora::http
