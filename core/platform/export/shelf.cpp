#include "platform/export/shelf.hpp"

#include <fmt/format.h>

namespace calyptenora::platform {
namespace {

class FileSink final : public ByteSink {
  public:
    explicit FileSink(storage::EncryptedFileWriter& file) : file_(file) {}
    Status write(std::string_view bytes) override { return file_.write(bytes); }

  private:
    storage::EncryptedFileWriter& file_;
};

}  // namespace

Result<ExportShelf> ExportShelf::open(std::filesystem::path folder, storage::Database& database,
                                      const storage::FieldCipher& cipher, const Exporter& exporter) {
    std::error_code failure;
    std::filesystem::create_directories(folder, failure);
    if (!failure)
        std::filesystem::permissions(folder, std::filesystem::perms::owner_all, failure);
    if (failure)
        return Error(ErrorKind::invalid_config,
                     fmt::format("exports cannot be kept in {}: {}", folder.string(), failure.message()));
    return ExportShelf(std::move(folder), database, cipher, exporter);
}

std::filesystem::path ExportShelf::file_of(const std::string& id) const {
    if (!storage::is_uuid(id))
        throw std::invalid_argument("an export is called by a UUID");
    return folder_ / (id + ".export");
}

Result<ExportSummary> ExportShelf::make(const std::string& id, const ExportOrder& order,
                                        const OnExportProgress& on_progress) const {
    const auto target = file_of(id);
    return database_->run_blocking([&](storage::Transaction& tx) -> Result<ExportSummary> {
        auto file = storage::EncryptedFileWriter::create(target, *cipher_, order.learner, id);
        if (!file)
            return file.error();
        FileSink sink(*file);
        auto summary = exporter_->write(tx, order, sink, on_progress);
        if (!summary)
            return summary;
        if (auto finished = file->finish(); !finished)
            return finished.error();
        return summary;
    });
}

Result<storage::EncryptedFileReader> ExportShelf::read(const std::string& id,
                                                       const storage::LearnerId& learner) const {
    return storage::EncryptedFileReader::open(file_of(id), *cipher_, learner, id);
}

bool ExportShelf::remove(const std::string& id) const {
    std::error_code ignored;
    return std::filesystem::remove(file_of(id), ignored);
}

}  // namespace calyptenora::platform
