#include "signed_path.hpp"

#include <calyptenora/sdk.hpp>

#include <algorithm>
#include <stdexcept>

namespace calyptenora::hls {
namespace {

class HlsPlugin : public VideoPlugin {
  public:
    struct Settings {
        std::vector<std::string> signing_keys;
        std::int64_t longest_ttl = 0;  ///< Milliseconds.
    };

    HlsPlugin(Host host, const Settings& settings) : host_(host), settings_(settings) {
        if (settings_.signing_keys.empty())
            throw std::invalid_argument("signing_keys: at least one");
        for (const auto& key : settings_.signing_keys)
            if (key.size() < 32)
                throw std::invalid_argument("signing_keys: each of at least 32 characters");
    }

    task<Result<video::PlayReply>> play(Request<video::Play> request) override {
        if (!is_asset_name(request.asset))
            co_return Error(ErrorKind::not_found, "a video's name is one folder name");
        const auto now = co_await host_.clock();
        if (!now)
            co_return now.error();
        // Rounded up to five minutes: an address of its own for each learner would be a mark to follow.
        constexpr std::int64_t step = 300;
        const auto now_s = now->unix_micros / 1'000'000;
        const auto ttl = std::clamp<std::int64_t>(request.ttl_s, 60, settings_.longest_ttl / 1000);
        const auto expires_at = (now_s + ttl + step - 1) / step * step;
        co_return video::PlayReply(
            video::Manifest{sign_path(request.asset, expires_at, settings_.signing_keys.front()),
                            std::max<std::int64_t>(30, expires_at - now_s - 60)});
    }

    task<Result<video::PlayReply>> renew(Request<video::Renew> request) override {
        return play(std::move(request));
    }

    task<Result<video::AssetReply>> asset(Request<video::Asset> request) override {
        if (!is_asset_name(request.asset))
            co_return Error(ErrorKind::not_found, "a video's name is one folder name");
        co_return video::AssetReply{request.asset, std::nullopt, std::nullopt};
    }

    task<Result<video::AuthoriseReply>> authorise(Request<video::Authorise> request) override {
        if (request.http.method != "GET" && request.http.method != "HEAD")
            co_return video::AuthoriseReply{};
        auto found = find_signed_file(request.http.path, settings_.signing_keys);
        if (!found)
            co_return video::AuthoriseReply{};
        const auto now = co_await host_.clock();
        if (!now)
            co_return now.error();
        if (now->unix_micros / 1'000'000 >= found->expires_at)
            co_return video::AuthoriseReply{};
        co_return video::AuthoriseReply{true, std::move(found->file)};
    }

    task<Result<SubjectOutcome>> export_subject(Request<rights::ExportSubject>) override {
        return nothing_kept();
    }
    task<Result<SubjectOutcome>> erase_subject(Request<rights::EraseSubject>) override {
        return nothing_kept();
    }
    task<Result<SubjectOutcome>> rectify_subject(Request<rights::RectifySubject>) override {
        return nothing_kept();
    }
    task<Result<SubjectOutcome>> restrict_subject(Request<rights::RestrictSubject>) override {
        return nothing_kept();
    }

  private:
    static task<Result<SubjectOutcome>> nothing_kept() {
        co_return SubjectOutcome(outcome::Done{"No datum of a learner is received, kept or passed on."});
    }

    Host host_;
    Settings settings_;
};
BOOST_DESCRIBE_STRUCT(HlsPlugin::Settings, (), (signing_keys, longest_ttl))

}  // namespace
}  // namespace calyptenora::hls

CALYPTENORA_PLUGIN(calyptenora::hls::HlsPlugin)
