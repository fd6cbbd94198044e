#include "settings/recipient.hpp"

#include "settings/country.hpp"

#include <fmt/format.h>

namespace calyptenora::settings {
namespace {

constexpr std::array<std::string_view, 1> https_only{"https"};

std::optional<Contract> read_contract(const Field& field) {
    Object object = field.object("a mapping of reference and date");
    if (!object)
        return std::nullopt;
    Contract contract;
    object.required("reference", "how the contract is found again, such as a file number")
        .text(contract.reference);
    object.required("date", "when the contract was made, YYYY-MM-DD").date(contract.date);
    return contract;
}

void check_safeguard(const Field& safeguard_field, const Recipient& recipient) {
    if (recipient.country.empty() || is_in_eea(recipient.country))
        return;
    const bool adequate = has_adequacy_decision(recipient.country);
    if (!recipient.safeguard) {
        if (!safeguard_field)
            safeguard_field.missing(
                fmt::format("a safeguard, since {} is a third country (Art. 44 GDPR)", recipient.country),
                adequate ? "the Commission has decided on this country: write safeguard: adequacy"
                         : "write scc, bcr, code_of_conduct, certification or derogation");
    } else if (*recipient.safeguard == Safeguard::adequacy && !adequate) {
        safeguard_field.wrong(
            fmt::format("another safeguard, since there is no adequacy decision for {} (Art. 45 GDPR)",
                        recipient.country));
    }
}

/// `self: true` stands alone, so that nobody reads a third party's name where data stays in the house.
void read_self(Object& object) {
    for (const auto key :
         {"legal_name", "address", "country", "role", "privacy_policy", "contact", "safeguard", "contract"})
        if (const auto extra = object.optional(key))
            extra.wrong_hidden("nothing beside self: true", "a third party's detail",
                               "leave it out, or remove self: true");
}

}  // namespace

bool Recipient::in_third_country() const {
    return !is_in_eea(country);
}

std::optional<Recipient> read_recipient(const Field& field) {
    Object object = field.object("a mapping that names the recipient");
    if (!object)
        return std::nullopt;
    Recipient recipient;
    object.optional("self").boolean(recipient.self);
    if (recipient.self) {
        read_self(object);
        return recipient;
    }
    object.required("legal_name", "the recipient's full legal name").text(recipient.legal_name);
    object.required("address", "the recipient's postal address").text(recipient.address, {.max_bytes = 1000});
    object.required("country", "an ISO 3166 country code of two letters, such as DE")
        .country(recipient.country);
    const auto role = object.required("role", "processor, controller or joint");
    role.word(recipient.role);
    object.required("privacy_policy", "the URL of the recipient's privacy policy")
        .url(recipient.privacy_policy, https_only);
    object.optional("contact").email(recipient.contact);
    const auto safeguard_field = object.optional("safeguard");
    if (safeguard_field) {
        Safeguard safeguard{};
        const auto problems = field.problems().size();
        safeguard_field.word(safeguard, safeguard_keys);
        if (field.problems().size() == problems)
            recipient.safeguard = safeguard;
    }
    check_safeguard(safeguard_field, recipient);
    const auto contract = object.optional("contract");
    recipient.contract = read_contract(contract);
    if (role && recipient.role == RecipientRole::processor && !contract)
        contract.missing(
            "a contract with reference and date, since a processor works under a contract (Art. 28(3) GDPR)");
    return recipient;
}

}  // namespace calyptenora::settings
