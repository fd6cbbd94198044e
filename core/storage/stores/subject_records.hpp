#pragma once

#include "storage/field_cipher.hpp"
#include "storage/transaction.hpp"

#include <calyptenora/result.hpp>

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// Everything that the database holds about one person, table by table and page by page, decrypted: what is
/// handed out on an access request (Art. 15 GDPR). One list says which tables and columns those are; a test
/// compares it with the inventory, so that a new column is either here or withheld for a reason. Caller:
/// platform's export.
namespace calyptenora::storage {

/// What the text or number of a column means.
enum class FieldForm : unsigned char {
    text,
    number,
    moment,    ///< A Timestamp.
    document,  ///< JSON text.
    bytes,     ///< Anything.
};

struct RecordField {
    std::string_view column;
    FieldForm form = FieldForm::text;
    bool may_be_absent = false;

    bool is_sealed() const { return column.ends_with("_enc"); }
    /// The column without `_enc`: what it is called once it is open.
    std::string_view name() const;
};

/// Cannot be decrypted: altered, or moved. An empty column is absent instead.
struct Unreadable {
    bool operator==(const Unreadable&) const = default;
};
/// What a plugin keeps in order to find out who somebody is, as a password's hash. It is not handed out:
/// whoever got hold of the export could try to become that person.
struct Credential {
    bool operator==(const Credential&) const = default;
};
/// Absent, or as the field's form says: `document`, `bytes` and `text` are strings.
using FieldValue = std::variant<std::monostate, std::int64_t, Timestamp, std::string, Unreadable, Credential>;
/// In the order of the set's fields.
using RecordRow = std::vector<FieldValue>;

/// The rows of one table that are about a person.
struct RecordSet {
    /// What the rows are called outside; unlike every other set's name.
    std::string_view name;
    std::string_view table;
    /// Condition on the rows: `:subject` is the person's id, `:persons` a list of it and of those of the
    /// guests that the person was before.
    std::string_view whose;
    std::vector<RecordField> fields;
    /// The columns that tell the rows of one person apart, in which they are ordered.
    std::vector<std::string_view> order;
    /// The column with the id of whoever's key seals the row (the system's where it is absent); empty: the
    /// person's.
    std::string_view owner = {};
    /// How many rows are in memory at once.
    int page_size = 500;

    /// The position of a field, which must exist.
    std::size_t index_of(std::string_view column) const;
};

/// All sets, in the order in which people read them.
const std::vector<RecordSet>& record_sets();

/// Reads what is about one person: the account and the guests that it was before it signed in.
class SubjectRecords {
  public:
    SubjectRecords(Transaction& tx, const FieldCipher& cipher, SubjectId subject);

    /// The account first, then the guests.
    const std::vector<SubjectId>& persons() const { return persons_; }

    long long count(const RecordSet& set);

    /// Each row in order. At most a page of them is in memory. Ends with the first Error that `on_row`
    /// returns.
    Status each(const RecordSet& set, const std::function<Status(const RecordRow&)>& on_row);

  private:
    /// The condition on the rows, and its parameters.
    std::string whose(const RecordSet& set, std::vector<SqlValue>& parameters) const;
    std::vector<RecordRow> load_page(const RecordSet& set, const RecordRow* after);
    void open(const RecordSet& set, RecordRow& row) const;

    Transaction& tx_;
    const FieldCipher& cipher_;
    std::vector<SubjectId> persons_;
};

}  // namespace calyptenora::storage
