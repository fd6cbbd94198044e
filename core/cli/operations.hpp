#pragma once

#include "cli/control_socket.hpp"
#include "cli/workbench.hpp"

#include <calyptenora/result.hpp>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <memory>
#include <string>

/// The work that commands do on a living platform. One table serves both ways to it: in the running server,
/// through its control socket, or in the command's own process when no server runs. So there is never a
/// second writer.
namespace calyptenora::cli {

/// Carries out one operation. Blocks; not from a thread of the workbench. Operations and their arguments:
///
///     payments.import   {document: base64}                          -> StatementReport
///     user.add          {email, name, password, role, language, guardian_until, staff} -> {learner}
///     guardian.record   {learner, plugin, purpose, allowed, proof, staff} -> {learner, recipient, flowing}
///     support.receive   {mail: base64}                              -> {messages}
///     contracts.list    {staff, reason}
///                         -> [{received, kind, name, email, contract, order, extraordinary, reason, end}]
///     privacy.export    {learner, staff, reason}                    -> {learner}: goes into the access log
///     courses.reload    {}                                          -> {courses: [slug]}
///     plugins.states    {}                                          -> {instance: {state, reason}}
///     gate.explain      {learner, plugin, purpose, fields, gpc, device, staff, reason}
///                         -> {learner, plugin, recipient, purpose, legal_basis, explanation, text}
///     figures.list      {weeks}                                     -> {weeks: [day], rows: [{measure, part,
///     people: [count]}]}
///     figures.technical {weeks, by}      -> {from, by, smallest_group, pages, browsers, devices,
///     small_pages, small_browsers, small_devices} ledger.checkpoint {} -> {taken, newest} ledger.proof
///     {learner, staff, reason}                    -> storage::LedgerProof
///
/// and those of announcement_operations.hpp, request_operations.hpp, staff_operations.hpp,
/// retention_operations.hpp, mail_operations.hpp, incident_operations.hpp and authority_operations.hpp.
/// `staff` and `reason` go into the access log of everybody of whom something is answered; see opening.hpp.
///
/// `language` may be empty: the platform's. So may `guardian_until`: the person consents alone. `learner` is
/// an address or an id (for a proof, of anybody in the ledgers); empty `fields`: all that are declared.
Result<boost::json::value> carry_out(Workbench& bench, const std::string& operation,
                                     const boost::json::object& arguments);

/// Listens for commands on behalf of this workbench. Stop it before the workbench ends.
Result<std::unique_ptr<ControlServer>> open_control(Workbench& bench);

/// Carries out an operation where it belongs: in the server that holds the data folder's lock, else here,
/// holding the lock.
Result<boost::json::value> perform(const WorkbenchOptions& places, const std::string& operation,
                                   const boost::json::object& arguments);

/// The same for operations that only look: without a server and without a data folder there is nothing to
/// look at, and nothing is made.
Result<boost::json::value> look(const WorkbenchOptions& places, const std::string& operation,
                                const boost::json::object& arguments);

}  // namespace calyptenora::cli
