#include "integration/storage/ledger_fixture.hpp"
#include "storage/text.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <iostream>
#include <map>
#include <random>

/// Single alterations by chance, as somebody with all rights on the database could make them: each must be
/// found, and the right row named. Each is made in a transaction that is undone.
namespace calyptenora::storage {
namespace {

struct Column {
    std::string name;
    bool is_number = false;
    bool is_nullable = false;
};

struct Table {
    std::string name;
    /// What tells its rows apart; the last is the number in the chain, if there is one.
    std::vector<std::string> key;
    std::vector<Column> columns;
};

const std::vector<Table> tables{
    {"consent_events",
     {"pii_principal_id", "sequence"},
     {{"record_id"},      {"pii_principal_id"},
      {"sequence", true}, {"event_time", true},
      {"event_type"},     {"event_state"},
      {"entity_id"},      {"instance"},
      {"purpose"},        {"recipient_third_parties"},
      {"privacy_notice"}, {"language"},
      {"action"},         {"validity_duration", true, true},
      {"text_hash"},      {"choices_hash"},
      {"manifest_hash"},  {"policy_hash"},
      {"previous_hash"},  {"hash"}}},
    {"disclosures",
     {"subject", "sequence"},
     {{"id"},
      {"subject"},
      {"sequence", true},
      {"kind"},
      {"call_id"},
      {"instance"},
      {"recipient"},
      {"purpose"},
      {"operation"},
      {"categories"},
      {"host"},
      {"commitment"},
      {"outcome"},
      {"at", true},
      {"previous_hash"},
      {"hash"}}},
    {"accesses",
     {"subject", "sequence"},
     {{"id"},
      {"subject"},
      {"sequence", true},
      {"actor_enc"},
      {"role"},
      {"part"},
      {"reason"},
      {"at", true},
      {"previous_hash"},
      {"hash"}}},
    {"ledger_heads",
     {"ledger", "subject"},
     {{"ledger"}, {"subject"}, {"count", true}, {"hash"}, {"seal"}, {"covered", true}}},
    {"ledger_checkpoints",
     {"sequence"},
     {{"sequence", true}, {"at", true}, {"heads", true}, {"root"}, {"previous_hash"}, {"signature"}}},
    {"checkpoint_heads",
     {"ledger", "subject", "count"},
     {{"checkpoint", true}, {"ledger"}, {"subject"}, {"count", true}, {"hash"}, {"leaf"}}},
};

/// A row as it was before anything was altered; NULL is nothing.
struct Row {
    const Table* table;
    std::map<std::string, std::optional<std::string>> values;

    std::string at(const std::string& column) const { return values.at(column).value_or(""); }
    std::string number() const { return at(table->key.back()); }
    /// The chain that it belongs to; all checkpoints are one.
    std::string chain() const {
        std::string text;
        for (std::size_t i = 0; i + 1 < table->key.size(); ++i)
            text += at(table->key[i]) + " ";
        return text;
    }
};

/// One alteration: what it does, and the rows that must be named.
struct Alteration {
    std::string description;
    std::vector<std::string> statements;
    std::vector<Row> concerned;
    /// Whether it leaves every other row of its table without blame.
    bool is_alone = true;
};

bool names_chain_row(const test::Findings& found, Ledger ledger, const std::string& subject,
                     std::int64_t sequence) {
    return std::ranges::any_of(found.rows, [&](const LedgerBreak& item) {
        return item.ledger == ledger && item.subject.text() == subject && item.sequence == sequence;
    });
}

/// Whether what was found names this row.
bool names(const test::Findings& found, const Row& row) {
    const auto& table = row.table->name;
    if (table == "consent_events")
        return names_chain_row(found, Ledger::consents, row.at("pii_principal_id"), std::stoll(row.number()));
    if (table == "disclosures")
        return names_chain_row(found, Ledger::disclosures, row.at("subject"), std::stoll(row.number()));
    if (table == "accesses")
        return names_chain_row(found, Ledger::accesses, row.at("subject"), std::stoll(row.number()));
    if (table == "ledger_heads") {
        Ledger ledger{};
        boost::describe::enum_from_string(row.at("ledger").c_str(), ledger);
        return names_chain_row(found, ledger, row.at("subject"), 0);
    }
    const auto named = [&](std::int64_t checkpoint, const std::string& entry, bool is_missing) {
        return std::ranges::any_of(found.checkpoints, [&](const CheckpointBreak& item) {
            return item.checkpoint == checkpoint && item.entry == entry &&
                   (!is_missing || item.what == "an entry is missing");
        });
    };
    if (table == "ledger_checkpoints")
        return named(std::stoll(row.number()), "", false);
    const auto checkpoint = std::stoll(row.at("checkpoint"));
    return named(checkpoint, row.chain() + row.number(), false) || named(checkpoint, "", true);
}

class Alterations : public test::LedgerTest {
  protected:
    Alterations() {
        const auto* given = std::getenv("CALYPTENORA_TEST_SEED");
        seed_ = given ? std::strtoull(given, nullptr, 10) : std::random_device()();
        random_.seed(seed_);
    }

