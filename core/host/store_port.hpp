#pragma once

#include "settings/instance_id.hpp"
#include "storage/ids.hpp"

#include <calyptenora/result.hpp>
#include <calyptenora/vocabulary.hpp>

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>

namespace calyptenora::host {

/// Whose entry it is. An entry is found again under exactly the same four.
struct StoreEntry {
    settings::InstanceId instance;
    storage::SubjectId subject;
    Purpose purpose;
    std::string key;
};

/// Where the entries of plugins are kept, sealed with the learner's key. Implemented over storage's plugin
/// store.
class StorePort {
  public:
    virtual ~StorePort() = default;
    virtual boost::asio::awaitable<Result<std::optional<std::string>>> get(StoreEntry entry) = 0;
    /// Durable when it returns.
    virtual boost::asio::awaitable<Status> put(StoreEntry entry, std::string value) = 0;
    virtual boost::asio::awaitable<Status> erase(StoreEntry entry) = 0;
};

}  // namespace calyptenora::host
