// The comparisons can be made, and each has a ratio. Whether the ratios are good is not for a test to say that shares
// its processors with others.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const {
    CALYPTENORA_GATE_BENCH: gate_bench,
    CALYPTENORA_CHANNEL_BENCH: channel_bench,
    CALYPTENORA_EXPORT_BENCH: export_bench,
    CALYPTENORA_SEARCH_BENCH: search_bench,
    CALYPTENORA_PROGRAM: program,
} = process.env;
const table = fileURLToPath(new URL('table.mjs', import.meta.url));

test('each comparison is made and has a ratio', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [
        table,
        ...['--gate-bench', gate_bench, '--channel-bench', channel_bench, '--export-bench', export_bench],
        ...['--search-bench', search_bench, '--program', program, '--quick', '--json'],
    ]);
    const rows = JSON.parse(stdout);
    for (const work of ['decision', 'release of 12 fields', 'release of 6 of 12 fields', 'call into a plugin, worker, on one processor', 'export of 200 events', 'search of 20 courses for a word in all of them, SQLite', 'small JSON', 'seeding 200 learners and 10 courses, SQLite', 'memory after all of these, PostgreSQL']) {
        assert.ok(rows.find((row) => row.work === work), `${work} is missing`);
    }
    // Calls into plugins are measured on two processors and on one, where there are two.
    const channel = availableParallelism() > 1 ? 6 : 4;
    assert.equal(rows.length, 3 + 4 + channel + 2 + 6 + 6 + 2 * 13);
    for (const row of rows) assert.ok(row.ratio > 0 && Number.isFinite(row.ratio), JSON.stringify(row));
});
