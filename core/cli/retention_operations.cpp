#include "cli/retention_operations.hpp"

#include "cli/described_operation.hpp"
#include "web/format.hpp"

#include <boost/json/array.hpp>

namespace calyptenora::cli {
namespace {

using boost::json::object;
using boost::json::value;

value time_or_null(const std::optional<storage::Timestamp>& moment) {
    return moment ? value(web::format_iso(*moment)) : value(nullptr);
}

struct NoArguments {};
BOOST_DESCRIBE_STRUCT(NoArguments, (), ())

Result<value> plan(Workbench& bench, const NoArguments&) {
    const auto planned = bench.await(bench.housekeeping().plan());
    if (!planned)
        return planned.error();
    boost::json::array list;
    for (const auto& [category, rule, due, next_goes_at] : *planned)
        list.push_back(object{{"category", category},
                              {"rule", rule},
                              {"due", due.rows},
                              {"oldest", time_or_null(due.oldest)},
                              {"later", due.later},
                              {"next", time_or_null(next_goes_at)}});
    return list;
}

Result<value> run_now(Workbench& bench, const NoArguments&) {
    const auto swept = bench.await(bench.housekeeping().run_once());
    if (!swept)
        return swept.error();
    return object{{"sessions", swept->sessions}, {"outgoing", swept->outgoing},
                  {"attempts", swept->attempts}, {"leases", swept->leases},
                  {"retained", swept->retained}, {"tombstones", swept->tombstones}};
}

struct LogArguments {
    int limit = 0;
};
BOOST_DESCRIBE_STRUCT(LogArguments, (), (limit))

Result<value> list_proofs(Workbench& bench, const LogArguments& arguments) {
    const auto log = bench.await(bench.housekeeping().list_proofs(arguments.limit));
    if (!log)
        return log.error();
    boost::json::array proofs;
    for (const auto& proof : log->proofs)
        proofs.push_back(object{{"sequence", proof.sequence},
                                {"at", web::format_iso(proof.at)},
                                {"category", proof.category},
                                {"rule", proof.rule},
                                {"deleted", proof.deleted},
                                {"hash", proof.hash}});
    return object{{"intact", !log->broken_at},
                  {"broken_at", log->broken_at ? value(*log->broken_at) : value(nullptr)},
                  {"proofs", std::move(proofs)}};
}

}  // namespace

std::optional<Result<value>> carry_out_retention(Workbench& bench, const std::string& operation,
                                                 const object& arguments) {
    if (operation == "retention.plan")
        return read_and_run(&plan, bench, arguments);
    if (operation == "retention.run")
        return read_and_run(&run_now, bench, arguments);
    if (operation == "retention.log")
        return read_and_run(&list_proofs, bench, arguments);
    return std::nullopt;
}

}  // namespace calyptenora::cli
