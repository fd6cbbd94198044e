#include "platform/record_changes.hpp"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace calyptenora::platform {
namespace {

using ::testing::IsEmpty;

/// A record with one recipient, as far as changes are looked for.
boost::json::value some_record() {
    return boost::json::parse(R"({
      "controller": {"name": "Lernhaus", "address": "Weg 1, 10115 Berlin", "email": "hallo@lernhaus.example"},
      "retention": {"outgoing_days": 30},
      "kept": [{"activity": "account", "data": ["user.name"]}],
      "device": [{"name": "__Host-session", "set_by": "Lernhaus"}],
      "flows": [
        {"purpose": "analytics.reporting.content_performance", "legal_basis": "legitimate_interest",
         "data": ["user.name", "user.education.progress"], "retention_days": 90,
         "recipient": {"name": "Statistik AG", "country": "DE", "role": "processor"}},
        {"purpose": "essential.service.authentication", "legal_basis": "contract", "data": [],
         "retention_days": null, "recipient": null}]})");
}

/// One change of the record, and what must be said of it. The answers were written by hand.
struct Row {
    const char* what;
    std::function<void(boost::json::value&)> change;
    ChangeKind kind;
    bool material;
    const char* said;  ///< who | what | before | after
};

boost::json::object& flow(boost::json::value& record) {
    return record.at("flows").at(0).as_object();
}

const std::vector<Row>& rows() {
    static const std::string purpose = "analytics.reporting.content_performance";
    static const std::vector<Row> table{
        {"another recipient",
         [](auto& r) {
             auto more = flow(r);
             more["recipient"].as_object()["name"] = "Film Inc.";
             r.at("flows").as_array().push_back(more);
         },
         ChangeKind::flow_added, true, "Film Inc.|analytics.reporting.content_performance||DE"},
        {"a recipient less",
         [](auto& r) { r.at("flows").as_array().erase(r.at("flows").as_array().begin()); },
         ChangeKind::flow_removed, false, "Statistik AG|analytics.reporting.content_performance||"},
        {"a datum more", [](auto& r) { flow(r)["data"].as_array().push_back("user.contact.email"); },
         ChangeKind::data_added, true, "Statistik AG|analytics.reporting.content_performance||"},
        {"a datum less", [](auto& r) { flow(r)["data"].as_array().pop_back(); }, ChangeKind::data_removed,
         false, "Statistik AG|analytics.reporting.content_performance||"},
        {"another basis", [](auto& r) { flow(r)["legal_basis"] = "consent"; }, ChangeKind::basis_changed,
         true, "Statistik AG|analytics.reporting.content_performance|legitimate_interest|consent"},
        {"longer", [](auto& r) { flow(r)["retention_days"] = 91; }, ChangeKind::retention_longer, true,
         "Statistik AG|analytics.reporting.content_performance|90|91"},
        {"without an end", [](auto& r) { flow(r)["retention_days"] = nullptr; }, ChangeKind::retention_longer,
         true, "Statistik AG|analytics.reporting.content_performance|90|"},
        {"shorter", [](auto& r) { flow(r)["retention_days"] = 30; }, ChangeKind::retention_shorter, false,
         "Statistik AG|analytics.reporting.content_performance|90|30"},
        {"within the EEA", [](auto& r) { flow(r)["recipient"].as_object()["country"] = "FR"; },
         ChangeKind::country_changed, false, "Statistik AG|analytics.reporting.content_performance|DE|FR"},
        {"abroad", [](auto& r) { flow(r)["recipient"].as_object()["country"] = "US"; },
         ChangeKind::country_changed, true, "Statistik AG|analytics.reporting.content_performance|DE|US"},
        {"on its own responsibility",
         [](auto& r) { flow(r)["recipient"].as_object()["role"] = "controller"; }, ChangeKind::role_changed,
         true, "Statistik AG|analytics.reporting.content_performance|processor|controller"},
        {"another operator", [](auto& r) { r.at("controller").as_object()["name"] = "Lernhof"; },
         ChangeKind::controller_changed, true,
         "Lernhof||Lernhaus, Weg 1, 10115 Berlin, hallo@lernhaus.example|Lernhof, Weg 1, 10115 Berlin, "
         "hallo@lernhaus.example"},
        {"the operator elsewhere", [](auto& r) { r.at("controller").as_object()["address"] = "Weg 2"; },
         ChangeKind::controller_changed, true,
         "Lernhaus||Lernhaus, Weg 1, 10115 Berlin, hallo@lernhaus.example|Lernhaus, Weg 2, "
         "hallo@lernhaus.example"},
        {"more kept",
         [](auto& r) { r.at("kept").at(0).at("data").as_array().push_back("user.contact.email"); },
         ChangeKind::kept_added, true, "|account||"},
        {"less kept", [](auto& r) { r.at("kept").at(0).at("data").as_array().clear(); },
         ChangeKind::kept_removed, false, "|account||"},
        {"kept longer", [](auto& r) { r.at("retention").as_object()["outgoing_days"] = 31; },
         ChangeKind::kept_longer, true, "|outgoing_days|30|31"},
        {"kept shorter", [](auto& r) { r.at("retention").as_object()["outgoing_days"] = 29; },
         ChangeKind::kept_shorter, false, "|outgoing_days|30|29"},
        {"an activity less", [](auto& r) { r.at("kept").as_array().clear(); }, ChangeKind::kept_removed,
         false, "|account||"},
        {"another cookie",
         [](auto& r) { r.at("device").as_array().push_back({{"name", "id"}, {"set_by", "Film Inc."}}); },
         ChangeKind::device_added, true, "Film Inc.|id||"},
        {"a cookie less", [](auto& r) { r.at("device").as_array().clear(); }, ChangeKind::device_removed,
         false, "Lernhaus|__Host-session||"},
    };
    return table;
}

