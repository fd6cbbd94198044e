#include "cli/commands.hpp"
#include "cli/course_import.hpp"
#include "cli/data_folder_lock.hpp"
#include "cli/input.hpp"
#include "cli/progress.hpp"
#include "cli/workbench.hpp"
#include "platform/courses/course_folder.hpp"
#include "platform/demo/course_text.hpp"
#include "platform/demo/seeding.hpp"
#include "platform/sign_in_plugin.hpp"
#include "settings/text_check.hpp"
#include "storage/text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/chrono.h>

#include <chrono>
#include <limits>

namespace calyptenora::cli {
namespace {

namespace demo = platform::demo;
namespace fs = std::filesystem;

/// So many of them can sign in, where a password is given; a hash costs as much as it does for everybody.
constexpr std::size_t with_password = 10;

struct Wish {
    int learners = 0;
    int courses = 0;
    std::uint64_t seed = 0;
    storage::Timestamp until;
    bool into_existing = false;
    std::optional<std::string> password;
};

Result<Wish> read_wish(const Invocation& invocation) {
    Wish wish;
    const auto learners = find_number(invocation, "learners", 200, 1'000'000);
    const auto courses = find_number(invocation, "courses", 20, 5'000);
    const auto seed = find_number(invocation, "seed", 1, std::numeric_limits<int>::max());
    for (const auto* number : {&learners, &courses, &seed})
        if (!*number)
            return number->error();
    wish.learners = *learners;
    wish.courses = *courses;
    wish.seed = static_cast<std::uint64_t>(*seed);
    const auto today = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
    wish.until = today;
    if (const auto text = invocation.find("until")) {
        const auto day = settings::find_date(*text);
        if (!day || std::chrono::sys_days(*day) > today)
            return Error(
                ErrorKind::invalid_input,
                fmt::format("--until must be a day that has come, as YYYY-MM-DD, not \"{}\"", *text));
        wish.until = std::chrono::sys_days(*day);
    }
    wish.into_existing = invocation.has("into-existing");
    return wish;
}

/// Who is there already decides whether made-up people may come.
Status require_room(Workbench& bench, const Wish& wish, const demo::Population& population) {
    const auto first = population.make_person(0).account.contact.email;
    return bench.database().run_blocking([&](storage::Transaction& tx) -> Status {
        if (storage::learners::find_by_email(tx, bench.cipher(), first))
            return Error(ErrorKind::conflict,
                         fmt::format("the people of seed {} are in this database already; others come with "
                                     "another --seed",
                                     wish.seed));
        const auto accounts = storage::learners::count(tx);
        if (accounts > 0 && !wish.into_existing)
            return Error(
                ErrorKind::conflict,
                fmt::format("this database has {} {}. Made-up people are best kept in a database of their "
                            "own: nothing takes them out again but erasing one after the other. Name another "
                            "--config and --data, or say --into-existing",
                            accounts, accounts == 1 ? "account" : "accounts"));
        return {};
    });
}

/// What people are asked, by what proofs say of it.
std::vector<demo::Question> list_questions(const gate::Policy& policy) {
    std::vector<demo::Question> questions;
    for (const auto& instance : policy.instances())
        for (const auto& row : instance.flows)
            if (gate::asks(row) && !gate::opts_in_by_mail(row))
                questions.push_back({row.instance.text(), row.flow.purpose, row.terms.recipient,
                                     instance.manifest_hash, row.terms_hash, row.terms_document});
    return questions;
}

std::vector<demo::Offer> list_offers(const platform::Catalogue& catalogue, std::uint64_t seed) {
    std::vector<demo::Offer> offers;
    for (const auto& course : catalogue.courses()) {
        if (!course.slug.starts_with(demo::course_prefix(seed)))
            continue;
        auto& offer = offers.emplace_back();
        offer.slug = course.slug;
        offer.language = course.language;
        for (const auto* lesson : course.lessons())
            offer.lessons.push_back({lesson->slug, lesson->minutes});
        if (course.price) {
            offer.price_minor = course.price->minor_units;
            offer.currency = course.price->currency;
        }
    }
    // The catalogue is ordered by title, which may change with a title's language rules; the addresses are
    // not.
    std::ranges::sort(offers, {}, &demo::Offer::slug);
    return offers;
}

Result<demo::Setting> make_setting(Workbench& bench, const Wish& wish) {
    const auto policy = bench.gate().policy();
    const auto settings = bench.settings();
    const auto sign_in = platform::SignInPlugin(bench.gate()).instance();
    if (!sign_in)
        return Error(ErrorKind::invalid_config,
                     "no plugin of the family auth is enabled, and no account is without one; enable "
                     "auth/password in the settings");
    demo::Setting setting;
    setting.seed = wish.seed;
    setting.until = wish.until;
    setting.questions = list_questions(*policy);
    setting.auth_instance = *sign_in;
    if (const auto payments = policy->of_family(Family::payments); !payments.empty())
        setting.payments_instance = payments.front()->id.text();
    setting.notice_version = policy->hash().substr(0, 12);
    for (const std::size_t language : {0u, 1u}) {
        const auto text = demo::shown_text(language == 0 ? "de" : "en");
        setting.text_hashes[language] = storage::make_content_hash(text);
        setting.choices_hashes[language] = gate::sha256_hex(text);
    }
    setting.consent_holds = settings->consent.duration_days;
    setting.refusal_holds = settings->consent.refusal_days;
    setting.events_since = storage::SystemClock().now() - settings->retention.activity_days;
    return setting;
}

/// Writes and imports them one by one. Each is there whole or not at all; one of an earlier run gives way.
Status import_courses(const Workbench& bench, const Wish& wish, const std::optional<std::string>& currency,
                      Progress& progress) {
    const auto staging = bench.options().data / ".demo-courses";
    fs::remove_all(staging);
    for (int i = 0; i < wish.courses; ++i) {
        const auto course = demo::make_course_text(wish.seed, i, currency);
        if (auto written = demo::write_course_folder(course, staging / course.slug); !written)
            return written;
        const auto imported = import_course({.source = staging / course.slug,
                                             .data = bench.options().data,
                                             .slug = {},
                                             .replace = true,
                                             .wishes = {},
                                             .on_progress = {}});
        if (!imported)
            return imported.error();
        fs::remove_all(staging / course.slug);
        progress.show("courses", static_cast<double>(i + 1) / wish.courses);
    }
    fs::remove_all(staging);
    return {};
}

/// The way every first password goes.
Result<std::vector<std::string>> give_passwords(Workbench& bench, const Wish& wish,
                                                const demo::Population& population) {
    std::vector<std::string> addresses;
    if (!wish.password)
        return addresses;
    platform::SignInPlugin plugin(bench.gate());
    for (std::size_t i = 0; i < std::min<std::size_t>(with_password, static_cast<std::size_t>(wish.learners));
         ++i) {
        const auto account = population.make_person(i).account;
        const auto outcome = bench.await(
            plugin.enrol(account.learner.id, *wish.password, {.language = account.learner.language}));
        if (outcome.problem)
            return Error(
                ErrorKind::invalid_input,
                *outcome.problem == platform::AccountProblem::weak_password
                    ? "the people are there, but the sign-in plugin finds this password too weak: none can "
                      "sign in. Seed others with --into-existing, another --seed and a better one"
                    : "the people are there, but the sign-in plugin does not take the password: not all of "
                      "the first ten can sign in. \"calyptenora plugins list\" says how it is");
        addresses.push_back(account.contact.email);
    }
    return addresses;
}

Result<boost::json::object> seed(const WorkbenchOptions& places, const Wish& wish) {
    auto opened =
        Workbench::open(places, [](LogLevel level, const std::string& part, const std::string& line) {
            if (level >= LogLevel::warning)
                fmt::print(stderr, "{}: {}\n", part, line);
        });
    if (!opened)
        return opened.error();
    auto& bench = **opened;
    auto setting = make_setting(bench, wish);
    if (!setting)
        return setting.error();
    if (auto room = require_room(bench, wish, demo::Population(*setting)); !room)
        return room.error();

    Progress progress;
    const auto currency =
        setting->payments_instance ? std::optional(bench.settings()->platform.currency) : std::nullopt;
    if (auto imported = import_courses(bench, wish, currency, progress); !imported)
        return imported.error();
    bench.reload_courses();
    setting->offers = list_offers(*bench.catalogue().current(), wish.seed);

    const demo::Population population(std::move(*setting));
    const auto seeded = demo::seed_people(bench.database(), bench.cipher(), population,
                                          static_cast<std::size_t>(wish.learners),
                                          storage::SystemClock().now() - bench.settings()->backups.kept_days,
                                          [&](double done) { progress.show("learners", done); });
    if (!seeded)
        return seeded.error();
    const auto addresses = give_passwords(bench, wish, population);
    if (!addresses)
        return addresses.error();
    progress.show("ledgers", 0);
    // So many heads at once would keep the platform's first minutes busy.
    if (const auto covered = bench.await(bench.checkpoints().take()); !covered)
        return covered.error();
    progress.show("ledgers", 1);
    return boost::json::object{
        {"seed", wish.seed},
        {"until", fmt::format("{:%F}", std::chrono::floor<std::chrono::days>(wish.until))},
        {"courses", population.setting().offers.size()},
        {"learners", seeded->learners},
        {"enrolments", seeded->enrolments},
        {"lessons", seeded->lessons},
        {"answers", seeded->answers},
        {"orders", seeded->orders},
        {"can_sign_in", boost::json::array(addresses->begin(), addresses->end())}};
}

int seed_demo(const Call& call) {
    auto wish = read_wish(call.invocation);
    if (!wish)
        return misunderstand(call.invocation, wish.error().message);
    if (call.invocation.has("password-stdin")) {
        auto password = read_line_of_standard_input();
        if (!password)
            return fail(password.error());
        wish->password = std::move(*password);
    }
    // A server would wait for the one long transaction, and not know the courses.
    const auto lock = DataFolderLock::take(call.places.data);
    if (!lock)
        return fail(lock.error());
    const auto seeded = seed(call.places, *wish);
    if (!seeded)
        return fail(seeded.error());
    if (call.invocation.has("json")) {
        print_json(*seeded);
        return ExitCode::done;
    }
    fmt::print(
        "{} learners in {} courses, until {}: {} enrolments, {} lessons, {} answers to questions of consent, "
        "{} orders.\n",
        seeded->at("learners").as_int64(), seeded->at("courses").to_number<std::int64_t>(),
        text_of(*seeded, "until"), seeded->at("enrolments").as_int64(), seeded->at("lessons").as_int64(),
        seeded->at("answers").as_int64(), seeded->at("orders").as_int64());
    const auto& addresses = seeded->at("can_sign_in").as_array();
    if (addresses.empty())
        fmt::print("None of them can sign in; --password-stdin gives the first ten a password.\n");
    else
        fmt::print("These can sign in with the password:\n");
    for (const auto& address : addresses)
        fmt::print("  {}\n", std::string(address.as_string()));
    return ExitCode::done;
}

}  // namespace

Command make_demo_seed_command() {
    return {{.name = "demo seed",
             .group = "Run the platform",
             .summary = "fill a database with made-up learners and courses",
             .details = "For trying, for tests and for measuring: people who have learnt for up to two years "
                        "before --until, "
                        "with\n"
                        "courses in German and English. The same seed, day and settings make the same "
                        "people, ids included;\n"
                        "only keys and what is encrypted with them differ. Nobody's address exists (they end "
                        "in .invalid), "
                        "and\n"
                        "nobody can sign in unless a password is given, which the first ten then have.\n"
                        "Refused while a server runs on the data folder, and where there are accounts "
                        "(--into-existing). "
                        "People come\n"
                        "all or not at all. A run that was broken off is simply called again; courses that "
                        "it has left are\n"
                        "in the data folder, courses/demo-SEED-*, and are replaced.",
             .options = {{"learners", "N", "how many people; default: 200"},
                         {"courses", "N", "how many courses; default: 20"},
                         {"seed", "S", "another number, other people and courses; default: 1"},
                         {"until", "YYYY-MM-DD", "the day before which everything happened; default: today"},
                         {"into-existing", "",
                          "also where there are accounts; nothing takes the made-up ones out again"},
                         {"password-stdin", "",
                          "the first line of standard input is the password of the first ten"},
                         {"json", "", "what was made as one JSON document"}},
             .example = "calyptenora demo seed --learners 2000 --courses 40 --data /tmp/try"},
            seed_demo};
}

}  // namespace calyptenora::cli
