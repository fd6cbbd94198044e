#include "platform/rights/own_part.hpp"

#include "platform/rights/own_records.hpp"
#include "platform/rights/requests.hpp"
#include "storage/stores/consents.hpp"
#include "storage/stores/disclosures.hpp"
#include "storage/stores/erasure.hpp"
#include "storage/stores/learners.hpp"
#include "storage/stores/subjects.hpp"
#include "storage/stores/tombstones.hpp"

#include <calyptenora/json.hpp>

namespace calyptenora::platform {

using boost::asio::awaitable;
using storage::RequestKind;
using storage::RequestStatus;
using storage::RequestStep;

OwnPart::OwnPart(storage::Database& database, const storage::FieldCipher& cipher, gate::Gate& gate,
                 gate::Choices& choices, std::string operator_name, Retention retention)
    : database_(database),
      cipher_(cipher),
      gate_(gate),
      choices_(choices),
      operator_name_(std::move(operator_name)),
      retention_(std::move(retention)) {}

awaitable<Result<OwnPart::Steps>> OwnPart::begin(const storage::SubjectRequest& request) {
    auto steps = co_await database_.transaction([&](storage::Transaction& tx) -> Result<Steps> {
        if (auto locked = storage::subjects::lock(tx, request.subject); !locked)
            return locked.error();
        // Whoever received it, or a node that carries it out, may have been here.
        if (auto known = storage::requests::list_steps(tx, request.id); !known.empty())
            return known;
        const auto now = gate_.clock().now();
        auto all = list_recipients(tx, request, now);
        auto own = do_own_part(tx, request, now);
        if (!own)
            return own.error();
        all.insert(all.begin(), std::move(*own));
        for (const auto& step : all)
            storage::requests::put_step(tx, step);
        return all;
    });
    if (steps)
        co_await choices_.enforce(request.subject);
    co_return steps;
}

Result<RequestStep> OwnPart::do_own_part(storage::Transaction& tx, const storage::SubjectRequest& request,
                                         storage::Timestamp now) const {
    RequestStep own{.request = request.id,
                    .instance = "",
                    .subject = request.subject,
                    .recipient = operator_name_,
                    .status = RequestStatus::completed,
                    .next_attempt_at = now,
                    .updated_at = now};
    std::vector<storage::Tombstone> tombstones;
    switch (request.kind) {
        case RequestKind::erasure: {
            auto erased = erase_own_records(tx, cipher_, request.subject, retention_(), now);
            if (!erased)
                return erased.error();
            own.outcome = std::move(erased->summary);
            own.retained_until = std::move(erased->retained_until);
            if (own.retained_until)
                own.status = RequestStatus::retained;
            break;
        }
        case RequestKind::restriction:
            storage::learners::restrict(tx, request.subject, now);
            tombstones.push_back({request.subject, storage::TombstoneKind::restriction, "", {}, now});
            break;
        case RequestKind::objection:
            for (const auto& instance : gate_.policy()->instances())
                for (const auto& row : instance.flows)
                    if (gate::is_open_to_objection(row.flow)) {
                        const auto name = row.instance.text();
                        storage::consents::object(tx, request.subject, name, row.flow.purpose, now);
                        tombstones.push_back({request.subject, storage::TombstoneKind::objection, name,
                                              row.flow.purpose, now});
                    }
            break;
        case RequestKind::rectification: {
            const auto details = parse_json<RequestDetails>(request.details);
            auto contact = storage::learners::load_contact(tx, cipher_, request.subject);
            if (!details || !contact)
                return details ? contact.error() : details.error();
            contact->display_name = details->display_name.value_or(contact->display_name);
            if (auto changed = storage::learners::update_contact(tx, cipher_, request.subject, *contact);
                !changed)
                return changed.error();
            break;
        }
        case RequestKind::access:
        case RequestKind::portability:
            own.status = RequestStatus::pending;
            break;
    }
    if (auto put = storage::tombstones::put(cipher_.keys(), tombstones); !put)
        return put.error();
    return own;
}

OwnPart::Steps OwnPart::list_recipients(storage::Transaction& tx, const storage::SubjectRequest& request,
                                        storage::Timestamp now) const {
    Steps steps;
    // An objection ends a flow, and what was sent before stays where it is.
    if (request.kind == RequestKind::objection)
        return steps;
    std::vector<storage::SubjectId> names{request.subject};
    // Under a guest's name nobody got anything that could be corrected.
    if (request.kind != RequestKind::rectification)
        for (auto& guest : storage::erasure::list_guests(tx, request.subject))
            names.push_back(std::move(guest));
    for (const auto& name : names)
        for (auto& known : storage::disclosures::list_recipients(tx, name))
            steps.push_back({.request = request.id,
                             .instance = std::move(known.instance),
                             .subject = name,
                             .recipient = std::move(known.recipient),
                             .next_attempt_at = now,
                             .updated_at = now});
    return steps;
}

}  // namespace calyptenora::platform
