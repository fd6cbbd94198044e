#include "platform/export/csv_table.hpp"
#include "platform/export/layout.hpp"
#include "platform/export/schema.hpp"
#include "platform/export/values.hpp"
#include "platform/export/withheld.hpp"
#include "platform/processing_record.hpp"
#include "storage/stores/subject_records.hpp"
#include "web/translations.hpp"

#include <calyptenora/json.hpp>

#include <gmock/gmock.h>

#include <fstream>
#include <regex>
#include <set>

namespace calyptenora::platform {
namespace {

using storage::FieldForm;
using storage::FieldValue;

TEST(CsvLine, QuotesWhatItMust) {
    EXPECT_EQ(make_csv_line({"a", "b c", std::nullopt, ""}), "a,b c,,\"\"\r\n");
    EXPECT_EQ(make_csv_line({"say \"x\"", "1,5", "two\nlines", "\r", "=1+1"}),
              "\"say \"\"x\"\"\",\"1,5\",\"two\nlines\",\"\r\",=1+1\r\n");
    EXPECT_EQ(make_csv_line({}), "\r\n");
}

TEST(PortableText, TurnsBytesIntoTextThatLeadsBack) {
    EXPECT_EQ(portable_text("Grüße \"x\"\n"), "Grüße \"x\"\n");
    EXPECT_EQ(portable_text(""), "");
    EXPECT_EQ(portable_text(std::string("\0\xff", 2)), "base64:AP8=");
    EXPECT_EQ(portable_text("base64:AP8="), "base64:" + encode_base64("base64:AP8="));
}

TEST(Moment, HasAllItsDigits) {
    EXPECT_EQ(format_moment(storage::timestamp_of(0)), "1970-01-01T00:00:00.000000Z");
    EXPECT_EQ(format_moment(storage::timestamp_of(1'795'608'000'000'001)), "2026-11-25T12:00:00.000001Z");
    EXPECT_EQ(format_moment(storage::timestamp_of(-1)), "1969-12-31T23:59:59.999999Z");
}

std::string json_of(FieldForm form, const FieldValue& value) {
    std::string out;
    write_json_value(out, form, value);
    return out;
}

TEST(JsonValue, IsAsItsFormSays) {
    EXPECT_EQ(json_of(FieldForm::number, std::int64_t{-5}), "-5");
    EXPECT_EQ(json_of(FieldForm::text, std::monostate()), "null");
    EXPECT_EQ(json_of(FieldForm::text, storage::Unreadable()), "null");
    EXPECT_EQ(json_of(FieldForm::text, std::string("{\"a\":1}")), R"("{\"a\":1}")");
    EXPECT_EQ(json_of(FieldForm::document, std::string("{\"a\": 18446744073709551615}")),
              "{\"a\": 18446744073709551615}");
    EXPECT_EQ(json_of(FieldForm::document, std::string("{\"a\":")), R"("{\"a\":")");
    EXPECT_EQ(json_of(FieldForm::document, std::string("{} {}")), R"("{} {}")");
    EXPECT_EQ(json_of(FieldForm::bytes, std::string("\xff")), R"("base64:/w==")");
}

/// All texts that the page can ask for.
std::set<std::string> asked_for() {
    std::set<std::string> keys;
    const auto folder = std::filesystem::path(CALYPTENORA_SOURCE_DIR) / "core/platform/export";
    std::ifstream in(folder / "page.cpp");
    const std::string source{std::istreambuf_iterator<char>(in), {}};
    const std::regex literal("\"export\\.([a-z_]+)\"");
    for (std::sregex_iterator it(source.begin(), source.end(), literal), end; it != end; ++it)
        keys.insert((*it)[1]);
    for (const auto& group : page_layout()) {
        keys.insert(fmt::format("group_{}", group.name));
        for (const auto& table : group.tables) {
            keys.insert(fmt::format("set_{}", table.set));
            for (const auto column : table.columns)
                keys.insert(fmt::format("field_{}", column));
        }
    }
    for (const auto& column : withheld_columns())
        keys.insert(fmt::format("withheld_{}", boost::describe::enum_to_string(column.reason, "")));
    for (const auto* outcome : {"done", "pending", "partial", "retained", "manual"})
        keys.insert(fmt::format("answer_{}", outcome));
    for (const auto* heading : {"recipient", "instance", "pseudonym", "sent", "last_at", "answer"})
        keys.insert(fmt::format("field_{}", heading));
    return keys;
}

TEST(ExportTexts, AreThoseThatThePageAsksFor) {
    const auto texts = web::Translations::load(
        std::filesystem::path(CALYPTENORA_SOURCE_DIR) / "core/web/texts", web::AddressForm::du);
    ASSERT_TRUE(texts);
    std::set<std::string> there;
    for (const auto& key : texts->keys())
        if (key.starts_with("export."))
            there.insert(key.substr(std::string_view("export.").size()));
    EXPECT_EQ(there, asked_for());
}

TEST(PageLayout, HasAChapterForEachActivityThatIsRecorded) {
    std::set<std::string_view> recorded, shown;
    for (const auto& activity : kept_activities(storage::inventory(), {}))
        // What has to be kept of the erased is nobody's to fetch.
        if (activity.key != "retained")
            recorded.insert(activity.key);
    for (const auto& group : page_layout())
        shown.insert(group.name);
    EXPECT_EQ(shown, recorded);
}

TEST(PageLayout, ShowsColumnsThatExist) {
    for (const auto& group : page_layout())
        for (const auto& table : group.tables) {
            const auto set = std::ranges::find(storage::record_sets(), table.set, &storage::RecordSet::name);
            ASSERT_NE(set, storage::record_sets().end()) << table.set;
            for (const auto column : table.columns)
                EXPECT_TRUE(std::ranges::find(set->fields, column, &storage::RecordField::name) !=
                            set->fields.end())
                    << table.set << "." << column;
        }
}

TEST(RecordSets, HaveNamesOfTheirOwnAndAreOrderedByTheirColumns) {
    std::set<std::string_view> names;
    for (const auto& set : storage::record_sets()) {
        EXPECT_TRUE(names.insert(set.name).second) << set.name;
        for (const auto column : set.order)
            EXPECT_NO_THROW((void)set.index_of(column)) << set.name;
        if (!set.owner.empty())
            EXPECT_NO_THROW((void)set.index_of(set.owner)) << set.name;
    }
}

}  // namespace
}  // namespace calyptenora::platform
