#include "cli/announcement_operations.hpp"

#include "cli/described_operation.hpp"
#include "web/format.hpp"

#include <boost/json/array.hpp>

namespace calyptenora::cli {
namespace {

using boost::json::object;
using boost::json::value;

struct AddArguments {
    std::string course;
    std::string title_de;
    std::string text_de;
    std::string title_en;
    std::string text_en;
    std::int64_t days = 0;
    bool news = false;
};
BOOST_DESCRIBE_STRUCT(AddArguments, (), (course, title_de, text_de, title_en, text_en, days, news))

/// What is half given is wrong, and said to be so by the platform.
std::optional<storage::AnnouncementText> text_of(std::string title, std::string text) {
    if (title.empty() && text.empty())
        return std::nullopt;
    return storage::AnnouncementText{std::move(title), std::move(text)};
}

Result<value> add(Workbench& bench, AddArguments arguments) {
    if (arguments.news && !bench.news().is_on())
        return Error(ErrorKind::unsupported,
                     "no news are sent here; the section 'mail' turns them on with 'news: true'");
    const std::chrono::days shown_for(static_cast<int>(std::clamp<std::int64_t>(arguments.days, 0, 100'000)));
    const auto made = bench.await(bench.announcements().make(
        {.course = arguments.course.empty() ? std::nullopt : std::optional(std::move(arguments.course)),
         .de = text_of(std::move(arguments.title_de), std::move(arguments.text_de)),
         .en = text_of(std::move(arguments.title_en), std::move(arguments.text_en)),
         .shown_for = shown_for,
         .is_news = arguments.news}));
    if (!made)
        return made.error();
    return object{{"id", *made}, {"until", web::format_iso(bench.gate().clock().now() + shown_for)}};
}

struct NoArguments {};
BOOST_DESCRIBE_STRUCT(NoArguments, (), ())

Result<value> list(Workbench& bench, const NoArguments&) {
    const auto announcements = bench.await(bench.announcements().list());
    if (!announcements)
        return announcements.error();
    const auto now = bench.gate().clock().now();
    boost::json::array rows;
    for (const auto& announcement : *announcements)
        rows.push_back(
            object{{"id", announcement.id.text()},
                   {"course", announcement.course.value_or("")},
                   {"news", announcement.is_news},
                   {"title", announcement.de ? announcement.de->title : announcement.en->title},
                   {"made", web::format_iso(announcement.made_at)},
                   {"until", web::format_iso(announcement.shown_until)},
                   {"shown", announcement.shown_until > now},
                   {"mailed", announcement.mailed_at ? web::format_iso(*announcement.mailed_at) : ""}});
    return rows;
}

struct WithdrawArguments {
    std::string announcement;
};
BOOST_DESCRIBE_STRUCT(WithdrawArguments, (), (announcement))

Result<value> withdraw(Workbench& bench, const WithdrawArguments& arguments) {
    const auto id = storage::AnnouncementId::parse(arguments.announcement);
    if (!id)
        return id.error();
    if (auto withdrawn = bench.await(bench.announcements().withdraw(*id)); !withdrawn)
        return withdrawn.error();
    return object{};
}

}  // namespace

std::optional<Result<value>> carry_out_announcement(Workbench& bench, const std::string& operation,
                                                    const object& arguments) {
    if (operation == "announcement.add")
        return read_and_run(&add, bench, arguments);
    if (operation == "announcement.list")
        return read_and_run(&list, bench, arguments);
    if (operation == "announcement.withdraw")
        return read_and_run(&withdraw, bench, arguments);
    return std::nullopt;
}

}  // namespace calyptenora::cli
