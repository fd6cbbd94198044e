#include "storage/stores/erasure.hpp"

#include <array>

namespace calyptenora::storage::erasure {
namespace {

struct Deletion {
    std::string_view table;
    std::string_view sql;
};

// Whatever refers to a row goes before it.
constexpr std::array deletions{
    Deletion{
        "inbound_events",
        "delete from inbound_events where subject = :subject or object_ref in (select reference from orders "
        "where learner = :buyer) or object_ref in (select alias from cases where learner = :asker)"},
    Deletion{"case_messages",
             "delete from case_messages where case_id in (select id from cases where learner = :learner)"},
    Deletion{"cases", "delete from cases where learner = :learner"},
    Deletion{"declarations", "delete from declarations where subject = :subject"},
    Deletion{"orders", "delete from orders where learner = :learner"},
    Deletion{"devices", "delete from devices where subject = :subject"},
    Deletion{"notes", "delete from notes where learner = :learner"},
    Deletion{"study_time", "delete from study_time where learner = :learner"},
    Deletion{"study_clocks", "delete from study_clocks where learner = :learner"},
    Deletion{"watch_time", "delete from watch_time where learner = :learner"},
    Deletion{"lesson_progress", "delete from lesson_progress where learner = :learner"},
    Deletion{"enrolments", "delete from enrolments where learner = :learner"},
    Deletion{"plugin_store", "delete from plugin_store where subject = :subject"},
    Deletion{"outbox", "delete from outbox where subject = :subject"},
    Deletion{"objections", "delete from objections where subject = :subject"},
    Deletion{"consents", "delete from consents where subject = :subject"},
    Deletion{"recipient_answers", "delete from recipient_answers where subject = :subject"},
    Deletion{"copies", "delete from copies where subject = :subject"},
    Deletion{"announcement_reads", "delete from announcement_reads where learner = :learner"},
    Deletion{"terms_acceptances", "delete from terms_acceptances where learner = :learner"},
    Deletion{"mail_choices", "delete from mail_choices where learner = :learner"},
    Deletion{"account_links", "delete from account_links where learner = :learner"},
    Deletion{"account_events", "delete from account_events where learner = :learner"},
    Deletion{"sessions", "delete from sessions where subject = :subject"},
};

// Somebody else may have named the number of this person's order.
constexpr std::string_view forget_orders_sql =
    "update declarations set order_id = null where order_id in (select id from orders where learner = "
    ":learner)";
constexpr std::string_view empty_subject_sql =
    "update subjects set last_seen_at = 0, gpc_seen_at = null, erased_at = :now "
    "where id = :id";
constexpr std::string_view empty_learner_sql =
    "update learners set state = 'erased', role = 'learner', language = '', auth_instance = '', email_lookup "
    "= null, "
    "email_confirmed_at = null, guardian_needed_until = null, restricted_at = null, notice_seen = null, "
    "notice_mailed = null, time_zone = null, theme = null, text_size = null where id = :id";

long long run(Transaction& tx, const Deletion& deletion, const SubjectId& subject) {
    if (deletion.table == "inbound_events")
        return tx.execute(deletion.sql, subject, subject, subject);
    return tx.execute(deletion.sql, subject);
}

}  // namespace

std::vector<Deleted> erase_records(Transaction& tx, const SubjectId& subject, Timestamp now) {
    std::vector<Deleted> deleted;
    tx.execute(forget_orders_sql, subject);
    for (const auto& deletion : deletions)
        if (const auto rows = run(tx, deletion, subject); rows > 0)
            deleted.push_back({deletion.table, rows});
    tx.execute(empty_learner_sql, subject);
    tx.execute(empty_subject_sql, now, subject);
    return deleted;
}

constexpr std::string_view empty_contact_sql =
    "update learners set display_name_enc = null, email_enc = null, education_enc = null where id = :id";
constexpr std::string_view empty_requests_sql =
    "update requests set details_enc = '' where subject = :subject";
constexpr std::string_view part_guests_sql =
    "update subjects set merged_into = null where merged_into = :subject";
void erase_identifiers(Transaction& tx, const SubjectId& subject) {
    tx.execute(part_guests_sql, subject);
    tx.execute(empty_contact_sql, subject);
    tx.execute(empty_requests_sql, subject);
}

constexpr std::string_view guests_sql = "select id from subjects where merged_into = :account order by id";
std::vector<SubjectId> list_guests(Transaction& tx, const SubjectId& account) {
    std::vector<SubjectId> guests;
    for (auto& [id] : tx.rows<SubjectId>(guests_sql, account))
        guests.push_back(std::move(id));
    return guests;
}

}  // namespace calyptenora::storage::erasure
