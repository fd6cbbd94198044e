#include "cli/commands.hpp"
#include "cli/opening.hpp"
#include "cli/operations.hpp"
#include "cli/output_file.hpp"
#include "cli/stores.hpp"
#include "cli/text_table.hpp"
#include "platform/export/demanded_file.hpp"
#include "storage/text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace calyptenora::cli {
namespace {

using boost::json::object;

constexpr const char* group = "Answer an authority's legal demand";

/// The options of this name, with who calls.
object read_arguments(const Call& call, std::initializer_list<std::string_view> names) {
    object arguments{{"staff", system_user()}};
    for (const auto name : names)
        arguments[name] = call.invocation.find(name).value_or("");
    return arguments;
}

void add_fields(const Call& call, object& arguments) {
    arguments["fields"] = split_at_commas(call.invocation.find("fields").value_or(""));
}

int enter(const Call& call) {
    auto arguments = read_arguments(
        call, {"learner", "authority", "address", "reference", "ground", "from", "until", "received", "due"});
    arguments["deferred_until"] = call.invocation.find("defer-until").value_or("");
    arguments["deferral_ground"] = call.invocation.find("defer-ground").value_or("");
    add_fields(call, arguments);
    const auto answer = perform(call.places, "authority.enter", arguments);
    if (!answer)
        return fail(answer.error());
    if (call.invocation.has("json"))
        print_json(*answer);
    else
        fmt::print("Recorded as {}.\nNext: \"authority assess\"; then somebody else releases it.\n",
                   text_of(*answer, "id"));
    return ExitCode::done;
}

int assess(const Call& call) {
    auto arguments = read_arguments(call, {"demand", "decision", "reason", "from", "until"});
    add_fields(call, arguments);
    return perform_quietly(call, "authority.assess", arguments, "Assessed.");
}

/// In memory until it is written down what is handed over.
class Buffer final : public platform::ByteSink {
  public:
    Status write(std::string_view bytes) override {
        bytes_.append(bytes);
        return {};
    }
    void clear() { bytes_.clear(); }
    const std::string& bytes() const { return bytes_; }

