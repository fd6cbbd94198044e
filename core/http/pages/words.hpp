#pragma once

#include "http/pages/visit.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <map>
#include <string>

/// Data flows in words: the one place that turns rows of the policy into what pages say about them.
namespace calyptenora::http {

using platform::LastSent;

/// "your name and your e-mail address".
std::string fields_in_words(const Visit& visit, CategoryMask fields);

/// What a flow sends at most: declared and granted.
CategoryMask fields_of_flow(const gate::PolicyFlow& row);

/// The view of partials/third_party.
boost::json::object third_party_view(const Visit& visit, const gate::PolicyFlow& row);

/// The view of partials/recipient; without a control for the privacy notice.
enum class WithControl : bool { no, yes };
boost::json::object recipient_view(const Visit& visit, const gate::Standing& standing, WithControl control,
                                   const LastSent& last_sent = {});

/// The view of one choice on consent_choose.
boost::json::object choice_view(const Visit& visit, const gate::PolicyFlow& row);

/// Whether people are shown a flow: somebody else gets something, or they are asked and need a switch.
bool is_shown(const gate::PolicyFlow& row);

/// What is shown, grouped by purpose: title, explanation, rows[].
boost::json::array purpose_groups(const Visit& visit, WithControl control, const LastSent& last_sent = {});

/// One sentence about something that was sent.
std::string receipt_sentence(const Visit& visit, const storage::Disclosure& disclosure);

/// Names a flow in forms: `<instance>|<purpose>`.
std::string flow_key(const gate::PolicyFlow& row);
/// The flow that a form names, or nullptr.
const gate::PolicyFlow* find_flow(const gate::Policy& policy, std::string_view key);

/// The exact text and choices that a person has in front of them when they choose; part of the proof.
std::string shown_text(const Visit& visit, const std::vector<const gate::PolicyFlow*>& rows);

/// The view of an announcement of a new privacy notice.
boost::json::object announcement_view(const Visit& visit, const platform::PolicyAnnouncement& announcement);

/// The page that says what has changed with a version of the privacy notice.
std::string version_url(const storage::PolicyVersion& version);

/// Where the visitor is, as far as they say so; else where the platform is.
std::string_view time_zone_of(const Visit& visit);

/// Day and time in the visitor's language, at the place that they have chosen or else the platform's.
std::string date_text(const Visit& visit, storage::Timestamp moment);
std::string moment_text(const Visit& visit, storage::Timestamp moment);
/// `2034-12-31`, as a person reads it.
std::string day_text(const Visit& visit, const std::string& iso);

}  // namespace calyptenora::http
