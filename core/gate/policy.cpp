#include "gate/policy.hpp"

#include "gate/explanation.hpp"
#include "settings/country.hpp"
#include "storage/text.hpp"

#include <algorithm>

namespace calyptenora::gate {
namespace {

bool is_subset(const std::vector<std::string>& part, const std::vector<std::string>& whole) {
    return std::all_of(part.begin(), part.end(), [&](const auto& item) {
        return std::find(whole.begin(), whole.end(), item) != whole.end();
    });
}

std::vector<std::string> endpoints_of(const PolicySource& source) {
    std::vector<std::string> endpoints = source.configuration.frame_origins;
    for (const auto& target : source.configuration.egress)
        endpoints.push_back(target.host + ":" + std::to_string(target.port ? target.port : 443));
    std::sort(endpoints.begin(), endpoints.end());
    endpoints.erase(std::unique(endpoints.begin(), endpoints.end()), endpoints.end());
    return endpoints;
}

PolicyFlow compile_flow(const PolicySource& source, const settings::EffectivePurpose& purpose) {
    constexpr CategoryMask by_name_only =
        CategoryMask(Category::user_education_grade) | Category::user_education_submission;
    const auto& recipient = *source.instance.recipient;

    PolicyFlow row{.instance = source.instance.id,
                   .flow = {},
                   .transforms = {},
                   .cookie_category = purpose.cookie_category,
                   .retention = purpose.retention_days,
                   .fields = {},
                   .terms = {},
                   .terms_document = {},
                   .terms_hash = {}};
    auto& flow = row.flow;
    flow.purpose = purpose.purpose;
    flow.basis = purpose.legal_basis;
    flow.device_access = purpose.device_access;
    flow.has_recipient = true;
    flow.third_party = !recipient.self;
    for (const auto& field : purpose.fields) {
        flow.declared |= field.declared;
        flow.granted |= field.categories;
        if (field.required)
            flow.required |= field.declared;
        for (std::size_t i = 0; i < category_keys.size(); ++i)
            if (field.declared.contains(static_cast<Category>(i)))
                row.transforms.of[i] = field.transform;
        row.fields.push_back({field.declared, field.categories, field.required, field.transform, field.why});
    }
    flow.granted_by_name = flow.granted & by_name_only;

    row.terms = {recipient.legal_name,
                 recipient.country,
                 std::string(key_of(recipient.role)),
                 std::string(key_of(flow.basis)),
                 flow.device_access ? std::string(key_of(*flow.device_access)) : std::string(),
                 row.retention ? row.retention->count() : 0,
                 endpoints_of(source),
                 keys_in(flow.declared & flow.granted)};
    row.terms_document = to_json(row.terms);
    row.terms_hash = storage::make_content_hash(row.terms_document);
    return row;
}

}  // namespace

bool widens(const Terms& now, const Terms& then) {
    const bool kept_longer =
        then.retention_days != 0 && (now.retention_days == 0 || now.retention_days > then.retention_days);
    // Within the EEA one law holds; any other country is another one (Article 44 GDPR).
    const bool goes_abroad = now.country != then.country && !settings::is_in_eea(now.country);
    const bool touches_device = !now.device_access.empty() && now.device_access != then.device_access;
    return now.recipient != then.recipient || goes_abroad || now.role != then.role ||
           now.basis != then.basis || touches_device || kept_longer ||
           !is_subset(now.endpoints, then.endpoints);
}

std::shared_ptr<const Policy> Policy::compile(const std::vector<PolicySource>& sources) {
    auto policy = std::make_shared<Policy>();
    std::string all_terms;
    for (const auto& source : sources) {
        InstancePolicy instance{.id = source.instance.id,
                                .recipient = *source.instance.recipient,
                                .summary = source.manifest.summary,
                                .manifest_hash = sha256_hex(source.manifest.source_text),
                                .frame_origins = source.configuration.frame_origins,
                                .device_storage = {},
                                .flows = {}};
        if (source.manifest.browser)
            instance.device_storage = source.manifest.browser->storage;
        for (const auto& purpose : source.configuration.purposes) {
            if (!purpose.enabled)
                continue;
            auto row = compile_flow(source, purpose);
            // Nothing could ever flow, so it counts as disabled everywhere: nobody is to be asked for it, nor
            // told that they allowed it.
            if (!row.flow.granted.contains(row.flow.required))
                continue;
            instance.flows.push_back(std::move(row));
            all_terms += instance.id.text() + ' ' + std::string(key_of(purpose.purpose)) + ' ' +
                         instance.flows.back().terms_document + '\n';
        }
        policy->instances_.push_back(std::move(instance));
    }
    policy->hash_ = sha256_hex(all_terms);
    return policy;
}

const InstancePolicy* Policy::find_instance(const settings::InstanceId& id) const {
    const auto found =
        std::find_if(instances_.begin(), instances_.end(), [&](const auto& i) { return i.id == id; });
    return found == instances_.end() ? nullptr : &*found;
}

const PolicyFlow* Policy::find_flow(const settings::InstanceId& id, Purpose purpose) const {
    const auto* instance = find_instance(id);
    if (!instance)
        return nullptr;
    const auto found = std::find_if(instance->flows.begin(), instance->flows.end(),
                                    [&](const auto& row) { return row.flow.purpose == purpose; });
    return found == instance->flows.end() ? nullptr : &*found;
}

std::vector<const InstancePolicy*> Policy::of_family(Family family) const {
    std::vector<const InstancePolicy*> found;
    for (const auto& instance : instances_)
        if (instance.id.family() == family)
            found.push_back(&instance);
    return found;
}

std::shared_ptr<const Policy> hold_back(const Policy& policy, const std::vector<AnnouncedFlow>& announced) {
    auto held = std::make_shared<Policy>(policy);
    for (auto& instance : held->instances_)
        for (auto& row : instance.flows)
            for (const auto& flow : announced)
                if (flow.instance == row.instance && flow.purpose == row.flow.purpose) {
                    row.flow.announced = flow.categories;
                    row.flow.in_force_from = flow.from;
                }
    return held;
}

}  // namespace calyptenora::gate
