#pragma once

#include "storage/transaction.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace calyptenora::storage {

/// New rows of one table, written many in a statement: on PostgreSQL a statement costs more than a row does
/// (figures.md). Private to core/storage.
class RowBatch {
  public:
    /// `columns` as SQL lists them, `conflict` as SQL says what happens to a row that is there ("on conflict
    /// (id) do nothing").
    RowBatch(std::string_view table, std::string_view columns, std::string_view conflict = {});

    /// The values of one row, in the order of the columns and always of the same types.
    template <class... Values>
    void add(const Values&... values) {
        (values_.push_back(SqlConversion<Values>::to(values)), ...);
    }

    /// Inserts what was added, and forgets it. Returns how many rows were new. Throws as Transaction does.
    long long write(Transaction& tx);

  private:
    std::string make_sql(std::size_t rows) const;

    std::string head_;
    std::string conflict_;
    std::size_t width_;
    std::vector<SqlValue> values_;
};

}  // namespace calyptenora::storage
