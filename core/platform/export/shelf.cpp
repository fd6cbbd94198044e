#include "platform/export/shelf.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace calyptenora::platform {
namespace {

constexpr const char* ending = ".export";

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
    return folder_ / (id + ending);
}

Result<ExportSummary> ExportShelf::make(const std::string& id, const ExportOrder& order,
                                        const OnExportProgress& on_progress) const {
    return database_->run_blocking([&](storage::Transaction& tx) -> Result<ExportSummary> {
        return make_within(tx, id, order, on_progress);
    });
}

Result<ExportSummary> ExportShelf::make_within(storage::Transaction& tx, const std::string& id,
                                               const ExportOrder& order,
                                               const OnExportProgress& on_progress) const {
    auto file = storage::EncryptedFileWriter::create(file_of(id), *cipher_, order.learner, id);
    if (!file)
        return file.error();
    FileSink sink(*file);
    auto summary = exporter_->write(tx, order, sink, on_progress);
    if (!summary)
        return summary;
    if (auto finished = file->finish(); !finished)
        return finished.error();
    return summary;
}

Result<storage::EncryptedFileReader> ExportShelf::read(const std::string& id,
                                                       const storage::LearnerId& learner) const {
    return storage::EncryptedFileReader::open(file_of(id), *cipher_, learner, id);
}

bool ExportShelf::remove(const std::string& id) const {
    std::error_code ignored;
    return std::filesystem::remove(file_of(id), ignored);
}

int ExportShelf::keep_only(std::span<const std::string> ids) const {
    int removed = 0;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(folder_, ignored)) {
        const auto name = entry.path().filename().string();
        const bool is_kept =
            std::ranges::any_of(ids, [&](const std::string& id) { return name == id + ending; });
        if (!is_kept && std::filesystem::remove(entry.path(), ignored))
            ++removed;
    }
    return removed;
}

}  // namespace calyptenora::platform
