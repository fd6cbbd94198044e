// All comparisons as one table.
//
//   node table.mjs --gate-bench PROGRAM --channel-bench PROGRAM --export-bench PROGRAM --search-bench PROGRAM
//     --program CALYPTENORA [--quick] [--json]
import { execFile } from 'node:child_process';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { parseArgs, promisify } from 'node:util';

import { measure_http } from './http_bench.mjs';
import { measure_seeded } from './seeded_bench.mjs';

/** `quick` only shows that everything works: its figures mean nothing. */
const efforts = {
    thorough: { gate: { repetitions: 15, seconds: 0.2 }, channel: { rounds: 15, calls: 5000 }, export: { rounds: 9, events: 10000 }, search: { rounds: 31, courses: 500 }, http: { rounds: 5, seconds: 4 }, seeded: { learners: 100000, courses: 500, seconds: 4 } },
    quick: { gate: { repetitions: 1, seconds: 0.001 }, channel: { rounds: 3, calls: 50 }, export: { rounds: 1, events: 200 }, search: { rounds: 1, courses: 20 }, http: { rounds: 1, seconds: 1 }, seeded: { learners: 200, courses: 10, seconds: 1 } },
};

async function measure_gate(program, { repetitions, seconds }) {
    const { stdout } = await promisify(execFile)(program, [
        `--benchmark_repetitions=${repetitions}`,
        `--benchmark_min_time=${seconds}`,
        '--benchmark_enable_random_interleaving=true',
    ]);
    const nanoseconds = (value) => `${value.toFixed(0)} ns`;
    return stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
        .map((row) => ({ ...row, ours: nanoseconds(row.ours), theirs: nanoseconds(row.theirs) }))
        .map((row) => (row.work.startsWith('release') ? { ...row, at_most: 1.3 } : row));
}

async function measure_channel(program, { rounds, calls }) {
    const { stdout } = await promisify(execFile)(program, [String(rounds), String(calls)]);
    const text = (work, value) =>
        work.includes('memory') ? `${(value / 1024 / 1024).toFixed(2)} MiB` : `${(value / 1000).toFixed(1)} us`;
    return stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
        .map((row) => ({ ...row, ours: text(row.work, row.ours), theirs: text(row.work, row.theirs) }))
        .map((row) => (row.work.startsWith('call into a plugin, worker') ? { ...row, at_most: 2 } : row));
}

async function measure_export(program, { rounds, events }) {
    const { stdout } = await promisify(execFile)(program, [String(rounds), String(events)]);
    const text = (work, value) => (work.includes('memory') ? `${(value / 1024 / 1024).toFixed(1)} MiB` : `${value.toFixed(0)} ms`);
    return stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
        .map((row) => ({ ...row, ours: text(row.work, row.ours), theirs: text(row.work, row.theirs) }))
        .map((row) => ({ ...row, at_most: row.work.includes('memory') ? 1.5 : 1 }));
}

async function measure_search(program, { rounds, courses }) {
    const { stdout } = await promisify(execFile)(program, [String(rounds), String(courses)]);
    const text = (value) => `${value.toFixed(1)} ms`;
    return stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
        .map((row) => ({ ...row, ours: text(row.ours), theirs: text(row.theirs), at_most: 1 }));
}

function print_table(rows) {
    const goal_of = (row) => (row.at_most ? `at most ${row.at_most}` : row.at_least ? `at least ${row.at_least}` : '');
    const lines = [
        ['work', 'here', 'compared with', 'there', 'ratio', 'goal'],
        ...rows.map((row) => [row.work, row.ours, row.compared_with, row.theirs, row.ratio.toPrecision(2), goal_of(row)]),
    ];
    const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
    const is_number = [false, true, false, true, true, false];
    const print = (line) =>
        console.log(`| ${line.map((cell, i) => (is_number[i] ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))).join(' | ')} |`);
    print(lines[0]);
    console.log(`|${widths.map((width, i) => '-'.repeat(width + 1) + (is_number[i] ? ':' : '-')).join('|')}|`);
    for (const line of lines.slice(1)) print(line);
}

const { values: options } = parseArgs({
    options: {
        'gate-bench': { type: 'string' },
        'channel-bench': { type: 'string' },
        'export-bench': { type: 'string' },
        'search-bench': { type: 'string' },
        program: { type: 'string' },
        quick: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
    },
});
const effort = efforts[options.quick ? 'quick' : 'thorough'];
const load_before = loadavg()[0];
const rows = [
    ...(await measure_gate(options['gate-bench'], effort.gate)),
    ...(await measure_channel(options['channel-bench'], effort.channel)),
    ...(await measure_export(options['export-bench'], effort.export)),
    ...(await measure_search(options['search-bench'], effort.search)),
    ...(await measure_http({ program: options.program, ...effort.http })),
    ...(await measure_seeded({ program: options.program, ...effort.seeded })),
];
if (options.json) {
    console.log(JSON.stringify(rows));
} else {
    const date = new Date().toISOString().slice(0, 10);
    console.log(`${date}, ${availableParallelism()} processors (${cpus()[0].model.trim()}), load before: ${load_before.toFixed(1)}\n`);
    print_table(rows);
}
