#include "platform/contracts.hpp"

#include "storage/stores/subjects.hpp"
#include "storage/text.hpp"

namespace calyptenora::platform {
namespace {

using storage::Declaration;
using storage::DeclarationKind;

DeclarationView to_view(Declaration declaration) {
    auto document = std::exchange(declaration.details, {});
    return {std::move(declaration), std::move(document)};
}

}  // namespace

std::optional<DeclarationDetails> read_details(const std::string& document) {
    auto details = parse_json<DeclarationDetails>(document);
    return details ? std::optional(std::move(*details)) : std::nullopt;
}

Contracts::Contracts(storage::Database& database, const storage::FieldCipher& cipher, gate::Gate& gate,
                     Orders& orders, Cases& cases)
    : database_(database), cipher_(cipher), gate_(gate), orders_(orders), cases_(cases) {}

boost::asio::awaitable<Result<std::string>> Contracts::declare(DeclarationKind kind,
                                                               std::optional<storage::LearnerId> learner,
                                                               DeclarationDetails details,
                                                               std::string language, CaseWords words) {
    for (const auto* text : {&details.name, &details.email, &details.contract, &details.reason, &details.end})
        if (auto valid = storage::validate_text(*text); !valid)
            co_return valid.error();
    Declaration declared{.id = storage::DeclarationId::make(),
                         .kind = kind,
                         .alias = storage::cases::make_alias(),
                         .subject = learner.value_or(storage::SubjectId::make()),
                         .order_id = {},
                         .language = std::move(language),
                         .details = to_json(details),
                         .received_at = gate_.clock().now()};
    const auto stored = co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        if (!learner) {
            // What a visitor wrote has a key of its own, too.
            if (auto key = cipher_.keys().create(declared.subject); !key)
                return key;
            storage::subjects::insert(tx, declared.subject, storage::SubjectKind::guest,
                                      declared.received_at);
        }
        if (const auto order = storage::orders::find_by_reference(tx, details.contract))
            declared.order_id = order->id;
        return storage::declarations::insert(tx, cipher_, declared);
    });
    if (!stored)
        co_return stored.error();
    if (learner)
        co_await follow_up(*learner, declared, std::move(words));
    co_return declared.alias;
}

// The declaration has arrived, whatever becomes of these.
boost::asio::awaitable<void> Contracts::follow_up(storage::LearnerId learner, const Declaration& declared,
                                                  CaseWords words) {
    if (declared.kind == DeclarationKind::withdrawal && declared.order_id)
        (void)co_await orders_.cancel(learner, *declared.order_id);
    (void)co_await cases_.open(learner, std::move(words.subject), std::move(words.message),
                               declared.language);
}

boost::asio::awaitable<Result<DeclarationView>> Contracts::find(std::string alias) {
    co_return co_await database_.run([&](storage::Transaction& tx) -> Result<DeclarationView> {
        auto found = storage::declarations::find_by_alias(tx, cipher_, alias);
        if (!found)
            return Error(ErrorKind::not_found, "there is no such declaration");
        return to_view(std::move(*found));
    });
}

boost::asio::awaitable<Result<std::vector<DeclarationView>>> Contracts::list(int limit) {
    co_return co_await database_.run([&](storage::Transaction& tx) -> Result<std::vector<DeclarationView>> {
        std::vector<DeclarationView> views;
        for (auto& declaration : storage::declarations::list(tx, cipher_, limit))
            views.push_back(to_view(std::move(declaration)));
        return views;
    });
}

}  // namespace calyptenora::platform