    std::size_t any_below(std::size_t end) {
        return std::uniform_int_distribution<std::size_t>(0, end - 1)(random_);
    }
    bool one_in(std::size_t n) { return any_below(n) == 0; }
    template <class List>
    const auto& any_of(const List& list) {
        return list[any_below(list.size())];
    }

    /// Three people with chains of more than nine rows, most of them covered by checkpoints.
    void fill() {
        std::vector<SubjectId> subjects;
        for (int i = 0; i < 3; ++i)
            subjects.push_back(make_guest());
        for (int minute = 0; minute < 99; ++minute) {
            if (one_in(3))
                append_event(any_of(subjects), minute);
            else if (one_in(2))
                append_access(any_of(subjects), minute);
            else
                append_disclosure(any_of(subjects), minute);
            if (minute % 9 == 8 && minute < 90)
                ASSERT_TRUE(take_checkpoint());
        }
        drop_triggers();
        for (const auto& table : tables)
            load_rows(table);
    }

    void load_rows(const Table& table) {
        // One column after the other, since their number differs from table to table.
        std::vector<Row> loaded;
        for (const auto& column : table.columns)
            read([&](Transaction& tx) -> Status {
                std::string order = table.name + "." + table.key[0];
                for (std::size_t i = 1; i < table.key.size(); ++i)
                    order += ", " + table.name + "." + table.key[i];
                auto values = tx.rows<std::optional<std::string>>(fmt::format(
                    "select cast({} as text) from {} order by {}", column.name, table.name, order));
                loaded.resize(values.size(), Row{&table, {}});
                for (std::size_t i = 0; i < values.size(); ++i)
                    loaded[i].values[column.name] = std::get<0>(values[i]);
                return {};
            });
        rows_[table.name] = std::move(loaded);
    }

    bool is_sqlite() const { return GetParam() == Dialect::sqlite; }

