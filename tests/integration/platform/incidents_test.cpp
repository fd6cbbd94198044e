#include "platform/staff/incidents.hpp"

#include "storage/stores/accesses.hpp"
#include "storage/stores/disclosures.hpp"
#include "storage/stores/subjects.hpp"
#include "support/awaited.hpp"
#include "support/databases.hpp"

#include <gmock/gmock.h>

namespace calyptenora::platform {
namespace {

using storage::Incident;
using storage::LearnerId;
using storage::Risk;
using storage::Transaction;
using test::awaited;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using namespace std::chrono_literals;

class IncidentsTest : public test::StoreTest {
  protected:
    void send(const LearnerId& whose, const std::string& instance, Category what, std::chrono::hours ago,
              const std::vector<std::string>& outcomes = {"sent"}) {
        write([&](Transaction& tx) -> Status {
            storage::Disclosure row{.id = storage::DisclosureId::make(),
                                    .subject = whose,
                                    .kind = storage::DisclosureKind::attempted,
                                    .call_id = storage::CallId::make(),
                                    .instance = instance,
                                    .recipient = "Lernarchiv GmbH",
                                    .purpose = Purpose::analytics_reporting_content_performance,
                                    .operation = "analytics.record",
                                    .categories = what,
                                    .host = "",
                                    .commitment = "c",
                                    .outcome = "",
                                    .at = now_ - ago};
            std::vector<storage::Disclosure> rows{row};
            for (const auto& outcome : outcomes) {
                row.id = storage::DisclosureId::make();
                row.kind = storage::DisclosureKind::outcome;
                row.outcome = outcome;
                rows.push_back(row);
            }
            storage::disclosures::append(tx, secrets(), rows);
            return {};
        });
    }
    void look(const std::string& actor, const LearnerId& whose, std::chrono::hours ago) {
        write([&](Transaction& tx) -> Status {
            storage::accesses::append(
                tx, cipher(),
                std::vector<storage::Access>{{storage::AccessId::make(), whose, actor, storage::Role::support,
                                              storage::AccessedPart::record, "asked", now_ - ago}});
            return {};
        });
    }
    /// The learning record store was open from 48 hours ago to 24 hours ago; it is known for an hour.
    Incident breach() const {
        return {.id = storage::IncidentId::make(),
                .title = "open to others",
                .nature = "It had no password.",
                .instance = "analytics/xapi",
                .began_at = now_ - 48h,
                .ended_at = now_ - 24h,
                .aware_at = now_ - 1h,
                .recorded_at = {}};
    }
    IncidentView record(Incident incident) { return awaited(incidents_.open(std::move(incident))).value(); }
    std::vector<std::string> people(const IncidentView& view) {
        std::vector<std::string> ids;
        for (const auto& person : view.people)
            ids.push_back(person.subject.text());
        return ids;
    }
    std::vector<std::string> reminders() { return awaited(incidents_.list_reminders()).value(); }
    void must(Status status) { EXPECT_TRUE(status) << status.error().message; }

