#include "storage/stores/terms.hpp"

namespace calyptenora::storage::terms {
namespace {

template <class Row>
TermsVersion version_of(Row& row) {
    auto& [number, de, en, made_at] = row;
    return {number, std::move(de), std::move(en), made_at};
}

}  // namespace

constexpr std::string_view insert_sql =
    "insert into terms_versions (number, text_de, text_en, made_at) values (:number, :text_de, :text_en, "
    ":made_at) on conflict (number) do nothing";
bool insert(Transaction& tx, const TermsVersion& version) {
    return tx.execute(insert_sql, version.number, version.de, version.en, version.made_at) > 0;
}

constexpr std::string_view list_sql =
    "select number, text_de, text_en, made_at from terms_versions order by number desc";
std::vector<TermsVersion> list(Transaction& tx) {
    std::vector<TermsVersion> versions;
    for (auto& row : tx.rows<std::int64_t, std::string, std::string, Timestamp>(list_sql))
        versions.push_back(version_of(row));
    return versions;
}

constexpr std::string_view newest_sql =
    "select number, text_de, text_en, made_at from terms_versions order by number desc limit 1";
std::optional<TermsVersion> find_newest(Transaction& tx) {
    auto row = tx.find<std::int64_t, std::string, std::string, Timestamp>(newest_sql);
    return row ? std::optional(version_of(*row)) : std::nullopt;
}

constexpr std::string_view accept_sql =
    "insert into terms_acceptances (learner, version, language, accepted_at) values (:learner, :version, "
    ":language, :accepted_at) on conflict (learner, version) do nothing";
void accept(Transaction& tx, const LearnerId& learner, const TermsAcceptance& acceptance) {
    tx.execute(accept_sql, learner, acceptance.version, acceptance.language, acceptance.accepted_at);
}

constexpr std::string_view acceptance_sql =
    "select version, language, accepted_at from terms_acceptances where learner = :learner order by version "
    "desc limit 1";
std::optional<TermsAcceptance> find_acceptance(Transaction& tx, const LearnerId& learner) {
    auto row = tx.find<std::int64_t, std::string, Timestamp>(acceptance_sql, learner);
    if (!row)
        return std::nullopt;
    auto& [version, language, accepted_at] = *row;
    return TermsAcceptance{version, std::move(language), accepted_at};
}

}  // namespace calyptenora::storage::terms