    /// Any bytes as an SQL literal.
    std::string quote(const std::string& bytes) const {
        const auto hex =
            make_hex(std::span(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
        return is_sqlite() ? fmt::format("cast(x'{}' as text)", hex)
                           : fmt::format("convert_from(decode('{}', 'hex'), 'UTF8')", hex);
    }

    std::string where(const Row& row) const {
        std::string text;
        for (const auto& key : row.table->key) {
            const auto column = std::ranges::find(row.table->columns, key, &Column::name);
            text += fmt::format("{} {} = {}", text.empty() ? " where" : " and", key,
                                column->is_number ? row.at(key) : quote(row.at(key)));
        }
        return text;
    }

    /// SQLite keeps any bytes, PostgreSQL valid text only.
    char any_byte() {
        return is_sqlite() ? static_cast<char>(any_below(256)) : static_cast<char>(1 + any_below(126));
    }

    /// One byte replaced, inserted or removed.
    std::string with_another_byte(std::string text) {
        const auto place = any_below(text.size() + 1);
        const auto kind = text.empty() || place == text.size() ? 0 : any_below(3);
        if (kind == 0) {
            text.insert(text.begin() + static_cast<std::ptrdiff_t>(place), any_byte());
        } else if (kind == 1) {
            const auto before = text[place];
            while (text[place] == before)
                text[place] = any_byte();
        } else {
            text.erase(place, 1);
        }
        return text;
    }

    /// One digit replaced, inserted or removed, so that it is another number; for SQLite now and then a
    /// letter.
    std::string with_another_digit(const std::string& number) {
        for (;;) {
            auto text = number;
            const auto place = any_below(text.size() + 1);
            const char digit = static_cast<char>('0' + any_below(10));
            if (is_sqlite() && one_in(8))
                return quote(text.insert(place, 1, static_cast<char>('a' + any_below(26))));
            if (place == text.size() || one_in(3))
                text.insert(place, 1, digit);
            else if (text.size() > 1 && one_in(2))
                text.erase(place, 1);
            else
                text[place] = digit;
            if (text.size() < 19 && std::stoll(text) != std::stoll(number))
                return text;
        }
    }

    Alteration alter_a_byte(const Row& row) {
        const auto& column = any_of(row.table->columns);
        const auto& value = row.values.at(column.name);
        std::string altered;
        if (column.is_nullable && (!value || one_in(4)))
            altered = value ? "null" : is_sqlite() && one_in(2) ? "''" : "0";
        else if (column.is_number)
            altered = with_another_digit(*value);
        else if (column.name == "ledger")
            altered = *value == "consents" ? "'accesses'" : "'consents'";
        else if (column.name == "kind")
            altered = *value == "attempted" ? "'outcome'" : "'attempted'";
        else
            altered = quote(with_another_byte(*value));
        Alteration done{
            fmt::format("{}.{} := {}", row.table->name, column.name, altered),
            {fmt::format("update {} set {} = {}{}", row.table->name, column.name, altered, where(row))},
            {row}};
        // Where an entry says now that it belongs is where it is named.
        if (row.table->name == "checkpoint_heads" &&
            (column.name == "ledger" || column.name == "subject" || column.name == "count"))
            done.concerned.clear();
        return done;
    }

    Alteration remove(const Row& row) {
        return {"removed", {fmt::format("delete from {}{}", row.table->name, where(row))}, {row}};
    }

    std::vector<Row> chain_of(const Row& row) const {
        std::vector<Row> chain;
        for (const auto& other : rows_.at(row.table->name))
            if (other.chain() == row.chain())
                chain.push_back(other);
        return chain;
    }

    std::optional<Alteration> cut_off(const Row& row) {
        if (row.table->name == "ledger_heads" || row.table->name == "checkpoint_heads")
            return std::nullopt;
        auto statement = fmt::format("delete from {}{}", row.table->name, where(row));
        const auto number = row.table->key.back() + " = ";
        statement.replace(statement.rfind(number), number.size(), row.table->key.back() + " >= ");
        return Alteration{"cut off from here", {statement}, {row}, false};
    }

    /// Exchanges the places of two rows: their numbers, or for heads and entries whose they are.
    std::optional<Alteration> swap(const Row& row) {
        const auto& name = row.table->name;
        const bool by_subject = name == "ledger_heads" || name == "checkpoint_heads";
        const Row other = by_subject ? any_of(rows_.at(name)) : any_of(chain_of(row));
        const std::string column = by_subject ? "subject" : row.table->key.back();
        if (other.at(column) == row.at(column) ||
            (name == "ledger_heads" && other.at("ledger") != row.at("ledger")))
            return std::nullopt;
        const auto literal = [&](const std::string& value) { return by_subject ? quote(value) : value; };
        const std::string aside = by_subject ? "'aside'" : "99999999";
        auto from_aside = where(row);
        const auto place = column + " = " + literal(row.at(column));
        from_aside.replace(from_aside.find(place), place.size(), column + " = " + aside);
        Alteration done{
            "exchanged with " + other.chain() + other.number(),
            {fmt::format("update {} set {} = {}{}", name, column, aside, where(row)),
             fmt::format("update {} set {} = {}{}", name, column, literal(row.at(column)), where(other)),
             fmt::format("update {} set {} = {}{}", name, column, literal(other.at(column)), from_aside)},
            {row, other},
            false};
        if (name == "checkpoint_heads") {
            // Each is named by what stands in it now.
            for (std::size_t i = 0; i < 2; ++i)
                done.concerned[i].values["subject"] = (i ? row : other).at("subject");
        }
        return done;
    }

    /// A copy at the end of the chain or, of a head or an entry, for somebody who has none.
    std::optional<Alteration> insert(const Row& row) {
        const auto& name = row.table->name;
        auto copy = row;
        std::vector<std::string> columns, values;
        if (name == "consent_events" || name == "disclosures" || name == "accesses") {
            // Somebody who knows how rows follow each other: only the head tells.
            const auto chain = chain_of(row);
            copy = *std::ranges::max_element(chain, {}, [](const Row& r) { return std::stoll(r.number()); });
            copy.values["sequence"] = std::to_string(std::stoll(copy.number()) + 1);
            copy.values[name == "consent_events" ? "record_id" : "id"] = make_uuid_v7();
            if (one_in(2)) {
                copy.values["previous_hash"] = copy.at("hash");
                relink(copy);
            }
        } else if (name == "ledger_checkpoints") {
            copy = rows_.at(name).back();
            copy.values["sequence"] = std::to_string(std::stoll(copy.number()) + 1);
        } else {
            copy.values["subject"] = make_uuid_v7();
        }
        for (const auto& column : row.table->columns) {
            columns.push_back(column.name);
            const auto& value = copy.values.at(column.name);
            values.push_back(!value ? "null" : column.is_number ? *value : quote(*value));
        }
        return Alteration{"inserted " + copy.chain() + copy.number(),
                          {fmt::format("insert into {} ({}) values ({})", name, fmt::join(columns, ", "),
                                       fmt::join(values, ", "))},
                          {copy},
                          false};
    }

    /// A byte in the last row of a chain, whose hash is made to fit.
    std::optional<Alteration> rewrite_last(const Row& any) {
        const auto& name = any.table->name;
        if (name != "consent_events" && name != "disclosures" && name != "accesses")
            return std::nullopt;
        const auto chain = chain_of(any);
        const auto row =
            *std::ranges::max_element(chain, {}, [](const Row& r) { return std::stoll(r.number()); });
        auto altered = row;
        const std::string column = name == "accesses" ? "reason" : "instance";
        altered.values[column] = with_another_byte(row.at(column));
        relink(altered);
        return Alteration{"rewritten",
                          {fmt::format("update {} set {} = {}, hash = {}{}", name, column,
                                       quote(altered.at(column)), quote(altered.at("hash")), where(row))},
                          {row}};
    }

    void relink(Row& row) const {
        std::vector<std::string> fields;
        for (const auto& column : row.table->columns)
            if (column.name != "sequence" && column.name != "previous_hash" && column.name != "hash")
                fields.push_back(row.at(column.name));
        row.values["hash"] = make_link(row.number(), row.at("previous_hash"), fields);
    }

    std::optional<Alteration> make_alteration() {
        const auto& row = any_of(rows_.at(any_of(tables).name));
        switch (any_below(12)) {
            case 0:
                return remove(row);
            case 1:
                return cut_off(row);
            case 2:
                return swap(row);
            case 3:
                return insert(row);
            case 4:
                return rewrite_last(row);
            default:
                return alter_a_byte(row);
        }
    }

    /// Nothing if the database refused it.
    std::optional<test::Findings> try_alteration(const Alteration& alteration) {
        std::optional<test::Findings> found;
        (void)database().transaction_blocking([&](Transaction& tx) -> Status {
            for (const auto& statement : alteration.statements)
                tx.execute_script(statement);
            found = find_breaks(tx);
            return Error(ErrorKind::denied, "undone");
        });
        return found;
    }

    std::map<std::string, std::vector<Row>> rows_;
    std::uint64_t seed_ = 0;
    std::mt19937_64 random_;
};
CALYPTENORA_ON_BOTH_DATABASES(Alterations);

TEST_P(Alterations, AreAllFoundAndTheRightRowIsNamed) {
    fill();
    ASSERT_TRUE(find_breaks().empty()) << "a negative control: without alteration nothing is found";
    const int wanted = is_sqlite() ? 2000 : 200;
    int made = 0, refused = 0, named_others = 0;
    std::map<std::string, int> kinds;
    for (int attempt = 0; made < wanted; ++attempt) {
        ASSERT_LT(attempt, 10 * wanted) << "the database refuses nearly everything";
        const auto alteration = make_alteration();
        if (!alteration)
            continue;
        const auto found = try_alteration(*alteration);
        if (!found) {
            ++refused;
            continue;
        }
        ++made;
        const auto trace =
            fmt::format("seed {}, number {}: {}\n  {}\nfound:\n{}", seed_, made, alteration->description,
                        fmt::join(alteration->statements, "\n  "), found->text());
        ASSERT_FALSE(found->empty()) << "not found: " << trace;
        for (const auto& row : alteration->concerned)
            ASSERT_TRUE(names(*found, row)) << "not named: " << trace;
        // The oracle can say no: another row of this table is not blamed.
        if (alteration->is_alone && !alteration->concerned.empty()) {
            const auto& row = alteration->concerned.front();
            const auto& other = any_of(rows_.at(row.table->name));
            const bool is_other =
                other.chain() + other.number() != row.chain() + row.number() &&
                (row.table->name != "checkpoint_heads" || other.at("checkpoint") != row.at("checkpoint"));
            named_others += is_other;
            ASSERT_FALSE(is_other && names(*found, other))
                << other.chain() << other.number() << " is blamed, too: " << trace;
        }
        ++kinds[alteration->description.substr(0, alteration->description.find_first_of(" ."))];
    }
    EXPECT_TRUE(find_breaks().empty()) << "everything was undone";
    EXPECT_GT(named_others, wanted / 4);
    std::cout << fmt::format("seed {}: {} alterations, all found; {} more refused by the database", seed_,
                             made, refused);
    for (const auto& [kind, count] : kinds)
        std::cout << fmt::format("; {} {}", kind, count);
    std::cout << "\n";
}

// What a database may take for the same value: text with a NUL after it, a number with a letter after it or
// spelt otherwise, nothing instead of NULL.
TEST_P(Alterations, OfTheSpellingAloneAreFoundInEveryColumn) {
    if (!is_sqlite())
        GTEST_SKIP() << "PostgreSQL keeps neither NUL in text nor letters in numbers";
    fill();
    const std::string nul(1, '\0');
    int made = 0;
    for (const auto& table : tables) {
        const auto& row = any_of(rows_.at(table.name));
        for (const auto& column : table.columns) {
            if (column.name == "ledger" || column.name == "kind")
                continue;
            const auto value = row.at(column.name);
            std::vector<std::string> others{quote(value + nul), quote(value + nul + "x"), quote(value + " "),
                                            "null"};
            if (column.is_number)
                others = {quote(value + "x"), quote(value + nul), quote(value + ".5"), quote(" x" + value)};
            if (column.is_nullable)
                others.push_back(row.values.at(column.name) ? "null" : "''");
            for (const auto& other : others) {
                const auto found = try_alteration(
                    {"",
                     {fmt::format("update {} set {} = {}{}", table.name, column.name, other, where(row))},
                     {}});
                made += found.has_value();
                EXPECT_TRUE(!found || !found->empty())
                    << "seed " << seed_ << ": " << table.name << "." << column.name << " := " << other;
            }
        }
    }
    EXPECT_GT(made, 150) << "the database refuses most of them";
}

// Controls: what is no ledger is no alteration of one, and a ledger that was altered is one again when the
// byte is put back.
TEST_P(Alterations, OfOtherThingsAreNone) {
    fill();
    for (const auto* statement :
         {"update consents set policy_hash = 'x'", "delete from consents",
          "update subjects set kind = 'learner'", "update ledger_heads set seal = seal"})
        EXPECT_TRUE(find_breaks_after({statement}).empty()) << statement;
    EXPECT_FALSE(find_breaks_after({"update ledger_heads set seal = seal || ' '"}).empty());
    EXPECT_TRUE(find_breaks_after({"update ledger_checkpoints set at = at + 1",
                                   "update ledger_checkpoints set at = at - 1"})
                    .empty());
}

}  // namespace
}  // namespace calyptenora::storage