  private:
    std::string bytes_;
};

struct MadeFile {
    platform::DemandedContents contents;
    std::int64_t assessed = 0;  ///< Of the assessment that it follows.
};

Result<MadeFile> make_file(const Call& call, const settings::Settings& settings, Buffer& buffer) {
    const auto stores = open_existing_stores(settings, call.places.data);
    const auto id = storage::LegalDemandId::parse(*call.invocation.find("demand"));
    if (!stores || !id)
        return stores ? id.error() : stores.error();
    const storage::FieldCipher cipher(*stores->keys);
    return stores->database->run_blocking([&](storage::Transaction& tx) -> Result<MadeFile> {
        const auto demand = storage::legal_demands::find(tx, cipher, *id);
        if (!demand || !demand->assessed_at)
            return Error(ErrorKind::not_found, "there is no such demand, or it is not assessed");
        buffer.clear();
        auto contents = platform::write_demanded_file(tx, cipher, platform::make_export_issuer(settings),
                                                      *demand, storage::SystemClock().now(), buffer);
        if (!contents)
            return contents.error();
        return MadeFile{std::move(*contents), storage::microseconds_of(*demand->assessed_at)};
    });
}

boost::json::array keys_of(CategoryMask categories) {
    boost::json::array keys;
    for (std::size_t i = 0; i < category_keys.size(); ++i)
        if (categories.contains(static_cast<Category>(i)))
            keys.emplace_back(category_keys[i]);
    return keys;
}

void print_release(const Call& call, const platform::DemandedContents& contents, const std::string& output,
                   const std::string& digest) {
    if (call.invocation.has("json")) {
        object records;
        for (const auto& [set, rows] : contents.records)
            records[set] = rows;
        return print_json(object{{"file", output},
                                 {"digest", digest},
                                 {"fields", keys_of(contents.categories)},
                                 {"erased", contents.is_erased},
                                 {"records", std::move(records)}});
    }
    if (contents.is_erased)
        fmt::print("The account is erased: there is nothing left to hand over, and the file says so.\n");
    for (const auto& [set, rows] : contents.records)
        fmt::print("{}: {}\n", set, rows);
    fmt::print(
        "{} is made, and in the disclosure ledger. It is not encrypted: hand it over safely, then remove "
        "it.\n"
        "SHA-256: {}\n",
        output, digest);
}

int release(const Call& call) {
    const auto output = *call.invocation.find("output");
    const auto settings = settings::load_settings(call.places.config);
    if (!settings)
        return fail(Error(ErrorKind::invalid_config, settings::to_text(settings.problems)));
    // Before anything is noted: nothing is handed over if the file cannot be made.
    const auto file = OutputFile::create(output);
    if (!file)
        return fail(file.error());
    auto arguments = read_arguments(call, {"demand"});
    if (const auto opened = look(call.places, "authority.open", arguments); !opened)
        return fail(opened.error());
    Buffer buffer;
    const auto made = make_file(call, *settings.value, buffer);
    if (!made)
        return fail(made.error());
    if (const auto written = (*file)->write(buffer.bytes()); !written)
        return fail(written.error());
    const auto digest = storage::sha256_hex(buffer.bytes());
    arguments["fields"] = keys_of(made->contents.categories);
    arguments["assessed"] = made->assessed;
    arguments["digest"] = digest;
    // The file goes again unless the ledger has it.
    if (const auto released = perform(call.places, "authority.release", arguments); !released)
        return fail(released.error());
    if (const auto finished = (*file)->finish(); !finished)
        return fail(finished.error());
    print_release(call, made->contents, output, digest);
    return ExitCode::done;
}

int defer(const Call& call) {
    return perform_quietly(call, "authority.defer", read_arguments(call, {"demand", "until", "ground"}),
                           "Deferred.");
}

int notify(const Call& call) {
    auto arguments = read_arguments(call, {"demand"});
    arguments["reason"] = call.invocation.find("lifted").value_or("");
    return perform_quietly(call, "authority.notify", arguments,
                           "The person may know of it now, and reads it in the account once it is settled.");
}

std::string scope_text(const boost::json::value& scope) {
    std::string fields;
    for (const auto& field : scope.at("fields").as_array())
        fields.append(fields.empty() ? "" : ", ").append(std::string_view(field.as_string()));
    const auto from = text_of(scope, "from"), until = text_of(scope, "until");
    return fields + (from.empty() ? "" : " from " + from) + (until.empty() ? "" : " until " + until);
}

std::string notice_text(const boost::json::value& row) {
    const auto until = text_of(row, "deferred_until"), told = text_of(row, "told");
    if (row.at("look_again").as_bool())
        return "LOOK AGAIN since " + until;
    if (!until.empty())
        return "deferred until " + until;
    return told.empty() ? "" : "told " + told;
}

void print_demands(const boost::json::array& all) {
    std::vector<std::vector<std::string>> rows{
        {"demand", "authority", "reference", "state", "due", "the person"}};
    for (const auto& row : all)
        rows.push_back(
            {text_of(row, "id"), text_of(row, "authority"), text_of(row, "reference"), text_of(row, "state"),
             (row.at("overdue").as_bool() ? "OVERDUE since " : "") + text_of(row, "due"), notice_text(row)});
    fmt::print("{}", make_text_table(rows));
}

int list(const Call& call) {
    return show_list(call, "authority.list", {}, "No demand is recorded.", print_demands);
}

void print_demand(const boost::json::value& answer) {
    for (const auto* key :
         {"id", "learner", "authority", "address", "reference", "ground", "received", "due", "state",
          "decision_reason", "released", "digest", "deferral_ground", "ledger_subject"})
        if (const auto text = text_of(answer, key); !text.empty())
            fmt::print("{:16} {}\n", key, text);
    for (const auto* key : {"asked", "granted"})
        if (const auto text = scope_text(answer.at(key)); !text.empty())
            fmt::print("{:16} {}\n", key, text);
    if (const auto text = notice_text(answer); !text.empty())
        fmt::print("{:16} {}\n", "the person", text);
}

int show(const Call& call) {
    return show_answer(call, "authority.show",
                       with_reason(call, {{"demand", *call.invocation.find("demand")}}), print_demand);
}

const OptionSpec demand_option{"demand", "ID", "as 'authority list' shows it", true};

}  // namespace

Command make_authority_enter_command() {
    return {
        {.name = "authority enter",
         .group = group,
         .summary = "record that an authority demands a learner's data by law",
         .details = "For staff with the role data_protection in effect, whose name on this machine 'staff "
                    "appoint' has "
                    "recorded.\n"
                    "The letter itself stays where you keep letters; here is what it asks for, and on which "
                    "ground. That you "
                    "looked\n"
                    "for the learner goes into the access log, with authority and reference as the reason. "
                    "With --defer-until "
                    "the\n"
                    "learner sees none of it until you say so with \"authority notify\": for half a year at "
                    "most, then it is "
                    "looked at\n"
                    "again. Without, they see from now on that you looked, and are told when it is settled.",
         .options = {{"learner", "ADDRESS|ID", "about whom it asks", true},
                     {"authority", "NAME", "who asks", true},
                     {"address", "TEXT", "where the answer goes", true},
                     {"reference", "TEXT", "of the authority's file; no names", true},
                     {"ground", "TEXT", "the norm, or the court's order with its date", true},
                     {"fields", "A,B", "the data categories that are asked for (privacy inventory)", true},
                     {"from", "DATE", "the first day of the period; default: from the beginning"},
                     {"until", "DATE", "its last day; default: up to now"},
                     {"received", "DATE", "when it came, such as 2026-11-27", true},
                     {"due", "DATE", "by when it is to be answered", true},
                     {"defer-until", "DATE", "the learner must not be told before that day"},
                     {"defer-ground", "TEXT", "on which ground not"},
                     {"json", "", "its id as JSON"}},
         .example = "calyptenora authority enter --learner mia@example.org --authority \"Staatsanwaltschaft "
                    "Musterstadt\" "
                    "\\\n"
                    "      --address \"Gerichtsweg 1, 12345 Musterstadt\" --reference \"123 Js 456/26\" \\\n"
                    "      --ground \"section 22 TDDDG, section 100j StPO\" --fields "
                    "user.name,user.contact.email \\\n"
                    "      --received 2026-11-27 --due 2026-12-04"},
        enter};
}