    storage::ManualClock clock_{now_};
    Incidents incidents_{database(), cipher(), clock_};
};
CALYPTENORA_ON_BOTH_DATABASES(IncidentsTest);

TEST_P(IncidentsTest, ConcernThoseOfWhomSomethingLeftForThatRecipientThen) {
    const auto mia = make_learner("mia@example.org"), ben = make_learner("ben@example.org"),
               tom = make_learner("tom@example.org"), eva = make_learner("eva@example.org"),
               ida = make_learner("ida@example.org"), uma = make_guest();
    using enum Category;
    send(mia, "analytics/xapi", user_education_progress, 48h);
    send(mia, "analytics/xapi", user_name, 24h);
    send(ben, "analytics/xapi", user_education_progress, 30h, {});  // nobody knows its fate
    send(tom, "analytics/xapi", user_education_progress, 23h);      // later
    send(eva, "analytics/xapi", user_education_progress, 49h);      // earlier: it lay there
    send(uma, "analytics/xapi", user_education_progress, 30h);      // as a guest, who is ben
    write([&](Transaction& tx) -> Status {
        storage::subjects::merge_guest(tx, uma, ben);
        return {};
    });
    send(ida, "support/mail", user_education_progress, 30h);  // elsewhere
    const auto view = record(breach());
    EXPECT_THAT(people(view), UnorderedElementsAre(mia.text(), ben.text(), eva.text()));
    EXPECT_EQ(std::ranges::find(view.people, mia, &storage::AffectedPerson::subject)->records, 2);

    auto of_names = breach();
    of_names.categories = user_name;
    EXPECT_THAT(people(record(of_names)), ElementsAre(mia.text()));
    auto elsewhere = breach();
    elsewhere.instance = "video/embed";
    EXPECT_THAT(people(record(elsewhere)), IsEmpty());

    // What is entered into the ledgers later, of that time, counts as long as the incident is open.
    send(tom, "analytics/xapi", user_education_progress, 25h);
    EXPECT_EQ(awaited(incidents_.find(view.incident.id)).value().people.size(), 4);
}

TEST_P(IncidentsTest, ConcernThoseWhoseRecordsSomebodyOpened) {
    const auto mia = make_learner("mia@example.org"), ben = make_learner("ben@example.org");
    look("account:x", mia, 30h);
    look("account:x", mia, 29h);
    look("account:y", ben, 30h);
    look("account:x", ben, 23h);
    auto incident = breach();
    incident.instance = "";
    incident.actor = "account:x";
    const auto view = record(incident);
    EXPECT_THAT(people(view), ElementsAre(mia.text()));
    EXPECT_EQ(view.people.at(0).records, 2);
    EXPECT_EQ(awaited(incidents_.find(view.incident.id)).value().incident.actor, "account:x");
}

TEST_P(IncidentsTest, WithoutSenseAreNotRecorded) {
    const auto expect_refused = [&](const char* what, auto spoil) {
        auto incident = breach();
        spoil(incident);
        const auto opened = awaited(incidents_.open(std::move(incident)));
        EXPECT_FALSE(opened) << what;
        if (!opened)
            EXPECT_EQ(opened.error().kind, ErrorKind::invalid_input) << what;
    };
    expect_refused("no title", [](Incident& i) { i.title = ""; });
    expect_refused("nothing happened", [](Incident& i) { i.nature = ""; });
    expect_refused("nobody named", [](Incident& i) { i.instance = ""; });
    expect_refused("ends before it begins", [&](Incident& i) { i.ended_at = now_ - 49h; });
    expect_refused("ends in the future", [&](Incident& i) { i.ended_at = now_ + 1s; });
    expect_refused("known in the future", [&](Incident& i) { i.aware_at = now_ + 1s; });
    expect_refused("known before it began", [&](Incident& i) { i.aware_at = now_ - 49h; });
    EXPECT_THAT(awaited(incidents_.list(10)).value(), IsEmpty());
}

TEST_P(IncidentsTest, TheClockRunsFor72HoursFromBecomingAware) {
    const auto view = record(breach());
    const auto id = view.incident.id;
    EXPECT_EQ(view.due_at(), now_ + 71h);
    EXPECT_THAT(reminders(), ElementsAre(HasSubstr("is not assessed"),
                                         HasSubstr("must be told by 2026-11-28 11:00 UTC; the clock runs")));
    must(awaited(incidents_.assess(id, Risk::risk, "Others may know it.", "Closed.")));
    clock_.advance(48h);
    EXPECT_THAT(reminders(), ElementsAre(HasSubstr("less than a day is left")));
    clock_.advance(23h);
    EXPECT_THAT(reminders(), ElementsAre(HasSubstr("less than a day")));
    clock_.advance(1s);
    EXPECT_THAT(reminders(), ElementsAre(HasSubstr("OVERDUE")));
    EXPECT_EQ(awaited(incidents_.close(id)).error().kind, ErrorKind::conflict) << "not told";
    must(awaited(incidents_.told(id, Audience::authority, "online form, reference 4711")));
    EXPECT_THAT(reminders(), IsEmpty());
    EXPECT_EQ(awaited(incidents_.told(id, Audience::authority, "again")).error().kind, ErrorKind::conflict);
    must(awaited(incidents_.close(id)));
    EXPECT_EQ(awaited(incidents_.assess(id, Risk::high, "x", "y")).error().kind, ErrorKind::conflict)
        << "it is closed";
}

TEST_P(IncidentsTest, WhoMustBeToldDependsOnTheRisk) {
    const auto id = record(breach()).incident.id;
    EXPECT_EQ(awaited(incidents_.close(id)).error().kind, ErrorKind::conflict) << "not assessed";
    must(awaited(incidents_.assess(id, Risk::unlikely, "None.", "Closed.")));
    EXPECT_THAT(reminders(), IsEmpty());
    must(awaited(incidents_.assess(id, Risk::high, "Others may know it.", "Closed.")));
    EXPECT_THAT(reminders(),
                ElementsAre(HasSubstr("supervisory authority"), HasSubstr("people must be told")));
    must(awaited(incidents_.told(id, Audience::authority, "reference 4711")));
    EXPECT_EQ(awaited(incidents_.close(id)).error().kind, ErrorKind::conflict) << "the affected are not told";
    must(awaited(incidents_.told(id, Audience::people, "letters of today")));
    must(awaited(incidents_.close(id)));
    EXPECT_FALSE(awaited(incidents_.told(id, Audience::people, "")));
    EXPECT_EQ(awaited(incidents_.close(storage::IncidentId::make())).error().kind, ErrorKind::not_found);
}

}  // namespace
}  // namespace calyptenora::platform
