#pragma once

#include "http/fields.hpp"

#include <calyptenora/result.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace calyptenora::http {

/// An origin as a CSP names it: `https://player.example.org` or with a port. http only for loopback.
class Origin {
  public:
    /// Errors (invalid_input): anything beside scheme, host and port; wildcards; user names; other schemes.
    static Result<Origin> parse(std::string_view text);

    const std::string& text() const { return text_; }
    /// `player.example.org:443`, also where the port goes without saying.
    std::string host_and_port() const;
    auto operator<=>(const Origin&) const = default;

  private:
    explicit Origin(std::string text) : text_(std::move(text)) {}
    std::string text_;
};

/// What one page may load and run. Every policy starts from `default-src 'none'`; there is no way to write
/// `unsafe-inline`, `unsafe-eval`, a wildcard or a third party's script into one.
///
/// A page that shows an embed which this learner has admitted now:
///     response.policy.allow_frame(origin);
class ContentSecurityPolicy {
  public:
    /// Nothing at all: JSON, files, redirects. The default of every response.
    static ContentSecurityPolicy make_closed();

    /// What our own pages load from our own origin: scripts (with Trusted Types), styles, images, fonts,
    /// fetches, media, and forms to ourselves. No frames.
    static ContentSecurityPolicy make_page();

    /// The one place where a third party enters a page: the origin of an embed, to be called only for what
    /// the gate has admitted for this learner and this answer.
    void allow_frame(const Origin& origin);

    /// `data:` images, for codes drawn by the server.
    void allow_data_images() { data_images_ = true; }

    /// `blob:` media, for hls.js.
    void allow_blob_media() { blob_media_ = true; }

    const std::vector<Origin>& frames() const { return frames_; }

    /// The value of the header.
    std::string text() const;

  private:
    enum class Kind : std::uint8_t { closed, page };
    explicit ContentSecurityPolicy(Kind kind) : kind_(kind) {}

    Kind kind_;
    bool data_images_ = false;
    bool blob_media_ = false;
    std::vector<Origin> frames_;
};

/// Whether the learner's side of the connection is encrypted, by us or by a trusted proxy.
enum class Scheme : std::uint8_t { http, https };

/// Name of the only Trusted Types policy that our scripts may create.
inline constexpr std::string_view trusted_types_policy = "calyptenora";

/// Adds what every answer carries (ASVS 5.0, chapter 3.4), except what the response has set already:
/// Content-Security-Policy, X-Content-Type-Options, Referrer-Policy, X-Frame-Options, COOP, CORP,
/// Origin-Agent-Cluster, Permissions-Policy, `Cache-Control: no-store`, and Strict-Transport-Security on TLS.
/// Referrer-Policy is `same-origin`, because `no-referrer` makes browsers send `Origin: null` with our own
/// forms.
void add_security_headers(Headers& headers, const ContentSecurityPolicy& policy, Scheme scheme,
                          std::optional<std::chrono::seconds> hsts_max_age);

}  // namespace calyptenora::http
