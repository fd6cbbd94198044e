#include "storage/stores/declarations.hpp"

namespace calyptenora::storage::declarations {
namespace {

FieldAddress details_address(const DeclarationId& id) {
    return {"declarations", id.text(), "details_enc"};
}

template <class... Args>
std::vector<Declaration> select(Transaction& tx, const FieldCipher& cipher, std::string_view sql,
                                const Args&... args) {
    std::vector<Declaration> found;
    for (auto& row : tx.rows<DeclarationId, DeclarationKind, std::string, SubjectId, std::optional<OrderId>,
                             std::string, std::string, Timestamp>(sql, args...)) {
        auto& [id, kind, alias, subject, order_id, language, sealed, received_at] = row;
        auto details = cipher.decrypt(subject, details_address(id), sealed);
        found.push_back({std::move(id), kind, std::move(alias), std::move(subject), std::move(order_id),
                         std::move(language), details ? std::move(*details) : std::string(), received_at});
    }
    return found;
}

}  // namespace

constexpr std::string_view insert_sql =
    "insert into declarations (id, kind, alias, subject, order_id, language, details_enc, received_at) "
    "values (:id, :kind, :alias, :subject, :order_id, :language, :details_enc, :received_at)";
Status insert(Transaction& tx, const FieldCipher& cipher, const Declaration& declaration) {
    const auto sealed =
        cipher.encrypt(declaration.subject, details_address(declaration.id), declaration.details);
    if (!sealed)
        return sealed.error();
    tx.execute(insert_sql, declaration.id, declaration.kind, declaration.alias, declaration.subject,
               declaration.order_id, declaration.language, *sealed, declaration.received_at);
    return {};
}

constexpr std::string_view find_by_alias_sql =
    "select id, kind, alias, subject, order_id, language, details_enc, received_at from declarations "
    "where alias = :alias";
std::optional<Declaration> find_by_alias(Transaction& tx, const FieldCipher& cipher, std::string_view alias) {
    auto found = select(tx, cipher, find_by_alias_sql, alias);
    if (found.empty())
        return std::nullopt;
    return std::move(found.front());
}

constexpr std::string_view list_of_sql =
    "select id, kind, alias, subject, order_id, language, details_enc, received_at from declarations "
    "where subject = :subject order by received_at, id";
std::vector<Declaration> list_of(Transaction& tx, const FieldCipher& cipher, const SubjectId& subject) {
    return select(tx, cipher, list_of_sql, subject);
}

constexpr std::string_view list_sql =
    "select id, kind, alias, subject, order_id, language, details_enc, received_at from declarations "
    "order by received_at desc, id desc limit :limit";
std::vector<Declaration> list(Transaction& tx, const FieldCipher& cipher, int limit) {
    return select(tx, cipher, list_sql, limit);
}

}  // namespace calyptenora::storage::declarations
