#include "player.hpp"
#include "player_message.hpp"

#include <calyptenora/sdk.hpp>

#include <algorithm>
#include <stdexcept>

namespace calyptenora::embed {
namespace {

class EmbedPlugin : public VideoPlugin {
  public:
    struct Settings {
        std::vector<std::string> origins;
        std::vector<std::string> players;
    };

    EmbedPlugin(Host, const Settings& settings) {
        std::vector<std::string> origins;
        for (const auto& text : settings.origins) {
            auto origin = find_origin(text);
            if (!origin)
                throw std::invalid_argument("origins: \"" + text +
                                            "\" is no origin that begins with https://");
            origins.push_back(std::move(*origin));
        }
        for (const auto& line : settings.players) {
            auto player = parse_player(line);
            if (std::ranges::find(origins, player.origin) == origins.end())
                throw std::invalid_argument("players: " + player.origin +
                                            " is not among origins, so that no page could show it");
            if (std::ranges::find(players_, player.name, &Player::name) != players_.end())
                throw std::invalid_argument("players: \"" + player.name + "\" stands there twice");
            players_.push_back(std::move(player));
        }
    }

    task<Result<video::PlayReply>> play(Request<video::Play> request) override {
        const auto found = find(request.asset);
        if (!found)
            co_return found.error();
        co_return video::PlayReply(video::Iframe{found->url,
                                                 {"allow-scripts", "allow-same-origin", "allow-presentation"},
                                                 {"fullscreen", "encrypted-media", "picture-in-picture"},
                                                 found->player->protocol});
    }

    task<Result<video::PlayReply>> renew(Request<video::Renew> request) override {
        return play(std::move(request));
    }

    task<Result<video::AssetReply>> asset(Request<video::Asset> request) override {
        const auto found = find(request.asset);
        if (!found)
            co_return found.error();
        co_return video::AssetReply{found->player->title, std::nullopt, found->player->origin};
    }

    task<Result<video::NormaliseReply>> normalise(Request<video::Normalise> request) override {
        co_return read_player_message(request.message);
    }

    task<Result<SubjectOutcome>> export_subject(Request<rights::ExportSubject>) override {
        co_return ask_provider();
    }
    task<Result<SubjectOutcome>> erase_subject(Request<rights::EraseSubject>) override {
        co_return ask_provider();
    }

  private:
    struct Found {
        const Player* player;
        std::string url;
    };

    Result<Found> find(const std::string& asset) const {
        const auto slash = asset.find('/');
        const auto player = std::ranges::find(players_, asset.substr(0, slash), &Player::name);
        if (slash == std::string::npos || player == players_.end())
            return Error(ErrorKind::not_found, "a video is named player/ID, with a player of the settings");
        auto url = player->find_url(asset.substr(slash + 1));
        if (!url)
            return Error(ErrorKind::not_found, "the id is none of " + player->title);
        return Found{&*player, std::move(*url)};
    }

    static SubjectOutcome ask_provider() {
        return outcome::Manual{
            "The platform has told the provider nothing about the learner. What the provider has collected "
            "from "
            "the learner's browser only the provider knows: the learner's rights are exercised there."};
    }

    std::vector<Player> players_;
};
BOOST_DESCRIBE_STRUCT(EmbedPlugin::Settings, (), (origins, players))

}  // namespace
}  // namespace calyptenora::embed

CALYPTENORA_PLUGIN(calyptenora::embed::EmbedPlugin)
