#pragma once

#include "platform/consent_receipts.hpp"
#include "settings/settings.hpp"

#include <string>

namespace calyptenora::platform {

/// Who hands the data out, as it stands in the export.
struct ExportIssuer {
    std::string platform;    ///< The platform's name.
    std::string origin;      ///< `https://lms.example`.
    std::string controller;  ///< Name and address.
    std::string email;
    std::string authority;  ///< Where one may complain; may be empty.
    std::string time_zone;  ///< IANA.
    settings::Retention retention = {};
    /// As receipts name the platform.
    ReceiptIssuer receipts = {};
};

ExportIssuer make_export_issuer(const settings::Settings& settings);

}  // namespace calyptenora::platform
