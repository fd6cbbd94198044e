#include "platform/imports/import_words.hpp"

namespace calyptenora::platform {

ImportWords make_import_words(std::string_view language) {
    if (language == "de" || language.starts_with("de-"))
        return {.video = "Video",
                .audio = "Tonaufnahme",
                .embedded = "Eingebetteter Inhalt",
                .further_pages = "Weitere Seiten",
                .further_files = "Dateien",
                .file_to_download = "Datei zum Herunterladen",
                .questions = "Fragen",
                .unknown_author = "nicht genannt",
                .unknown_licence = "nicht angegeben",
                .attribution =
                    "„{}“ von {}, lizenziert unter {}. Für diese Plattform umgesetzt: Aufbau, Verweise und "
                    "Gestaltung wurden angepasst."};
    return {.video = "Video",
            .audio = "Recording",
            .embedded = "Embedded content",
            .further_pages = "Further pages",
            .further_files = "Files",
            .file_to_download = "File to download",
            .questions = "Questions",
            .unknown_author = "not named",
            .unknown_licence = "not stated",
            .attribution =
                "“{}” by {}, licensed under {}. Converted for this platform: structure, links and layout "
                "were adapted."};
}

}  // namespace calyptenora::platform
