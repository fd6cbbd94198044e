#include "cli/operations.hpp"

#include "cli/announcement_operations.hpp"
#include "cli/authority_operations.hpp"
#include "cli/command_line.hpp"
#include "cli/data_folder_lock.hpp"
#include "cli/described_operation.hpp"
#include "cli/incident_operations.hpp"
#include "cli/mail_operations.hpp"
#include "cli/opening.hpp"
#include "cli/privacy_documents.hpp"
#include "cli/request_operations.hpp"
#include "cli/retention_operations.hpp"
#include "cli/staff_operations.hpp"
#include "platform/minors.hpp"
#include "settings/categories.hpp"
#include "storage/stores/learners.hpp"
#include "storage/stores/ledger_proof.hpp"
#include "storage/text.hpp"

#include <boost/describe/enum_from_string.hpp>
#include <boost/describe/enum_to_string.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sodium.h>

#include <cstdio>
#include <thread>

namespace calyptenora::cli {
BOOST_DESCRIBE_STRUCT(DocumentRequest, (), (document, form, language))

namespace {

using boost::json::object;
using boost::json::value;

/// How long a server may take to start (or to end) before a command gives up.
constexpr std::chrono::seconds patience{15};

struct StatementArguments {
    Bytes document;
};
BOOST_DESCRIBE_STRUCT(StatementArguments, (), (document))

Result<value> import_statement(Workbench& bench, const StatementArguments& arguments) {
    const auto report = bench.await(bench.orders().import_statement(arguments.document.data));
    if (!report)
        return report.error();
    return to_value(*report);
}

struct UserArguments {
    std::string email;
    std::string name;
    std::string password;
    std::string role;
    std::string language;
    std::string guardian_until;
    bool confirmed = false;
    std::string staff;
};
BOOST_DESCRIBE_STRUCT(UserArguments, (),
                      (email, name, password, role, language, guardian_until, confirmed, staff))

/// The id as text, since a future needs a value to begin with.
boost::asio::awaitable<Result<std::string>> open_account(platform::Accounts& accounts,
                                                         platform::SignUp person, std::string language) {
    const auto learner = co_await accounts.add(std::move(person), std::move(language));
    if (!learner)
        co_return learner.error();
    co_return learner->text();
}

Result<value> add_user(Workbench& bench, UserArguments arguments) {
    const auto role = storage::find_role(arguments.role);
    if (!role)
        return Error(ErrorKind::invalid_input, "there is no role " + arguments.role);
    if (arguments.language.empty())
        arguments.language =
            settings::language_keys[static_cast<std::size_t>(bench.settings()->platform.default_language)];
    platform::SignUp person{arguments.name, arguments.email, arguments.password};
    person.email_is_confirmed = arguments.confirmed;
    if (!arguments.guardian_until.empty()) {
        if (!platform::is_year_month(arguments.guardian_until))
            return Error(ErrorKind::invalid_input, "a month is written like 2030-04");
        person.guardian_needed_until = arguments.guardian_until;
    }
    sodium_memzero(arguments.password.data(), arguments.password.size());
    const auto learner = bench.await(open_account(bench.accounts(), std::move(person), arguments.language));
    if (!learner)
        return learner.error();
    if (*role != storage::Role::learner)
        if (const auto appointed = bench.await(bench.staff().appoint(
                storage::LearnerId::from_database(*learner), *role, std::nullopt, arguments.staff));
            !appointed)
            return appointed.error();
    return object{{"learner", *learner}};
}

struct MailArguments {
    Bytes mail;
};
BOOST_DESCRIBE_STRUCT(MailArguments, (), (mail))

Result<value> receive_mail(Workbench& bench, const MailArguments& arguments) {
    const auto messages = bench.await(bench.cases().receive_mail(arguments.mail.data));
    if (!messages)
        return messages.error();
    return object{{"messages", *messages}};
}

struct NoArguments {};
BOOST_DESCRIBE_STRUCT(NoArguments, (), ())

/// Of an operation that opens records; see opening.hpp.
struct OpeningArguments {
    std::string staff;
    std::string reason;
};
BOOST_DESCRIBE_STRUCT(OpeningArguments, (), (staff, reason))

constexpr int most_declarations = 1000;

Result<value> list_contracts(Workbench& bench, const OpeningArguments& arguments) {
    const auto found = bench.await(bench.contracts().list(most_declarations));
    if (!found)
        return found.error();
    std::vector<storage::SubjectId> authors;
    for (const auto& view : *found)
        authors.push_back(view.declaration.subject);
    const auto opened =
        open_records(bench, opening_of(arguments, storage::AccessedPart::declarations), authors);
    if (!opened)
        return opened.error();
    boost::json::array list;
    for (const auto& [declaration, document] : *found) {
        const auto& text = document.reveal(*opened);
        const auto details =
            platform::read_details(text.value_or("")).value_or(platform::DeclarationDetails{});
        list.push_back(object{
            {"received", fmt::format("{:%Y-%m-%d %H:%M} UTC",
                                     fmt::gmtime(std::chrono::system_clock::to_time_t(
                                         std::chrono::time_point_cast<std::chrono::system_clock::duration>(
                                             declaration.received_at))))},
            {"kind", boost::describe::enum_to_string(declaration.kind, "")},
            {"name", details.name},
            {"email", details.email},
            {"contract", details.contract},
            {"order", declaration.order_id ? declaration.order_id->text() : ""},
            {"extraordinary", details.extraordinary},
            {"reason", details.reason},
            {"end", details.end}});
    }
    return list;
}

Result<value> reload_courses(Workbench& bench, const NoArguments&) {
    bench.reload_courses();
    boost::json::array slugs;
    for (const auto& course : bench.catalogue().current()->courses())
        slugs.emplace_back(course.slug);
    return object{{"courses", std::move(slugs)}};
}

Result<value> plugin_states(Workbench& bench, const NoArguments&) {
    object states;
    for (const auto& [id, state] : bench.host().states())
        states[id.text()] = object{{"state", host::name_of(state.kind)}, {"reason", state.reason}};
    return states;
}

struct ExplainArguments {
    std::string learner;
    std::string plugin;
    std::string purpose;
    std::vector<std::string> fields;
    bool gpc = false;
    bool device = false;
    std::string staff;
    std::string reason;
};
BOOST_DESCRIBE_STRUCT(ExplainArguments, (), (learner, plugin, purpose, fields, gpc, device, staff, reason))

Result<const gate::PolicyFlow*> find_flow(const gate::Policy& policy, const std::string& plugin,
                                          const std::string& purpose_key) {
    std::vector<std::string> plugins;
    for (const auto& instance : policy.instances())
        plugins.push_back(instance.id.text());
    const auto id = settings::parse_instance_id(plugin);
    const auto* instance = id ? policy.find_instance(*id) : nullptr;
    if (!instance)
        return Error(ErrorKind::not_found,
                     fmt::format("no plugin \"{}\" is enabled{}\nEnabled are: {}", plugin,
                                 suggestion(plugin, plugins), fmt::join(plugins, ", ")));
    std::vector<std::string> purposes;
    for (const auto& flow : instance->flows)
        purposes.emplace_back(key_of(flow.flow.purpose));
    const auto purpose = find_term<Purpose>(purpose_key);
    const auto* flow = purpose ? policy.find_flow(*id, *purpose) : nullptr;
    if (!flow)
        return Error(ErrorKind::not_found,
                     fmt::format("{} does nothing for the purpose \"{}\"{}\nIts purposes are: {}", id->text(),
                                 purpose_key, suggestion(purpose_key, purposes), fmt::join(purposes, ", ")));
    return flow;
}

Result<value> explain(Workbench& bench, const ExplainArguments& arguments) {
    const auto policy = bench.gate().policy();
    const auto row = find_flow(*policy, arguments.plugin, arguments.purpose);
    if (!row)
        return row.error();
    const auto learner = find_learner(bench, arguments.learner);
    if (!learner)
        return learner.error();
    auto fields = read_categories(arguments.fields);
    if (!fields)
        return fields.error();
    const auto& flow = (*row)->flow;
    if (arguments.fields.empty())
        fields = flow.declared;
    const auto opened =
        open_records(bench, opening_of(arguments, storage::AccessedPart::decision), {*learner});
    if (!opened)
        return opened.error();
    gate::CallOptions options;
    options.privacy_control = arguments.gpc;
    options.device = arguments.device;
    const auto explanation = bench.await(
        bench.gate().explain((*row)->instance, flow.purpose, *learner, *fields, std::move(options)));
    if (!explanation)
        return explanation.error();
    return object{{"learner", learner->text()},
                  {"plugin", (*row)->instance.text()},
                  {"recipient", (*row)->terms.recipient},
                  {"purpose", key_of(flow.purpose)},
                  {"legal_basis", key_of(flow.basis)},
                  {"explanation", boost::json::parse(gate::to_json_text(*explanation))},
                  {"text", gate::to_text(*explanation)}};
}

Result<value> make_privacy_document(Workbench& bench, const DocumentRequest& request) {
    const auto text =
        make_document(*bench.settings(), *bench.gate().policy(), bench.options().share, request);
    if (!text)
        return text.error();
    return object{{"text", *text}};
}

struct GuardianArguments {
    std::string learner;
    std::string plugin;
    std::string purpose;
    bool allowed = false;
    std::string proof;
    std::string staff;
};
BOOST_DESCRIBE_STRUCT(GuardianArguments, (), (learner, plugin, purpose, allowed, proof, staff))

/// What stands in the proof instead of a page: nobody was shown one here.
std::string proof_text(const gate::PolicyFlow& row, const gate::InstancePolicy& instance,
                       const GuardianArguments& arguments) {
    std::vector<std::string_view> fields;
    const auto granted = row.flow.declared & row.flow.granted;
    for (std::size_t i = 0; i < category_keys.size(); ++i)
        if (granted.contains(static_cast<Category>(i)))
            fields.push_back(category_keys[i]);
    return fmt::format("Recorded by the operator: a guardian {}.\n{} ({}), {}\n{}: {}\nProof: {}\n",
                       arguments.allowed ? "allows this" : "no longer allows this",
                       instance.recipient.legal_name, instance.recipient.country, instance.recipient.address,
                       key_of(row.flow.purpose), fmt::join(fields, ", "), arguments.proof);
}

Result<value> record_guardian(Workbench& bench, const GuardianArguments& arguments) {
    const auto policy = bench.gate().policy();
    const auto row = find_flow(*policy, arguments.plugin, arguments.purpose);
    if (!row)
        return row.error();
    const auto learner = find_learner(bench, arguments.learner);
    if (!learner)
        return learner.error();
    if (arguments.proof.empty() || arguments.proof.size() > 2000 || !storage::validate_text(arguments.proof))
        return Error(ErrorKind::invalid_input, "the proof is missing or longer than 2000 bytes");
    // What is answered tells what the learner has chosen. The proof is the reason.
    const auto opened = open_records(
        bench, {arguments.staff, storage::Role::operator_, storage::AccessedPart::guardian, arguments.proof},
        {*learner});
    if (!opened)
        return opened.error();
    const auto& flow = **row;
    const auto recorded = bench.await(bench.choices().record(
        *learner, {{flow.instance, flow.flow.purpose, arguments.allowed}},
        {.language = "en",
         .action = "guardian_recorded_by_operator",
         .shown_text = proof_text(flow, *policy->find_instance(flow.instance), arguments),
         .notice_version = policy->hash().substr(0, 12),
         .chooser = gate::Chooser::guardian}));
    if (!recorded)
        return recorded.error();
    const auto standings = bench.await(bench.choices().standing(policy, *learner));
    if (!standings)
        return standings.error();
    const auto standing = std::ranges::find(*standings, *row, &gate::Standing::row);
    return object{{"learner", learner->text()},
                  {"recipient", flow.terms.recipient},
                  {"flowing", standing != standings->end() && standing->flowing}};
}

Result<value> take_checkpoint(Workbench& bench, const NoArguments&) {
    const auto taken = bench.await(bench.checkpoints().take());
    if (!taken)
        return taken.error();
    const auto newest = bench.database().run_blocking([](storage::Transaction& tx) -> Result<std::int64_t> {
        const auto found = storage::checkpoints::find_newest(tx);
        return found ? found->sequence : 0;
    });
    if (!newest)
        return newest.error();
    return object{{"taken", *taken}, {"newest", *newest}};
}

struct LearnerArguments {
    std::string learner;
    std::string staff;
    std::string reason;
};
BOOST_DESCRIBE_STRUCT(LearnerArguments, (), (learner, staff, reason))

Result<value> prove(Workbench& bench, const LearnerArguments& arguments) {
    const auto subject = find_subject(bench, arguments.learner);
    if (!subject)
        return subject.error();
    if (const auto taken = bench.await(bench.checkpoints().take()); !taken)
        return taken.error();
    const auto proof =
        bench.database().run_blocking([&](storage::Transaction& tx) -> Result<storage::LedgerProof> {
            return storage::make_ledger_proof(tx, bench.cipher().keys().service(), *subject);
        });
    if (!proof)
        return proof.error();
    const auto opened =
        open_records(bench, opening_of(arguments, storage::AccessedPart::ledgers), {*subject});
    if (!opened)
        return opened.error();
    return to_value(*proof);
}

/// The archive itself is written by the command, for whom the file shall be. What happens here is what must
/// be known of it: whose data were handed out.
Result<value> note_export(Workbench& bench, const LearnerArguments& arguments) {
    const auto learner = find_learner(bench, arguments.learner);
    if (!learner)
        return learner.error();
    const auto opened = open_records(bench, opening_of(arguments, storage::AccessedPart::copy), {*learner});
    if (!opened)
        return opened.error();
    return object{{"learner", learner->text()}};
}

/// What a command that works in its own process has to say about the platform it opened.
void log_to_terminal(LogLevel level, const std::string& part, const std::string& line) {
    if (level >= LogLevel::warning || part == "courses")
        fmt::print(stderr, "{}: {}\n", part, line);
}

struct FiguresArguments {
    int weeks = 0;
};
BOOST_DESCRIBE_STRUCT(FiguresArguments, (), (weeks))

Result<value> list_figures(Workbench& bench, const FiguresArguments& arguments) {
    const auto table = bench.await(bench.figures().list(arguments.weeks));
    if (!table)
        return table.error();
    boost::json::array weeks(table->weeks.begin(), table->weeks.end()), rows;
    for (const auto& row : table->rows) {
        boost::json::array people;
        for (const auto& count : row.people)
            people.push_back(count ? value(*count) : value());
        rows.push_back(object{{"measure", boost::describe::enum_to_string(row.measure, "")},
                              {"part", row.part},
                              {"people", std::move(people)}});
    }
    return object{{"weeks", std::move(weeks)}, {"rows", std::move(rows)}};
}

struct TechnicalArguments {
    int weeks = 0;
    std::string by;
};
BOOST_DESCRIBE_STRUCT(TechnicalArguments, (), (weeks, by))

object page_row(const platform::PageFigure& figure) {
    const auto at_most = [&](storage::PageMetric metric) {
        const auto found = figure.at_most.find(metric);
        return found == figure.at_most.end() ? value() : value(found->second);
    };
    const auto cls = at_most(storage::PageMetric::cls);
    return {{"page", figure.page},
            {"kind", figure.kind},
            {"views", figure.views},
            {"lcp_ms", at_most(storage::PageMetric::lcp)},
            {"fcp_ms", at_most(storage::PageMetric::fcp)},
            {"ttfb_ms", at_most(storage::PageMetric::ttfb)},
            {"inp_ms", at_most(storage::PageMetric::inp)},
            {"cls", cls.is_null() ? value() : value(cls.to_number<double>() / 1000)}};
}

Result<value> list_technical(Workbench& bench, const TechnicalArguments& arguments) {
    platform::KindOf by{};
    if (!boost::describe::enum_from_string(arguments.by.c_str(), by))
        return Error(ErrorKind::invalid_input, fmt::format("devices have no kind \"{}\"", arguments.by));
    const auto figures = bench.await(bench.technical_data().list(arguments.weeks, by));
    if (!figures)
        return figures.error();
    boost::json::array pages, browsers, devices;
    for (const auto& page : figures->pages)
        pages.push_back(page_row(page));
    for (const auto& browser : figures->browsers)
        browsers.push_back(object{{"form", browser.kind.form},
                                  {"browser", browser.kind.browser},
                                  {"system", browser.kind.system},
                                  {"screen", browser.screen},
                                  {"views", browser.views}});
    for (const auto& device : figures->devices)
        devices.push_back(object{{"kind", device.kind},
                                 {"devices", device.devices},
                                 {"returning", device.returning ? value(*device.returning) : value()}});
    return object{{"from", fmt::format("{:%F}", std::chrono::floor<std::chrono::days>(figures->from))},
                  {"by", arguments.by},
                  {"smallest_group", figures->smallest_group},
                  {"pages", std::move(pages)},
                  {"small_pages", figures->small_pages},
                  {"browsers", std::move(browsers)},
                  {"small_browsers", figures->small_browsers},
                  {"devices", std::move(devices)},
                  {"small_devices", figures->small_devices}};
}

}  // namespace

Result<storage::LearnerId> find_learner(Workbench& bench, const std::string& name) {
    return bench.database().run_blocking([&](storage::Transaction& tx) -> Result<storage::LearnerId> {
        const auto id = storage::LearnerId::parse(name);
        const auto learner = id ? storage::learners::find(tx, *id)
                                : storage::learners::find_by_email(tx, bench.cipher(), name);
        if (!learner)
            return Error(ErrorKind::not_found, fmt::format("no learner has the address or id \"{}\"", name));
        return learner->id;
    });
}

Result<CategoryMask> read_categories(const std::vector<std::string>& keys) {
    CategoryMask categories;
    for (const auto& key : keys) {
        const auto term = find_term<Category>(key);
        const auto named = term ? CategoryMask(*term) : settings::categories_named_by(key);
        if (named.empty())
            return Error(ErrorKind::invalid_input, fmt::format("there is no data category \"{}\"{}", key,
                                                               suggestion(key, settings::category_words())));
        categories |= named;
    }
    return categories;
}

Result<storage::SubjectId> find_subject(Workbench& bench, const std::string& name) {
    const auto id = storage::SubjectId::parse(name);
    return id ? id : find_learner(bench, name);
}

Result<value> carry_out(Workbench& bench, const std::string& operation, const object& arguments) {
    if (operation == "payments.import")
        return read_and_run(&import_statement, bench, arguments);
    if (operation == "user.add")
        return read_and_run(&add_user, bench, arguments);
    if (operation == "guardian.record")
        return read_and_run(&record_guardian, bench, arguments);
    if (operation == "support.receive")
        return read_and_run(&receive_mail, bench, arguments);
    if (operation == "contracts.list")
        return read_and_run(&list_contracts, bench, arguments);
    if (operation == "privacy.export")
        return read_and_run(&note_export, bench, arguments);
    if (operation == "courses.reload")
        return read_and_run(&reload_courses, bench, arguments);
    if (operation == "plugins.states")
        return read_and_run(&plugin_states, bench, arguments);
    if (operation == "gate.explain")
        return read_and_run(&explain, bench, arguments);
    if (operation == "privacy.document")
        return read_and_run(&make_privacy_document, bench, arguments);
    if (operation == "figures.list")
        return read_and_run(&list_figures, bench, arguments);
    if (operation == "figures.technical")
        return read_and_run(&list_technical, bench, arguments);
    if (operation == "ledger.checkpoint")
        return read_and_run(&take_checkpoint, bench, arguments);
    if (operation == "ledger.proof")
        return read_and_run(&prove, bench, arguments);
    if (auto request = carry_out_request(bench, operation, arguments))
        return std::move(*request);
    if (auto incident = carry_out_incident(bench, operation, arguments))
        return std::move(*incident);
    if (auto authority = carry_out_authority(bench, operation, arguments))
        return std::move(*authority);
    if (auto retention = carry_out_retention(bench, operation, arguments))
        return std::move(*retention);
    if (auto announcement = carry_out_announcement(bench, operation, arguments))
        return std::move(*announcement);
    if (auto mail = carry_out_mail(bench, operation, arguments))
        return std::move(*mail);
    if (auto staff = carry_out_staff(bench, operation, arguments))
        return std::move(*staff);
    return Error(
        ErrorKind::unsupported,
        fmt::format("the running server does not know \"{}\": it is of another version than this command",
                    operation));
}

Result<std::unique_ptr<ControlServer>> open_control(Workbench& bench) {
    return ControlServer::start(bench.options().data,
                                [&bench](const std::string& operation, const object& arguments) {
                                    return carry_out(bench, operation, arguments);
                                });
}

Result<value> perform(const WorkbenchOptions& places, const std::string& operation, const object& arguments) {
    // Between a server's lock and its socket, and between its socket's end and its lock's, neither way is
    // open.
    for (const auto give_up = std::chrono::steady_clock::now() + patience;;) {
        const auto lock = DataFolderLock::take(places.data);
        if (lock) {
            auto bench = Workbench::open(places, log_to_terminal);
            if (!bench)
                return bench.error();
            return carry_out(**bench, operation, arguments);
        }
        if (lock.error().kind != ErrorKind::conflict)
            return lock.error();
        if (auto answer = send_to_server(places.data, operation, arguments))
            return std::move(*answer);
        if (std::chrono::steady_clock::now() > give_up)
            return Error(ErrorKind::temporary, lock.error().message + " (it does not take commands)");
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
}

Result<value> look(const WorkbenchOptions& places, const std::string& operation, const object& arguments) {
    if (!std::filesystem::is_directory(places.data))
        return Error(ErrorKind::not_found,
                     fmt::format("there is no platform's data in {}; name its folder with --data",
                                 places.data.string()));
    return perform(places, operation, arguments);
}

}  // namespace calyptenora::cli
