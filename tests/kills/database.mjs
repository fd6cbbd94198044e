// The platform's database, read (and for the negative controls changed) beside the server.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { start_postgresql } from '../browser/harness/postgresql.mjs';

const run = promisify(execFile);

// Rows as psql prints them with -At.
const sqlite_program = `
import sqlite3, sys
with sqlite3.connect(sys.argv[1], timeout=30) as database:
    for row in database.execute(sys.argv[2]):
        print('|'.join('' if value is None else str(value) for value in row))
`;

/** {sections (of the platform's YAML), query(sql) -> text, stop()}; query() of SQLite needs open(data folder) first. */
export async function start_database(kind) {
    if (kind === 'postgresql') {
        const server = await start_postgresql();
        const sections = { database: `database:\n  url: "${server.url}"\n` };
        return { sections, open: () => {}, query: async (sql) => server.query(sql), stop: server.stop };
    }
    let file = null;
    return {
        sections: {},
        open: (data) => (file = join(data, 'calyptenora.db')),
        query: async (sql) => (await run('python3', ['-c', sqlite_program, file, sql])).stdout.trim(),
        stop: async () => {},
    };
}