TEST(RecordChanges, AreSaidOneByOne) {
    for (const auto& row : rows()) {
        auto after = some_record();
        row.change(after);
        const auto changes = find_changes(some_record(), after);
        ASSERT_TRUE(changes) << row.what;
        ASSERT_EQ(changes->size(), 1u) << row.what;
        const auto& change = changes->front();
        EXPECT_EQ(change.kind, row.kind) << row.what;
        EXPECT_EQ(change.material, row.material) << row.what;
        EXPECT_EQ(fmt::format("{}|{}|{}|{}", change.who, change.what, change.before, change.after), row.said)
            << row.what;
    }
}

TEST(RecordChanges, AreNoneWithoutAny) {
    EXPECT_THAT(find_changes(some_record(), some_record()).value(), IsEmpty());
    auto own = some_record();
    own.at("flows").at(1).as_object()["data"] = boost::json::array{"user.name"};
    EXPECT_THAT(find_changes(some_record(), own).value(), IsEmpty()) << "what the operator itself works with";
    auto order = some_record();
    auto& data = flow(order)["data"].as_array();
    std::swap(data[0], data[1]);
    EXPECT_THAT(find_changes(some_record(), order).value(), IsEmpty());
}

TEST(RecordChanges, NameTheDataThatAreMoreOrLess) {
    auto after = some_record();
    flow(after)["data"] = boost::json::array{"user.name", "user.contact.email"};
    const auto changes = find_changes(some_record(), after).value();
    ASSERT_EQ(changes.size(), 2u);
    EXPECT_EQ(changes[0].data, CategoryMask(Category::user_contact_email));
    EXPECT_EQ(changes[1].data, CategoryMask(Category::user_education_progress));
}

TEST(RecordChanges, AreNotFoundInWhatAnOlderRecordDoesNotSay) {
    auto older = some_record();
    older.as_object().erase("controller");
    older.as_object().erase("retention");
    flow(older)["recipient"].as_object().erase("role");
    EXPECT_THAT(find_changes(older, some_record()).value(), IsEmpty());
}

TEST(RecordChanges, NeedTwoRecords) {
    for (const auto* text : {"{}", "[]", "null", R"({"flows": {}, "kept": [], "device": []})",
                             R"({"flows": [{"recipient": {"name": 7}}], "kept": [], "device": []})"}) {
        const auto changes = find_changes(boost::json::parse(text), some_record());
        ASSERT_FALSE(changes) << text;
        EXPECT_EQ(changes.error().kind, ErrorKind::invalid_input);
    }
}

}  // namespace
}  // namespace calyptenora::platform
