#include "settings/technical_use.hpp"

#include <fmt/format.h>

namespace calyptenora::settings {
namespace {

/// Reading the device needs a consent of its own (section 25 TDDDG), and what is read another (Art. 6(1)(a)
/// GDPR): one question asks for both.
ManifestPurpose asking_for(Purpose purpose, CookieCategory category, std::chrono::days kept) {
    return {.purpose = purpose,
            .legal_basis = LegalBasis::consent,
            .device_access = DeviceAccess::consent,
            .cookie_category = category,
            .retention_days = kept,
            .fields = {}};
}

ManifestPurpose timings(const Retention& retention) {
    auto purpose = asking_for(Purpose::analytics_reporting_system_performance, CookieCategory::performance,
                              retention.timings_days);
    purpose.fields = {
        needed_field(
            Category::user_behavior_browsing_history,
            {.de = "Welche Art von Seite es war, nie ihre Adresse, und wie lange sie brauchte, bis sie zu "
                   "sehen war und auf Eingaben antwortete. Gezählt wird ohne Namen, Konto und Kennung.",
             .en = "Which kind of page it was, never its address, and how long it took to be seen and to "
                   "answer what was done. It is counted without name, account and identifier."}),
        needed_field(Category::user_device_user_agent,
                     {.de = "Nur die Art: Telefon, Tablet oder Computer, der Name des Browsers und des "
                            "Betriebssystems, ohne Version.",
                      .en = "Only the kind: phone, tablet or computer, the name of browser and operating "
                            "system, without version."})};
    return purpose;
}

ManifestPurpose browsers(const Retention& retention) {
    auto purpose =
        asking_for(Purpose::functional_service_improve, CookieCategory::functional, retention.browsers_days);
    purpose.fields = {
        needed_field(
            Category::user_device_user_agent,
            {.de = "Nur die Art des Geräts und die Namen von Browser und Betriebssystem: damit die Seiten "
                   "dort geprüft werden, wo sie benutzt werden. Gezählt wird ohne Namen, Konto und Kennung.",
             .en = "Only the kind of device and the names of browser and operating system: so that pages are "
                   "checked where they are used. It is counted without name, account and identifier."}),
        needed_field(Category::user_device_screen,
                     {.de = "Nur eine von fünf Größen; die genaue Größe verlässt das Gerät nicht.",
                      .en = "Only one of five sizes; the exact size does not leave the device."})};
    return purpose;
}

ManifestPurpose devices(const Retention& retention) {
    auto purpose = asking_for(Purpose::analytics_reporting_content_performance, CookieCategory::analytics,
                              retention.devices_days);
    purpose.fields = {
        needed_field(Category::user_device_cookie_id,
                     {.de = "Eine Zufallszahl, damit dasselbe Gerät nur einmal zählt. Sie entsteht erst nach "
                            "der Einwilligung und wird beim Widerruf gelöscht, auf dem Gerät und hier.",
                      .en = "A random number, so that one device counts once. It is made only after consent, "
                            "and deleted on withdrawal, on the device and here."}),
        needed_field(Category::user_device_user_agent,
                     {.de = "Nur die Art des Geräts und die Namen von Browser und Betriebssystem.",
                      .en = "Only the kind of device and the names of browser and operating system."}),
        needed_field(Category::user_behavior_browsing_history,
                     {.de = "Nur der erste und der letzte Tag und an wie vielen Tagen das Gerät da war, "
                            "nicht, was es aufgerufen hat.",
                      .en = "Only the first and the last day, and on how many days the device was there, not "
                            "what it asked for."})};
    return purpose;
}

Recipient operator_itself(const Operator& us) {
    Recipient recipient;
    recipient.self = true;
    recipient.legal_name = us.legal_name;
    recipient.address = us.address;
    recipient.country = us.country;
    recipient.contact = us.email;
    return recipient;
}

}  // namespace

OwnUse describe_technical_use(const Settings& settings) {
    const auto& wanted = settings.technical_data;
    Manifest manifest(core_technical_id());
    manifest.summary = {
        .de = "technische Angaben der Browser, vom Betreiber selbst gezählt: Ladezeiten, Arten von Geräten",
        .en = "technical data of browsers, counted by the operator itself: loading times, kinds of devices"};
    if (wanted.performance)
        manifest.purposes.push_back(timings(settings.retention));
    if (wanted.functional)
        manifest.purposes.push_back(browsers(settings.retention));
    if (wanted.analytics) {
        manifest.purposes.push_back(devices(settings.retention));
        manifest.browser =
            Browser{.frame_origins = {},
                    .storage = {{.name = fmt::format("__Host-{}", device_cookie_name),
                                 .kind = StorageKind::cookie,
                                 .duration = settings.retention.devices_days,
                                 .purposes = {Purpose::analytics_reporting_content_performance}}}};
    }
    return put_in_force({.id = core_technical_id(),
                         .state = InstanceState::on,
                         .recipient = operator_itself(settings.operator_info)},
                        manifest);
}

}  // namespace calyptenora::settings
