#include "storage/dialect.hpp"

#include <fmt/format.h>

namespace calyptenora::storage {
namespace {

constexpr std::string_view append_only_directive = "-- @append_only ";

constexpr std::string_view append_only_sqlite = R"(
create trigger {0}_no_update before update on {0} begin select raise(abort, '{0} is append-only'); end;
create trigger {0}_no_delete before delete on {0} begin select raise(abort, '{0} is append-only'); end;
)";

constexpr std::string_view append_only_postgresql = R"(
create or replace function {0}_append_only() returns trigger language plpgsql as
  $$ begin raise exception '{0} is append-only' using errcode = 'restrict_violation'; end $$;
create trigger {0}_no_update before update on {0} for each row execute function {0}_append_only();
create trigger {0}_no_delete before delete on {0} for each row execute function {0}_append_only();
create trigger {0}_no_truncate before truncate on {0} execute function {0}_append_only();
)";

constexpr std::string_view search_index_directive = "-- @search_index ";

// The tokens come ready; the tokenizer only has to leave them whole.
constexpr std::string_view search_index_sqlite = R"(
create virtual table {0} using fts5(document unindexed, {1}, prefix = '2 3', tokenize = "unicode61 remove_diacritics 0");
)";

// What is not compressed is read quicker for its rank.
constexpr std::string_view search_index_postgresql = R"(
create table {0} (document text primary key, {1} tsvector not null);
alter table {0} alter column {2} set storage external;
create index {0}_{2} on {0} using gin ({2});
)";

/// `arguments`: the table and its columns, of which the last holds everything.
std::string make_search_index(Dialect dialect, std::string_view arguments) {
    const auto table = arguments.substr(0, arguments.find(' '));
    const auto last = arguments.substr(arguments.rfind(' ') + 1);
    std::string columns(arguments.substr(table.size() + 1));
    const std::string between = dialect == Dialect::sqlite ? ", " : " tsvector not null, ";
    for (auto at = columns.find(' '); at != std::string::npos; at = columns.find(' ', at + between.size()))
        columns.replace(at, 1, between);
    return fmt::format(
        fmt::runtime(dialect == Dialect::sqlite ? search_index_sqlite : search_index_postgresql), table,
        columns, last);
}

}  // namespace

std::string_view begin_writing(Dialect dialect) {
    return dialect == Dialect::sqlite ? "begin immediate" : "begin isolation level read committed read write";
}

std::string_view begin_serializable(Dialect dialect) {
    return dialect == Dialect::sqlite ? "begin immediate" : "begin isolation level serializable read write";
}

std::string_view begin_reading(Dialect dialect) {
    return dialect == Dialect::sqlite ? "begin deferred" : "begin isolation level repeatable read read only";
}

std::string_view select_server_clock(Dialect dialect) {
    return dialect == Dialect::sqlite
               ? ""
               : "select cast(extract(epoch from clock_timestamp()) * 1000000 as bigint) as now";
}

std::string_view lock_rows(Dialect dialect) {
    return dialect == Dialect::sqlite ? "" : " for no key update";
}

std::string_view lock_free_rows(Dialect dialect) {
    return dialect == Dialect::sqlite ? "" : " for no key update skip locked";
}

std::string expand_migration(Dialect dialect, std::string_view sql) {
    const auto triggers = dialect == Dialect::sqlite ? append_only_sqlite : append_only_postgresql;
    std::string expanded;
    while (!sql.empty()) {
        const auto line = sql.substr(0, sql.find('\n'));
        if (line.starts_with(append_only_directive))
            expanded += fmt::format(fmt::runtime(triggers), line.substr(append_only_directive.size()));
        else if (line.starts_with(search_index_directive))
            expanded += make_search_index(dialect, line.substr(search_index_directive.size()));
        else
            expanded.append(line).push_back('\n');
        sql.remove_prefix(std::min(sql.size(), line.size() + 1));
    }
    return expanded;
}

std::string_view select_schema_columns(Dialect dialect) {
    return dialect == Dialect::sqlite
               ? "select m.name, c.name from pragma_table_list m, pragma_table_info(m.name) c "
                 "where m.schema = 'main' and m.type in ('table', 'virtual') and m.name not like 'sqlite_%' "
                 "order by 1, 2"
               : "select cast(table_name as text), cast(column_name as text) from information_schema.columns "
                 "where table_schema = current_schema() order by 1, 2";
}

std::string_view begin_migrating(Dialect dialect) {
    return dialect == Dialect::sqlite ? "begin exclusive" : "begin isolation level read committed read write";
}

std::string_view prefer_search_index(Dialect dialect) {
    return dialect == Dialect::sqlite ? "" : "set local enable_seqscan = off";
}

std::string_view lock_checkpoints(Dialect dialect) {
    return dialect == Dialect::sqlite ? "" : "select pg_advisory_xact_lock(4781203512)";
}

std::string_view lock_migrations(Dialect dialect) {
    return dialect == Dialect::sqlite ? "" : "select pg_advisory_xact_lock(4781203511)";
}

}  // namespace calyptenora::storage
