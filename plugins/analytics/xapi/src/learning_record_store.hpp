#pragma once

#include <calyptenora/sdk.hpp>

#include <boost/json/object.hpp>

#include <string>
#include <vector>

namespace calyptenora::xapi {

/// A statement and its place in the batch that the host handed over.
struct Queued {
    std::int64_t record = 0;
    std::string id;
    boost::json::object statement;
};

/// The statements resource of a learning record store.
class LearningRecordStore {
  public:
    LearningRecordStore(Host host, std::string endpoint, const std::string& username,
                        const std::string& password);

    /// Posts statements. `records`: whose data they carry; empty for all of the call's.
    task<Result<HttpResponse>> post(const std::vector<Queued>& statements,
                                    std::vector<std::int64_t> records) const;

    /// The outcome of each statement, in parts where the store refuses the whole. Fails when nothing can be
    /// said of any of them.
    task<Result<std::vector<analytics::Delivery>>> deliver(std::vector<Queued> statements,
                                                           std::size_t batch_size) const;

  private:
    Host host_;
    std::string url_;
    std::string authorisation_;
};

/// Why a response means that nothing was stored, for the operator; never quotes the body.
Error error_of(const HttpResponse& response);

}  // namespace calyptenora::xapi
