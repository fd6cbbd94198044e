#include "platform/export/layout.hpp"

namespace calyptenora::platform {

const std::vector<PageGroup>& page_layout() {
    static const std::vector<PageGroup> groups{
        {"account",
         {{"account",
           {"display_name", "email", "language", "role", "state", "created_at", "email_confirmed_at",
            "guardian_needed_until", "restricted_at", "time_zone", "theme", "text_size", "education"}},
          {"terms_acceptances", {"version", "language", "accepted_at"}},
          {"mail_choices", {"topic", "wanted"}},
          {"announcement_reads", {"announcement", "read_at"}},
          {"persons", {"kind", "created_at", "last_seen_at", "gpc_seen_at"}}}},
        {"session",
         {{"sessions", {"user_agent", "created_at", "last_seen_at", "absolute_expires_at"}},
          {"account_links", {"kind", "email", "created_at", "expires_at"}},
          {"account_events", {"at", "kind", "user_agent"}}}},
        {"learning",
         {{"enrolments", {"course", "since", "state"}},
          {"lesson_progress", {"course", "lesson", "state", "started_at", "completed_at"}},
          {"watch_time", {"course", "lesson", "media", "watched_seconds", "furthest_second", "updated_at"}},
          {"notes", {"course", "lesson", "anchor", "body", "created_at"}},
          {"study_clocks", {"since"}},
          {"study_time", {"course", "lesson", "seconds", "updated_at"}}}},
        {"technical", {{"devices", {"form", "browser", "system", "first_seen", "last_seen", "days"}}}},
        {"orders",
         {{"orders",
           {"reference", "course", "amount_minor", "captured_minor", "state", "created_at", "due_at",
            "instructions"}},
          {"inbound_events", {"received_at", "instance", "kind", "detail"}}}},
        {"contracts", {{"declarations", {"received_at", "kind", "details"}}}},
        {"cases",
         {{"cases", {"subject_line", "state", "created_at", "updated_at"}},
          {"case_messages", {"at", "author", "body"}}}},
        {"proof",
         {{"consents", {"instance", "purpose", "state", "changed_at", "expires_at"}},
          {"consent_history", {"event_time", "event_type", "recipient_third_parties", "purpose"}},
          {"consent_texts", {"first_shown_at", "language", "body"}},
          {"objections", {"objected_at", "instance", "purpose", "compelling_grounds"}},
          {"request_steps", {"recipient", "status", "outcome", "retained_until", "updated_at"}},
          {"disclosures", {"at", "kind", "recipient", "purpose", "categories", "host", "outcome"}},
          {"accesses", {"at", "role", "part", "reason"}},
          {"access_reviews", {"considered_at", "verdict", "reviewed_at"}},
          {"incidents", {"aware_at", "title", "records"}},
          {"legal_demands", {"received_on", "authority", "reference", "ground", "decision", "released_at"}}}},
        {"requests",
         {{"requests", {"received_at", "kind", "status", "due_at", "settled_at"}},
          {"recipient_answers", {"answered_at", "instance", "answer"}},
          {"copies", {"made_at", "expires_at", "fetched_at"}}}},
        {"staff", {{"staff_events", {"at", "kind", "role", "on_day", "evidence"}}}},
        {"outgoing", {{"events", {"created_at", "instance", "purpose", "state", "payload"}}}},
        {"plugins", {{"plugin_store", {"updated_at", "instance", "key", "value"}}}},
    };
    return groups;
}

}  // namespace calyptenora::platform
