#pragma once

#include "gate/choices.hpp"
#include "gate/frames.hpp"
#include "gate/gate.hpp"
#include "http/assets.hpp"
#include "http/pages/course_cards.hpp"
#include "http/rate_limit.hpp"
#include "platform/account_security.hpp"
#include "platform/accounts.hpp"
#include "platform/cases.hpp"
#include "platform/catalogue_search.hpp"
#include "platform/consent_receipts.hpp"
#include "platform/contracts.hpp"
#include "platform/courses/catalogue.hpp"
#include "platform/figures.hpp"
#include "platform/learning.hpp"
#include "platform/news.hpp"
#include "platform/notes.hpp"
#include "platform/notifications.hpp"
#include "platform/orders.hpp"
#include "platform/policy_versions.hpp"
#include "platform/profile.hpp"
#include "platform/receipts.hpp"
#include "platform/rights/copies.hpp"
#include "platform/rights/requests.hpp"
#include "platform/staff/access_reviews.hpp"
#include "platform/staff/legal_demands.hpp"
#include "platform/staff/staff.hpp"
#include "platform/study_times.hpp"
#include "platform/technical_data.hpp"
#include "platform/terms.hpp"
#include "platform/visitors.hpp"
#include "settings/settings.hpp"
#include "web/renderer.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace calyptenora::http {

/// What the pages stand on. Made by main.cpp; everything in it outlives the server.
struct Services {
    std::function<std::shared_ptr<const settings::Settings>()> settings;  ///< Those in force now.
    const web::Renderer& renderer;
    const Assets& assets;
    gate::Gate& gate;
    gate::Choices& choices;
    gate::Frames& frames;
    platform::Visitors& visitors;
    platform::Accounts& accounts;
    platform::AccountSecurity& account_security;
    platform::Profile& profile;
    platform::Learning& learning;
    platform::Orders& orders;
    platform::Cases& cases;
    platform::Contracts& contracts;
    platform::Receipts& receipts;
    platform::ConsentReceipts& consent_receipts;
    platform::PolicyVersions& policy_versions;
    platform::Requests& requests;
    platform::Copies& copies;
    platform::Staff& staff;
    platform::AccessReviews& access_reviews;
    platform::Figures& figures;
    platform::LegalDemands& legal_demands;
    platform::StudyTimes& study_times;
    platform::TechnicalData& technical_data;
    platform::Notes& notes;
    platform::News& news;
    platform::Notifications& notifications;
    platform::Terms& terms;
    const platform::CatalogueHolder& catalogue;
    const platform::CatalogueSearch& catalogue_search;
    const CourseCards& course_cards;
    /// Sign-ins and sign-ups by typed address and by client, whether or not there is such an account: a limit
    /// that only accounts have would tell which exist.
    RateLimiter& attempts_per_address;
    RateLimiter& attempts_per_client;
    RateLimiter& reports_per_subject;  ///< Of pages about browsers, by whose they are.
    std::filesystem::path videos;      ///< Prepared renditions, one folder an asset.
    storage::Timestamp started_at{};   ///< When this configuration came into force.
    std::string csrf_key;  ///< 32 random bytes; new with each start, so that old forms are asked again.
};

}  // namespace calyptenora::http
