#include "gate/frames.hpp"

#include <algorithm>

namespace calyptenora::gate {
namespace {

bool changes_on_the_way(const PolicyFlow& row, CategoryMask categories) {
    return std::ranges::any_of(row.fields, [&](const FlowField& field) {
        return field.transform != Transform::none && !(field.granted & categories).empty();
    });
}

}  // namespace

boost::asio::awaitable<Result<std::unique_ptr<Emission>>> Frames::begin(settings::InstanceId instance,
                                                                        Purpose purpose,
                                                                        storage::SubjectId subject,
                                                                        std::string host) {
    const auto policy = gate_.policy();
    const auto* row = policy->find_flow(instance, purpose);
    if (!row)
        co_return Error(ErrorKind::denied,
                        fmt::format("{} is not enabled for {}", instance.text(), key_of(purpose)));
    const auto revealed = row->flow.declared & row->flow.granted & revealed_by_some_frames;
    if (!revealed.contains(revealed_by_every_frame) || changes_on_the_way(*row, revealed))
        co_return Error(
            ErrorKind::denied,
            fmt::format("{} shows no frame: its terms for {} must name {}, as they are, since "
                        "no frame is loaded without them",
                        instance.text(), key_of(purpose), list_categories(revealed_by_every_frame)));
    const CallScope scope{storage::CallId::make(), instance, purpose, {{subject, revealed}}};
    co_return co_await emissions_.begin(
        scope,
        {.records = {}, .host = std::move(host), .method = std::string(frame_operation), .device = true});
}

}  // namespace calyptenora::gate
