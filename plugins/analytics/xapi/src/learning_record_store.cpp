#include "learning_record_store.hpp"

#include "statement.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <charconv>
#include <deque>
#include <set>

namespace calyptenora::xapi {
namespace {

namespace json = boost::json;

std::optional<std::chrono::seconds> retry_after(const HttpResponse& response) {
    const auto header = response.headers.find("retry-after");
    if (header == response.headers.end())
        return std::nullopt;
    const auto& text = header->second;
    std::int64_t seconds = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (failure != std::errc{} || end != text.data() + text.size() || seconds < 0)
        return std::nullopt;  // a date: the host's own back-off is good enough
    return std::chrono::seconds(std::min<std::int64_t>(seconds, 24 * 3600));
}

std::set<std::string> ids_in(const std::string& body) {
    std::set<std::string> ids;
    json::error_code failure;
    const auto parsed = json::parse(body, failure);
    if (!failure && parsed.is_array())
        for (const auto& id : parsed.get_array())
            if (id.is_string())
                ids.emplace(id.get_string());
    return ids;
}

// Whether halving a batch can find out which statement is at fault.
bool is_about_a_statement(int status) {
    return status == 400 || status == 409 || status == 413 || status == 422;
}

using Part = std::vector<Queued>;

}  // namespace

Error error_of(const HttpResponse& response) {
    const auto status = std::to_string(response.status);
    if (response.status == 401 || response.status == 403)
        return {ErrorKind::invalid_config, "the learning record store refuses the credentials (" + status +
                                               "); check the settings username and password"};
    if (response.status == 429)
        return {ErrorKind::rate_limited, "the learning record store asks to slow down (429)",
                retry_after(response)};
    if (response.status >= 500)
        return {ErrorKind::temporary, "the learning record store fails (" + status + ")",
                retry_after(response)};
    return {ErrorKind::invalid_config, "the endpoint does not answer as a learning record store does (" +
                                           status + "); check the setting endpoint"};
}

LearningRecordStore::LearningRecordStore(Host host, std::string endpoint, const std::string& username,
                                         const std::string& password)
    : host_(host),
      url_(std::move(endpoint)),
      authorisation_("Basic " + encode_base64(username + ":" + password)) {
    while (url_.ends_with('/'))
        url_.pop_back();
    url_ += "/statements";
}

task<Result<HttpResponse>> LearningRecordStore::post(const std::vector<Queued>& statements,
                                                     std::vector<std::int64_t> records) const {
    json::array body;
    for (const auto& queued : statements)
        body.push_back(queued.statement);
    HttpRequest request;
    request.method = "POST";
    request.url = url_;
    request.headers = {{"Authorization", authorisation_},
                       {"Content-Type", "application/json"},
                       {"X-Experience-API-Version", "1.0.3"}};
    request.body.data = json::serialize(body);
    request.records = std::move(records);
    co_return co_await host_.http(request);
}

task<Result<std::vector<analytics::Delivery>>> LearningRecordStore::deliver(std::vector<Queued> statements,
                                                                            std::size_t batch_size) const {
    using enum analytics::DeliveryOutcome;
    std::vector<analytics::Delivery> deliveries;
    std::deque<Part> parts;
    if (!statements.empty())
        parts.push_back(std::move(statements));
    while (!parts.empty()) {
        const auto part = std::move(parts.front());
        parts.pop_front();
        std::vector<std::int64_t> records;
        if (part.size() != batch_size)
            for (const auto& queued : part)
                records.push_back(queued.record);
        const auto response = co_await post(part, std::move(records));
        const int status = response ? response->status : 0;

        if (status == 200) {
            const auto stored = ids_in(response->body.data);
            for (const auto& queued : part)
                if (stored.contains(queued.id))
                    deliveries.push_back({queued.id, accepted, std::nullopt});
                else
                    deliveries.push_back(
                        {queued.id, unconfirmed, "the learning record store did not name this statement"});
        } else if (is_about_a_statement(status) && part.size() > 1) {
            // A conflict may lie in any of them; a fault is found by halving.
            const std::size_t step = status == 409 ? 1 : (part.size() + 1) / 2;
            for (std::size_t at = 0; at < part.size(); at += step)
                parts.emplace_back(
                    part.begin() + static_cast<std::ptrdiff_t>(at),
                    part.begin() + static_cast<std::ptrdiff_t>(std::min(at + step, part.size())));
        } else if (status == 409) {
            deliveries.push_back({part[0].id, duplicate, std::nullopt});
        } else if (is_about_a_statement(status)) {
            deliveries.push_back(
                {part[0].id, rejected,
                 std::to_string(status) + ": " + without_values(response->body.data, part[0].statement)});
        } else {
            // The store or the way to it is at fault: whatever has not been said yet is to be tried again.
            const auto error = response ? error_of(*response) : response.error();
            if (deliveries.empty())
                co_return error;
            parts.push_front(part);
            for (const auto& rest : parts)
                for (const auto& queued : rest)
                    deliveries.push_back({queued.id, retry, error.message});
            parts.clear();
        }
    }
    co_return deliveries;
}

}  // namespace calyptenora::xapi
