// The server beside nginx, and the pages of a learner who is signed in. All of them take turns, round after round, and
// each figure is the median of the rounds, so that whatever else the machine does meets all alike.
import { randomBytes } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { start_platform } from '../browser/harness/platform.mjs';
import { ask, list_pages, register } from './learner.mjs';
import { pin_server, put_load } from './load.mjs';
import { start_nginx } from './nginx.mjs';

const config = fileURLToPath(new URL('platform.yaml', import.meta.url));
const course = 'karten-lesen';
const asset_bytes = 20 * 1024;

const pages = list_pages(`/courses/${course}`);

function median(rounds, key) {
    const values = rounds.map((round) => round[key]).sort((a, b) => a - b);
    return values[Math.floor(values.length / 2)];
}

/** The program beside a copy of its files to which an asset of the wanted size has been added. */
function stage(program, folder) {
    const installed = dirname(dirname(program));
    mkdirSync(join(folder, 'bin'));
    for (const name of ['calyptenora', 'calyptenora-worker']) cpSync(join(installed, 'bin', name), join(folder, 'bin', name));
    cpSync(join(installed, 'share'), join(folder, 'share'), { recursive: true });
    symlinkSync(join(installed, 'plugins'), join(folder, 'plugins'));
    // Like a font: it cannot be compressed.
    const asset = randomBytes(asset_bytes);
    writeFileSync(join(folder, 'share/assets/bench.woff2'), asset);
    return { program: join(folder, 'bin/calyptenora'), asset };
}

async function expect_body(url, expected, headers = {}) {
    const answer = await ask(url, { headers });
    if (answer.status !== 200) throw new Error(`${url} answered ${answer.status}`);
    if (expected && !answer.body.equals(expected)) throw new Error(`${url} answered something else than its twin`);
    return answer.body;
}

const per_second = (value) => `${Math.round(value).toLocaleString('en')}/s`;
const microseconds = (value) => `${value.toFixed(1)} us`;
const milliseconds = (value) => `${value.toFixed(2)} ms`;

function beside_nginx(name, ours, theirs, goal) {
    const rate = [median(ours, 'per_second'), median(theirs, 'per_second')];
    const cpu = [median(ours, 'cpu_us'), median(theirs, 'cpu_us')];
    return [
        {
            work: name,
            ours: per_second(rate[0]),
            compared_with: 'nginx, one worker',
            theirs: per_second(rate[1]),
            ratio: rate[0] / rate[1],
            at_least: goal,
        },
        {
            work: `${name}, processor time`,
            ours: microseconds(cpu[0]),
            compared_with: 'nginx, one worker',
            theirs: microseconds(cpu[1]),
            ratio: cpu[0] / cpu[1],
        },
    ];
}

/** Measures, and returns rows for the table. */
export async function measure_http({ program, rounds, seconds }) {
    const folder = mkdtempSync(join(tmpdir(), 'calyptenora-bench-'));
    let platform, nginx;
    try {
        const staged = stage(program, folder);
        platform = await start_platform({
            program: staged.program,
            config,
            env: { CALYPTENORA_BENCH_KEY: randomBytes(32).toString('hex') },
        });
        const url = platform.url.replace('localhost', '127.0.0.1');
        const learner = await register(url, { course });
        const headers = { Cookie: learner.cookie };

        const state = await expect_body(`${url}/privacy/state`);
        nginx = await start_nginx({ json: state, asset: staged.asset });
        await expect_body(`${nginx.url}/state`, state);
        const home = (await expect_body(`${url}/`, null, headers)).toString();
        if (!home.includes('Mila Messwert')) throw new Error('the front page does not know who is signed in');
        const hash = /\/assets\/([^/"]+)\//.exec(home)[1];
        const asset_url = `${url}/assets/${hash}/bench.woff2`;
        await expect_body(asset_url, staged.asset);
        await expect_body(`${nginx.url}/asset`, staged.asset);
        for (const page of pages) await expect_body(url + page.path, null, headers);
        pin_server(platform.pid);
        pin_server(nginx.pid);

        const ours = { pid: platform.pid, seconds };
        const theirs = { pid: nginx.pid, seconds };
        const results = {};
        const keep = (name, result) => (results[name] ??= []).push(result);
        for (let round = 0; round < rounds; ++round) {
            keep('json', await put_load(`${url}/privacy/state`, ours));
            keep('nginx json', await put_load(`${nginx.url}/state`, theirs));
            keep('asset', await put_load(asset_url, ours));
            keep('nginx asset', await put_load(`${nginx.url}/asset`, theirs));
            for (const page of pages) {
                const full = await put_load(url + page.path, { ...ours, headers });
                keep(page.name, full);
                const rate = full.per_second / 2;
                keep(`half ${page.name}`, await put_load(url + page.path, { ...ours, headers, rate }));
            }
        }

        const rows = [
            ...beside_nginx('small JSON', results['json'], results['nginx json'], 0.6),
            ...beside_nginx('asset of 20 KiB', results['asset'], results['nginx asset'], 0.8),
        ];
        for (const page of pages) {
            const cpu_ms = median(results[page.name], 'cpu_us') / 1e3;
            rows.push({
                work: `${page.name}, signed in, processor time`,
                ours: milliseconds(cpu_ms),
                compared_with: "Moodle 4.5.6 (not in this run)",
                theirs: milliseconds(page.moodle_ms),
                ratio: cpu_ms / page.moodle_ms,
                at_most: 0.01,
            });
        }
        for (const page of pages) {
            const half = results[`half ${page.name}`];
            const p99_ms = median(half, 'p99_ms');
            rows.push({
                work: `${page.name}, p99 at ${per_second(median(half, 'per_second'))} of ${per_second(median(results[page.name], 'per_second'))}`,
                ours: milliseconds(p99_ms),
                compared_with: 'the goal',
                theirs: milliseconds(10),
                ratio: p99_ms / 10,
                at_most: 1,
            });
        }
        return rows;
    } finally {
        await nginx?.stop();
        await platform?.stop();
        rmSync(folder, { recursive: true, force: true });
    }
}
