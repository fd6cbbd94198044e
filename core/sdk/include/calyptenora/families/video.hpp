#pragma once

#include <calyptenora/families/operation.hpp>

/// Video hosts. Skipped when unavailable: the lesson shows its text and says that the video cannot be played
/// now.
namespace calyptenora::video {

template <template <Category, class> class Field>
struct PlayRecord {
    std::string
        asset;  ///< What the course calls the video: a file's asset id, or `pattern/VIDEOID` for embeds.
    std::string locale;
    std::int64_t ttl_s = 3600;
    Field<Category::user_unique_id_pseudonymous, std::string> viewer;
    BOOST_DESCRIBE_CLASS(PlayRecord, (), (asset, locale, ttl_s, viewer), (), ())
};

/// Adaptive streaming. The signature is part of the path, so that the playlist's relative URLs carry it on.
struct Manifest {
    static constexpr const char* tag = "manifest";
    std::string path;  ///< Below the platform's /media/.
    std::int64_t renew_after_s = 0;
};
/// The third party's player in a frame of its own.
struct Iframe {
    static constexpr const char* tag = "iframe";
    std::string url;
    std::vector<std::string> sandbox;
    std::vector<std::string> allow;
    std::string message_protocol;  ///< Empty: the player says nothing.
};
/// The plugin cannot play without a consent that it does not see.
struct NeedsConsent {
    static constexpr const char* tag = "needs_consent";
    std::string reason;
};
BOOST_DESCRIBE_STRUCT(Manifest, (), (path, renew_after_s))
BOOST_DESCRIBE_STRUCT(Iframe, (), (url, sandbox, allow, message_protocol))
BOOST_DESCRIBE_STRUCT(NeedsConsent, (), (reason))

using PlayReply = std::variant<Manifest, Iframe, NeedsConsent>;

template <template <Category, class> class Field>
struct AssetRecord {
    std::string asset;
    BOOST_DESCRIBE_CLASS(AssetRecord, (), (asset), (), ())
};
struct AssetReply {
    std::string title;
    std::optional<std::int64_t> duration_s;
    std::optional<std::string> frame_origin;  ///< Where the player would be loaded from.
};
BOOST_DESCRIBE_STRUCT(AssetReply, (), (title, duration_s, frame_origin))

/// A request for a playlist, a segment or a key.
template <template <Category, class> class Field>
struct AuthoriseRecord {
    RawHttp http;
    BOOST_DESCRIBE_CLASS(AuthoriseRecord, (), (http), (), ())
};
struct AuthoriseReply {
    bool allowed = false;
    std::string file;  ///< The file below the media folder that the signed path stands for.
};
BOOST_DESCRIBE_STRUCT(AuthoriseReply, (), (allowed, file))

/// A message that the player in the frame has posted, as JSON text.
template <template <Category, class> class Field>
struct NormaliseRecord {
    std::string message;
    BOOST_DESCRIBE_CLASS(NormaliseRecord, (), (message), (), ())
};
struct NormaliseReply {
    std::optional<double> position_s;
    std::optional<double> duration_s;
    bool ended = false;
};
BOOST_DESCRIBE_STRUCT(NormaliseReply, (), (position_s, duration_s, ended))

struct Asset : Operation<"asset", AssetRecord, AssetReply> {};

struct Play : Operation<"play", PlayRecord, PlayReply> {};

/// A fresh signature while the video runs.
struct Renew : Operation<"renew", PlayRecord, PlayReply> {};

struct Authorise : Operation<"authorise", AuthoriseRecord, AuthoriseReply> {};

struct Normalise : Operation<"normalise", NormaliseRecord, NormaliseReply> {};

}  // namespace calyptenora::video
