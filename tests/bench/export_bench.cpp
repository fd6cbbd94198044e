// How long it takes to export everything about a learner, and how much memory.
//
//   export_bench ROUNDS EVENTS
//
// One JSON object a line, as table.mjs takes them: milliseconds, then bytes.
#include "integration/export/person.hpp"
#include "platform/export/shelf.hpp"
#include "storage/migrations.hpp"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

namespace calyptenora::platform {
namespace {

using Clock = std::chrono::steady_clock;

/// A platform with one learner.
class Place {
  public:
    explicit Place(int events) {
        auto name = (std::filesystem::temp_directory_path() / "calyptenora-bench-XXXXXX").string();
        if (!mkdtemp(name.data()))
            throw std::runtime_error("cannot make a temporary folder");
        folder_ = name;
        keys_ =
            storage::KeyStore::open("sqlite:" + name + "/keys.sqlite", storage::MasterKey::make()).value();
        cipher_ = std::make_unique<storage::FieldCipher>(*keys_);
        storage::DatabaseOptions one_session;
        one_session.sessions = 1;
        database_ = storage::Database::open("sqlite:" + name + "/data.sqlite", one_session).value();
        storage::migrate(*database_, storage::data_migrations()).value();
        // As many events that wait as rows of the ledger.
        person_ = test::make_person(*database_, *cipher_, storage::SystemClock().now(),
                                    {.events = events, .disclosures = events / 2})
                      .id;
        texts_ =
            web::Translations::load(CALYPTENORA_SOURCE_DIR "/core/web/texts", web::AddressForm::sie).value();
        exporter_ = std::make_unique<Exporter>(*cipher_, texts_,
                                               ExportIssuer{"Lernhaus", "https://lms.example", "Lernhaus",
                                                            "a@lms.example", "", "Europe/Berlin"});
    }
    ~Place() {
        database_->stop();
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    /// Into an encrypted file, as the platform keeps it.
    void make_export() const {
        const auto shelf = ExportShelf::open(folder_ / "exports", *database_, *cipher_, *exporter_).value();
        (void)shelf
            .make(storage::make_uuid_v7(),
                  {.learner = *person_, .made_at = storage::SystemClock().now(), .answers = {}},
                  [](const ExportProgress&) -> Status { return {}; })
            .value();
    }

  private:
    std::filesystem::path folder_;
    std::unique_ptr<storage::KeyStore> keys_;
    std::unique_ptr<storage::FieldCipher> cipher_;
    std::unique_ptr<storage::Database> database_;
    std::optional<storage::LearnerId> person_;
    web::Translations texts_;
    std::unique_ptr<Exporter> exporter_;
};

double median_milliseconds(const Place& place, int rounds) {
    std::vector<double> times;
    for (int i = 0; i < rounds; ++i) {
        const auto begin = Clock::now();
        place.make_export();
        times.push_back(std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
    }
    std::ranges::nth_element(times, times.begin() + rounds / 2);
    return times[static_cast<std::size_t>(rounds / 2)];
}

/// `VmRSS` or `VmHWM`, in bytes.
long long memory_of_this_process(const std::string& field) {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with(field + ":"))
            return 1024 * std::atoll(line.c_str() + field.size() + 1);
    return 0;
}

/// What an export needs at most beyond what the process has before, in a process of its own: what was freed
/// stays with a process.
long long peak_memory(int events) {
    int ends[2];
    if (pipe(ends) != 0)
        throw std::runtime_error("no pipe");
    const pid_t child = fork();
    if (child == 0) {
        const Place place(events);
        std::ofstream("/proc/self/clear_refs") << 5;  // The peak begins anew.
        const auto before = memory_of_this_process("VmRSS");
        place.make_export();
        const long long more = memory_of_this_process("VmHWM") - before;
        const bool written = write(ends[1], &more, sizeof more) == sizeof more;
        std::exit(written ? 0 : 1);
    }
    long long more = 0;
    int status = 0;
    const bool was_read = read(ends[0], &more, sizeof more) == sizeof more;
    waitpid(child, &status, 0);
    close(ends[0]);
    close(ends[1]);
    if (!was_read || status != 0)
        throw std::runtime_error("the export's process failed");
    return more;
}

int measure(int rounds, int events) {
    // First, since a process with threads cannot be forked well.
    const auto small = peak_memory(events), large = peak_memory(4 * events);
    const Place place(events);
    const auto milliseconds = median_milliseconds(place, rounds);
    fmt::print(
        R"({{"work":"export of {0} events","ours":{1:.1f},"compared_with":"the goal: 2 s","theirs":2000,)"
        R"("ratio":{2:.3f}}})"
        "\n",
        events, milliseconds, milliseconds / 2000);
    fmt::print(
        R"({{"work":"export of {} events, peak memory","ours":{},"compared_with":"of a quarter of them",)"
        R"("theirs":{},"ratio":{:.3f}}})"
        "\n",
        4 * events, large, small, static_cast<double>(large) / static_cast<double>(std::max(small, 1LL)));
    return 0;
}

}  // namespace
}  // namespace calyptenora::platform

int main(int count, char** arguments) {
    if (count != 3) {
        fmt::print(stderr, "usage: export_bench ROUNDS EVENTS\n");
        return 2;
    }
    return calyptenora::platform::measure(std::atoi(arguments[1]), std::atoi(arguments[2]));
}
