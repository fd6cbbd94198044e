#include "storage/transaction.hpp"

#include "storage/connection.hpp"

namespace calyptenora::storage {

Error DatabaseError::to_error() const {
    const std::string message = std::string("database: ") + what();
    switch (kind) {
        case Kind::unique:
        case Kind::serialization:
            return {ErrorKind::conflict, message};
        case Kind::busy:
        case Kind::connection:
        case Kind::full:
            return {ErrorKind::temporary, message};
        case Kind::input:
            return {ErrorKind::invalid_input, message};
        case Kind::constraint:
        case Kind::fatal:
        case Kind::other:
            break;
    }
    return {ErrorKind::permanent, message};
}

Dialect Transaction::dialect() const {
    return connection_.dialect();
}

void Transaction::execute_script(std::string_view sql) {
    connection_.execute_raw(std::string(sql));
}

long long Transaction::run(std::string_view sql, std::span<const SqlValue> parameters,
                           std::span<const SqlType> columns,
                           const std::function<void(std::span<SqlValue>)>& on_row) {
    return connection_.run(sql, parameters, columns, on_row);
}

}  // namespace calyptenora::storage