Command make_authority_assess_command() {
    return {{.name = "authority assess",
             .group = group,
             .summary = "accept a legal demand in full or in part, or refuse it",
             .details = "For staff with the role data_protection in effect. Is the authority competent, does "
                        "the norm oblige you, "
                        "is no more\n"
                        "asked for than it allows? Of a demand that is accepted in part only --fields (of "
                        "the days --from to "
                        "--until) are\n"
                        "handed over. Can be repeated until it is released or refused.",
             .options = {demand_option,
                         {"decision", "DECISION", "full, part or refused", true},
                         {"reason", "TEXT", "why; the learner reads it in their copy. No names", true},
                         {"fields", "A,B", "the data categories that are handed over in part"},
                         {"from", "DATE", "the first day of which they are"},
                         {"until", "DATE", "and the last"}},
             .example =
                 "calyptenora authority assess --demand 019aa2c4-... --decision part --fields user.name \\\n"
                 "      --reason \"section 22 TDDDG covers inventory data only\""},
            assess};
}

Command make_authority_release_command() {
    return {{.name = "authority release",
             .group = group,
             .summary = "make the file that is handed to the authority",
             .details = "For somebody else than who entered and who assessed the demand, with the role "
                        "data_protection or "
                        "operator in effect.\n"
                        "The ZIP file holds what was accepted and nothing else: of each record the columns "
                        "of these data "
                        "categories, and its\n"
                        "date. Documents in which several categories stand mixed are handed over if all of "
                        "these are accepted. Of "
                        "somebody\n"
                        "erased there is nothing, and the file says so; vouchers that are only kept by law "
                        "are no part of it. It "
                        "is in the\n"
                        "disclosure ledger before you have it (purpose: legal obligation, Art. 6(1)(c) "
                        "GDPR). FILE must not exist "
                        "yet; only\n"
                        "you can read it. Works beside a running server.",
             .options = {demand_option,
                         {"output", "FILE", "where the ZIP file goes", true},
                         {"json", "", "what was written as JSON"}},
             .example = "calyptenora authority release --demand 019aa2c4-... --output answer.zip"},
            release};
}

Command make_authority_defer_command() {
    return {{.name = "authority defer",
             .group = group,
             .summary = "defer the notice to the learner once more",
             .details =
                 "For staff with the role data_protection in effect, when the ground still holds: for half a "
                 "year at most.",
             .options = {demand_option,
                         {"until", "DATE", "the learner must not be told before that day", true},
                         {"ground", "TEXT", "on which ground not", true}},
             .example = "calyptenora authority defer --demand 019aa2c4-... --until 2027-03-01 \\\n"
                        "      --ground \"section 95a StPO, order of the court of 2026-11-27\""},
            defer};
}

Command make_authority_notify_command() {
    return {{.name = "authority notify",
             .group = group,
             .summary = "end the deferral: the learner is told",
             .details = "For staff with the role data_protection in effect. From now on the learner's page "
                        "\"Your data\" says "
                        "who demanded\n"
                        "and got what, and the record of what was sent, the list of looks and the copy of "
                        "their data hold it.",
             .options = {demand_option,
                         {"lifted", "TEXT", "why before the day: who said so, and when. No names"}},
             .example = "calyptenora authority notify --demand 019aa2c4-..."},
            notify};
}

Command make_authority_list_command() {
    return {{.name = "authority list",
             .group = group,
             .summary = "show the legal demands, and what has to be done by when",
             .details =
                 "Newest first, and without about whom they are. The server's log says daily what waits: a "
                 "demand, or a\n"
                 "deferral that has to be looked at again.",
             .options = {{"json", "", "the list as JSON"}},
             .example = "calyptenora authority list"},
            list};
}

Command make_authority_show_command() {
    return {
        {.name = "authority show",
         .group = group,
         .summary = "show a legal demand, with about whom it is",
         .details = "For staff who may release demands. That you looked goes into the access log, which the "
                    "learner reads once\n"
                    "they may know. ledger_subject is in whose chain the ledgers have it (ledger proof).",
         .options = {demand_option, reason_option(), {"json", "", "the demand as JSON"}},
         .example = "calyptenora authority show --demand 019aa2c4-... --reason \"before the release\""},
        show};
}

}  // namespace calyptenora::cli
