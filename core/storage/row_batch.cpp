#include "storage/row_batch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace calyptenora::storage {
namespace {

/// Of a statement; few sizes, since each is prepared once.
constexpr std::array<std::size_t, 3> sizes{64, 8, 1};

}  // namespace

RowBatch::RowBatch(std::string_view table, std::string_view columns, std::string_view conflict)
    : head_(fmt::format("insert into {} ({}) values ", table, columns)),
      conflict_(conflict),
      width_(static_cast<std::size_t>(std::ranges::count(columns, ',')) + 1) {}

std::string RowBatch::make_sql(std::size_t rows) const {
    auto sql = head_;
    for (std::size_t i = 0; i < rows * width_; ++i) {
        const auto column = i % width_;
        sql += fmt::format("{}:p{}{}",
                           column > 0 ? ", "
                           : i > 0    ? ", ("
                                      : "(",
                           i, column + 1 == width_ ? ")" : "");
    }
    return sql.append(" ").append(conflict_);
}

long long RowBatch::write(Transaction& tx) {
    if (values_.size() % width_ != 0)
        throw std::logic_error("a row without all of its columns for: " + head_);
    long long inserted = 0;
    auto rest = std::span<const SqlValue>(values_);
    for (const auto size : sizes) {
        if (rest.size() < size * width_)
            continue;
        const auto sql = make_sql(size);
        for (; rest.size() >= size * width_; rest = rest.subspan(size * width_))
            inserted += tx.execute_with(sql, rest.first(size * width_));
    }
    values_.clear();
    return inserted;
}

}  // namespace calyptenora::storage
