#include "player_message.hpp"

#include <boost/json/parse.hpp>

#include <cmath>

namespace calyptenora::embed {
namespace {

namespace json = boost::json;

const json::object* object_at(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    return value ? value->if_object() : nullptr;
}

std::string_view text_at(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    return value && value->is_string() ? std::string_view(value->get_string()) : std::string_view();
}

std::optional<double> seconds_at(const json::object& object, std::string_view key) {
    constexpr double longest = 7 * 24 * 3600;
    const auto* value = object.if_contains(key);
    if (!value || !value->is_number())
        return std::nullopt;
    const auto seconds = value->to_number<double>();
    return std::isfinite(seconds) && seconds >= 0 && seconds <= longest ? std::optional(seconds)
                                                                        : std::nullopt;
}

}  // namespace

video::NormaliseReply read_player_message(std::string_view message) {
    video::NormaliseReply reply;
    json::error_code failure;
    const auto parsed = message.size() <= 16 * 1024 ? json::parse(message, failure) : json::value();
    if (failure || !parsed.is_object())
        return reply;
    const auto& object = parsed.get_object();
    const auto event = text_at(object, "event");
    if (const auto type = text_at(object, "type"); type == "timeupdate" || type == "ended") {
        reply = {seconds_at(object, "seconds"), seconds_at(object, "duration"), type == "ended"};
    } else if (event == "timeupdate" || event == "ended") {
        reply.ended = event == "ended";
        if (const auto* data = object_at(object, "data")) {
            reply.position_s = seconds_at(*data, "seconds");
            reply.duration_s = seconds_at(*data, "duration");
        }
    } else if (event == "infoDelivery" || event == "initialDelivery") {
        if (const auto* info = object_at(object, "info")) {
            reply.position_s = seconds_at(*info, "currentTime");
            reply.duration_s = seconds_at(*info, "duration");
            const auto* state = info->if_contains("playerState");
            reply.ended = state && state->is_int64() && state->get_int64() == 0;
        }
    }
    if (reply.duration_s && reply.position_s && *reply.position_s > *reply.duration_s + 1)
        return {};
    return reply;
}

}  // namespace calyptenora::embed
