#include "platform/export/issuer.hpp"

namespace calyptenora::platform {

ExportIssuer make_export_issuer(const settings::Settings& settings) {
    const auto& owner = settings.operator_info;
    auto controller = owner.legal_name;
    // The address has lines; here it stands in one.
    for (const char c : ", " + owner.address)
        controller += c == '\n' ? ' ' : c;
    return {.platform = settings.platform.name,
            .origin = settings.platform.origin,
            .controller = std::move(controller),
            .email = owner.data_protection_officer ? owner.data_protection_officer->email : owner.email,
            .authority = owner.supervisory_authority,
            .time_zone = "Europe/Berlin",
            .retention = settings.retention,
            .receipts = make_receipt_issuer(settings)};
}

}  // namespace calyptenora::platform
