#include "platform/terms.hpp"

#include "storage/stores/subjects.hpp"
#include "storage/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

namespace calyptenora::platform {
using boost::asio::awaitable;
using storage::TermsVersion;

namespace {

constexpr std::size_t longest_text = 1024 * 1024;

Result<std::string> read_text(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    std::string text(std::istreambuf_iterator<char>(stream), {});
    const auto wrong = [&](std::string_view what) {
        return Error(ErrorKind::invalid_config,
                     fmt::format("the terms of use in {} {}", file.string(), what));
    };
    if (!stream)
        return wrong("cannot be read: write them there, or leave platform.policies out");
    if (text.find_first_not_of(" \t\r\n") == std::string::npos)
        return wrong("are empty");
    if (text.size() > longest_text || !storage::validate_text(text))
        return wrong("are longer than 1 MiB, or not in UTF-8");
    return text;
}

Result<TermsVersion> read_terms(const std::filesystem::path& policies) {
    if (policies.empty())
        return TermsVersion{};
    auto de = read_text(terms_file(policies, web::Language::de));
    if (!de)
        return de.error();
    auto en = read_text(terms_file(policies, web::Language::en));
    if (!en)
        return en.error();
    return TermsVersion{.de = std::move(*de), .en = std::move(*en), .made_at = {}};
}

bool says_the_same(const std::optional<TermsVersion>& known, const TermsVersion& now) {
    return known ? known->de == now.de && known->en == now.en : now.is_end();
}

}  // namespace

std::filesystem::path terms_file(const std::filesystem::path& policies, web::Language language) {
    return policies / fmt::format("terms.{}.md", web::tag_of(language));
}

awaitable<Status> Terms::apply(std::filesystem::path policies, Making making) {
    auto read = read_terms(policies);
    if (!read)
        co_return read.error();
    const auto newest =
        co_await database_.transaction([&](storage::Transaction& tx) -> Result<std::optional<TermsVersion>> {
            auto known = storage::terms::find_newest(tx);
            while (making == Making::yes && !says_the_same(known, *read)) {
                read->number = known ? known->number + 1 : 1;
                read->made_at = clock_.now();
                // Whoever was faster is seen in the next round.
                (void)storage::terms::insert(tx, *read);
                known = storage::terms::find_newest(tx);
            }
            return known;
        });
    if (!newest)
        co_return newest.error();
    // What no version says cannot be accepted.
    const bool holds = *newest && !(**newest).is_end() && says_the_same(*newest, *read);
    current_ = holds ? std::make_shared<const TermsVersion>(**newest) : nullptr;
    co_return Status();
}

awaitable<Result<std::vector<TermsVersion>>> Terms::list() {
    co_return co_await database_.run([&](storage::Transaction& tx) -> Result<std::vector<TermsVersion>> {
        auto versions = storage::terms::list(tx);
        std::erase_if(versions, &TermsVersion::is_end);
        return versions;
    });
}

awaitable<Result<std::optional<storage::TermsAcceptance>>> Terms::acceptance(storage::LearnerId learner) {
    using Found = Result<std::optional<storage::TermsAcceptance>>;
    co_return co_await database_.run(
        [&](storage::Transaction& tx) -> Found { return storage::terms::find_acceptance(tx, learner); });
}

awaitable<Status> Terms::accept(storage::LearnerId learner, std::int64_t version, std::string language) {
    const auto holding = current();
    if (!holding || holding->number != version)
        co_return Error(ErrorKind::conflict, "another version of the terms of use holds now");
    co_return co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        if (auto locked = storage::subjects::lock(tx, learner); !locked)
            return locked;
        storage::terms::accept(tx, learner, {version, language, clock_.now()});
        return {};
    });
}

}  // namespace calyptenora::platform
