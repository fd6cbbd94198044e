#pragma once

#include "platform/export/exporter.hpp"
#include "storage/database.hpp"
#include "storage/encrypted_file.hpp"

#include <calyptenora/result.hpp>

#include <filesystem>
#include <span>
#include <string>

namespace calyptenora::platform {

/// Where finished exports lie until they are fetched or run out: one encrypted file each, in a folder of
/// their own. When one runs out, and who may fetch it, is for the caller to say.
class ExportShelf {
  public:
    /// The folder is made for the owner alone. All must outlive the shelf.
    static Result<ExportShelf> open(std::filesystem::path folder, storage::Database& database,
                                    const storage::FieldCipher& cipher, const Exporter& exporter);

    /// Makes the archive called `id`; one that is there is replaced. Blocks, and holds one session of the
    /// database until it is done; not on an Asio thread. `id` is a UUID.
    Result<ExportSummary> make(const std::string& id, const ExportOrder& order,
                               const OnExportProgress& on_progress) const;
    /// The same within a reading transaction of the caller, which may run more than once.
    Result<ExportSummary> make_within(storage::Transaction& tx, const std::string& id,
                                      const ExportOrder& order, const OnExportProgress& on_progress) const;

    /// The plain ZIP, from its beginning. `not_found` if there is none, or the learner is erased; `denied` if
    /// it is another's.
    Result<storage::EncryptedFileReader> read(const std::string& id, const storage::LearnerId& learner) const;

    /// Whether there was such an archive.
    bool remove(const std::string& id) const;
    /// Removes all but these, and what is left of archives that were not finished. Not while one is made.
    /// Returns how many files went.
    int keep_only(std::span<const std::string> ids) const;

  private:
    ExportShelf(std::filesystem::path folder, storage::Database& database, const storage::FieldCipher& cipher,
                const Exporter& exporter)
        : folder_(std::move(folder)), database_(&database), cipher_(&cipher), exporter_(&exporter) {}
    std::filesystem::path file_of(const std::string& id) const;

    std::filesystem::path folder_;
    storage::Database* database_;
    const storage::FieldCipher* cipher_;
    const Exporter* exporter_;
};

}  // namespace calyptenora::platform
