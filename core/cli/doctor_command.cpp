#include "cli/commands.hpp"
#include "cli/doctor.hpp"
#include "cli/text_table.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace calyptenora::cli {
namespace {

std::string_view name_of(Finding::Verdict verdict) {
    switch (verdict) {
        case Finding::Verdict::good:
            return "good";
        case Finding::Verdict::warning:
            return "warning";
        case Finding::Verdict::failed:
            break;
    }
    return "failed";
}

void print_findings(const std::vector<Finding>& findings) {
    std::vector<std::vector<std::string>> table;
    for (const auto& finding : findings)
        table.push_back({std::string(name_of(finding.verdict)), finding.subject, finding.what});
    fmt::print("{}", make_text_table(table));
    for (const auto& finding : findings)
        if (!finding.remedy.empty())
            fmt::print("\n{}: {}\n  {}\n", printable(finding.subject), printable(finding.what),
                       printable(finding.remedy));
}

int doctor(const Call& call) {
    auto places = call.places;
    const auto port = find_port(call.invocation);
    if (!port)
        return misunderstand(call.invocation, port.error().message);
    places.port = *port;
    const auto findings = examine(places);
    const auto failures = std::ranges::count(findings, Finding::Verdict::failed, &Finding::verdict);
    const auto warnings = std::ranges::count(findings, Finding::Verdict::warning, &Finding::verdict);
    if (call.invocation.has("json")) {
        boost::json::array list;
        for (const auto& finding : findings)
            list.push_back({{"verdict", name_of(finding.verdict)},
                            {"subject", finding.subject},
                            {"what", finding.what},
                            {"remedy", finding.remedy}});
        print_json(boost::json::object{{"ready", failures == 0}, {"findings", std::move(list)}});
    } else {
        print_findings(findings);
        fmt::print("\n{}{}\n",
                   failures == 0   ? "Ready to start"
                   : failures == 1 ? "One thing is to be mended before a start"
                                   : fmt::format("{} things are to be mended before a start", failures),
                   warnings == 0   ? "."
                   : warnings == 1 ? "; one warning."
                                   : fmt::format("; {} warnings.", warnings));
    }
    return failures == 0 ? ExitCode::done : ExitCode::failed;
}

}  // namespace

Command make_doctor_command() {
    return {{.name = "doctor",
             .group = "Run the platform",
             .summary = "find out whether a start would succeed, and what to do if not",
             .details =
                 "Looks at everything that a start needs: settings and secrets, the data folder and its "
                 "disk, the\n"
                 "master key, both databases and their versions, the certificate, the port, the clock, the\n"
                 "limits of this process, the mail server, and each plugin's file. Nothing is changed; it "
                 "may run beside the\n"
                 "server. Exit code 1 if something keeps the server from starting as the settings say.",
             .options = {{"json", "", "as one JSON document"},
                         {"port", "PORT", "as serve is going to be given it"}},
             .example = "calyptenora doctor --config /etc/calyptenora.yaml --data /var/lib/calyptenora"},
            doctor};
}

}  // namespace calyptenora::cli
