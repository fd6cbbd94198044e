#include "settings/own_use.hpp"

#include "settings/core_mail.hpp"
#include "settings/technical_use.hpp"

#include <fmt/format.h>

namespace calyptenora::settings {
namespace {

std::string text_of(const Manifest& manifest) {
    std::string text = manifest.id.text() + '\n';
    for (const auto& purpose : manifest.purposes) {
        text += fmt::format("{} {}", key_of(purpose.purpose), key_of(purpose.legal_basis));
        if (purpose.retention_days)
            text += fmt::format(" {}", purpose.retention_days->count());
        text += '\n';
        for (const auto& field : purpose.fields)
            text += fmt::format("  {}: {} / {}\n", field.key, field.why.de, field.why.en);
    }
    return text;
}

EffectivePurpose in_force(const ManifestPurpose& purpose) {
    EffectivePurpose effective{.purpose = purpose.purpose,
                               .enabled = true,
                               .legal_basis = purpose.legal_basis,
                               .device_access = purpose.device_access,
                               .cookie_category = purpose.cookie_category,
                               .retention_days = purpose.retention_days,
                               .fields = {}};
    for (const auto& field : purpose.fields)
        effective.fields.push_back({.categories = field.categories,
                                    .declared = field.categories,
                                    .required = field.required,
                                    .transform = field.transform,
                                    .why = field.why});
    return effective;
}

}  // namespace

std::vector<OwnUse> list_own_uses(const Settings& settings) {
    std::vector<OwnUse> uses;
    if (settings.mail)
        uses.push_back(describe_core_mail(*settings.mail));
    if (settings.technical_data.is_on())
        uses.push_back(describe_technical_use(settings));
    return uses;
}

ManifestField needed_field(Category category, Localised why) {
    return {.key = std::string(key_of(category)),
            .categories = category,
            .required = true,
            .transform = Transform::none,
            .why = std::move(why)};
}

OwnUse put_in_force(Instance instance, Manifest manifest) {
    manifest.source_text = text_of(manifest);
    OwnUse use{.instance = std::move(instance), .manifest = std::move(manifest), .configuration = {}};
    for (const auto& purpose : use.manifest.purposes)
        use.configuration.purposes.push_back(in_force(purpose));
    return use;
}

}  // namespace calyptenora::settings
