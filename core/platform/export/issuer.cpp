#include "platform/export/issuer.hpp"

#include "web/format.hpp"

namespace calyptenora::platform {

ExportIssuer make_export_issuer(const settings::Settings& settings) {
    const auto& owner = settings.operator_info;
    return {.platform = settings.platform.name,
            .origin = settings.platform.origin,
            .controller = owner.legal_name + ", " + web::format_address(owner.address),
            .email = owner.data_protection_officer ? owner.data_protection_officer->email : owner.email,
            .authority = owner.supervisory_authority,
            .time_zone = "Europe/Berlin",
            .retention = settings.retention,
            .receipts = make_receipt_issuer(settings)};
}

}  // namespace calyptenora::platform
