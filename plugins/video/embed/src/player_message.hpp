#pragma once

#include <calyptenora/families/video.hpp>

#include <string_view>

namespace calyptenora::embed {

/// What a player's message (JSON text) says about the position. Known are three framings, told apart by their
/// shape:
///   generic  {"type":"timeupdate","seconds":1.5,"duration":60}, {"type":"ended"}
///   vimeo    {"event":"timeupdate","data":{"seconds":1.5,"duration":60}}, {"event":"ended"}
///   youtube  {"event":"infoDelivery","info":{"currentTime":1.5,"duration":60,"playerState":0}}
/// Anything else, and numbers that cannot be, say nothing.
video::NormaliseReply read_player_message(std::string_view message);

}  // namespace calyptenora::embed
