#include "statement.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <functional>

namespace calyptenora::xapi {
namespace {

namespace json = boost::json;

struct VerbWords {
    const char* id;
    const char* de;
    const char* en;
};

VerbWords words_of(analytics::Verb verb) {
    switch (verb) {
        case analytics::Verb::enrolled:
            return {"http://adlnet.gov/expapi/verbs/registered", "hat sich angemeldet", "registered"};
        case analytics::Verb::started:
            return {"http://adlnet.gov/expapi/verbs/initialized", "hat begonnen", "initialized"};
        case analytics::Verb::completed:
            return {"http://adlnet.gov/expapi/verbs/completed", "hat abgeschlossen", "completed"};
        case analytics::Verb::watched:
            return {"http://activitystrea.ms/schema/1.0/watch", "hat angesehen", "watched"};
        case analytics::Verb::viewed:
            return {"http://id.tincanapi.com/verb/viewed", "hat aufgerufen", "viewed"};
    }
    return {};
}

json::object verb(analytics::Verb which) {
    const auto words = words_of(which);
    return {{"id", words.id}, {"display", {{"de", words.de}, {"en", words.en}}}};
}

// A part of an activity's address; everything but unreserved characters is percent-encoded.
std::string segment(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (std::isalnum(byte) || c == '-' || c == '.' || c == '_' || c == '~') {
            out.push_back(c);
        } else {
            char escaped[4];
            std::snprintf(escaped, sizeof escaped, "%%%02X", byte);
            out += escaped;
        }
    }
    return out;
}

json::object activity(const std::string& id, const char* type, const std::string& title,
                      const std::string& language) {
    json::object definition{{"type", type}};
    if (!title.empty())
        definition["name"] = json::object{{language.empty() ? "und" : language, title}};
    return {{"objectType", "Activity"}, {"id", id}, {"definition", std::move(definition)}};
}

constexpr const char* course_type = "http://adlnet.gov/expapi/activities/course";
constexpr const char* lesson_type = "http://adlnet.gov/expapi/activities/lesson";
constexpr const char* video_type = "http://activitystrea.ms/schema/1.0/video";

void describe_progress(json::object& statement, const std::string& platform,
                       const analytics::Progress& progress) {
    const auto course_id = platform + "/courses/" + segment(progress.course);
    auto course = activity(course_id, course_type, progress.course_title, progress.language);
    statement["verb"] = verb(progress.verb);
    statement["timestamp"] = timestamp(progress.occurred_at);
    if (!progress.lesson) {
        statement["object"] = std::move(course);
        return;
    }
    statement["object"] = activity(course_id + "/lessons/" + segment(*progress.lesson), lesson_type,
                                   progress.lesson_title.value_or(""), progress.language);
    statement["context"] = json::object{{"contextActivities", {{"parent", json::array{std::move(course)}}}}};
}

void describe_media(json::object& statement, const std::string& platform, const analytics::MediaUse& media) {
    const auto lesson_id =
        platform + "/courses/" + segment(media.course) + "/lessons/" + segment(media.lesson);
    statement["verb"] = verb(analytics::Verb::watched);
    statement["timestamp"] = timestamp(media.occurred_at);
    statement["object"] = activity(lesson_id + "/videos/" + segment(media.video), video_type, "", "");
    statement["context"] = json::object{
        {"contextActivities", {{"parent", json::array{activity(lesson_id, lesson_type, "", "")}}}}};
}

void add_media_result(json::object& result, const analytics::MediaUse& media) {
    char duration[32];
    std::snprintf(duration, sizeof duration, "PT%.2fS", std::max(0.0, media.watched_s));
    result["duration"] = duration;
    result["extensions"] =
        json::object{{"https://w3id.org/xapi/video/extensions/time", std::max(0.0, media.position_s)}};
}

void collect_texts(const json::value& value, std::vector<std::string>& texts) {
    if (value.is_string())
        texts.emplace_back(value.get_string());
    else if (value.is_array())
        for (const auto& item : value.get_array())
            collect_texts(item, texts);
    else if (value.is_object())
        for (const auto& [key, item] : value.get_object())
            collect_texts(item, texts);
}

}  // namespace

std::string timestamp(UnixMicros instant) {
    using namespace std::chrono;
    const sys_time<milliseconds> time = floor<milliseconds>(sys_time<microseconds>(microseconds(instant)));
    const auto day = floor<days>(time);
    const year_month_day date{day};
    const hh_mm_ss clock{time - day};
    char text[40];
    std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                  static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
    return text;
}

Result<json::object> make_statement(const Request<analytics::Deliver>& event) {
    if (!event.learner)
        return Error(ErrorKind::invalid_input, "the learner's pseudonym was not released");
    if (!event.enrolment && !event.progress && !event.media)
        return Error(ErrorKind::invalid_input, "neither enrolment nor progress nor media use was released");
    json::object actor{{"objectType", "Agent"},
                       {"account", {{"homePage", event.platform}, {"name", *event.learner}}}};
    if (event.name)
        actor["name"] = *event.name;
    json::object statement{{"id", event.id}, {"actor", std::move(actor)}};
    if (event.progress)
        describe_progress(statement, event.platform, *event.progress);
    else if (event.enrolment)
        describe_progress(statement, event.platform, *event.enrolment);
    else
        describe_media(statement, event.platform, *event.media);

    json::object result;
    if (event.grade) {
        const auto percent = std::clamp<std::int64_t>(event.grade->scaled_percent, -100, 100);
        result["score"] = json::object{{"scaled", static_cast<double>(percent) / 100}};
        result["success"] = event.grade->passed;
    }
    if (event.media)
        add_media_result(result, *event.media);
    if (!result.empty())
        statement["result"] = std::move(result);
    return statement;
}

json::object make_voiding_statement(const std::string& statement_id, const std::string& home_page) {
    // A UUID of version 8 that belongs to this one: another with the last digits turned around.
    auto id = statement_id;
    if (id.size() == 36) {
        id[14] = '8';
        for (std::size_t i = 24; i < 36; ++i)
            id[i] = "fedcba9876543210"[std::string_view("0123456789abcdef")
                                           .find(static_cast<char>(
                                               std::tolower(static_cast<unsigned char>(id[i])))) &
                                       15];
    }
    return {
        {"id", id},
        {"actor", {{"objectType", "Agent"}, {"account", {{"homePage", home_page}, {"name", "platform"}}}}},
        {"verb", {{"id", "http://adlnet.gov/expapi/verbs/voided"}, {"display", {{"en", "voided"}}}}},
        {"object", {{"objectType", "StatementRef"}, {"id", statement_id}}}};
}

std::string without_values(std::string_view message, const json::object& statement) {
    std::string text(message.substr(0, 4000));
    std::vector<std::string> values;
    collect_texts(statement, values);
    std::ranges::sort(values, std::greater(), &std::string::size);
    for (const auto& value : values)
        if (value.size() >= 2)
            for (std::size_t at = 0; (at = text.find(value, at)) != std::string::npos; at += 3)
                text.replace(at, value.size(), "...");
    for (auto& c : text)
        if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7E)
            c = ' ';
    return text.substr(0, 200);
}

}  // namespace calyptenora::xapi
