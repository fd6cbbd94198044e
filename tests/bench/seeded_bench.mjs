// A platform with many people and courses, made by `calyptenora demo seed`, on both databases: a learner's pages and the
// search of the catalogue at the server, and the memory that many requests leave behind.
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { replace_section, start_platform } from '../browser/harness/platform.mjs';
import { start_postgresql } from '../browser/harness/postgresql.mjs';
import { ask, list_pages, sign_in } from './learner.mjs';
import { pin_server, put_load } from './load.mjs';

const config = fileURLToPath(new URL('platform.yaml', import.meta.url));
const password = 'gemessen wird mit Uhr und Waage';

/** Words that all German courses hold, that few hold, that none holds, and letters with which many begin. */
const searches = [
    { name: 'a word in all of them', words: 'Lektion' },
    { name: 'two words in all of them', words: 'Lektion Beispiel' },
    { name: 'a rare word', words: 'Wärmepumpen' },
    { name: 'a word in none', words: 'Nashornkäfer' },
    { name: 'first letters', words: 'be' },
];

function resident_mib(pid) {
    return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
}

const milliseconds = (value) => `${value.toFixed(2)} ms`;
const mebibytes = (value) => `${value.toFixed(1)} MiB`;
const per_second = (value) => `${Math.round(value).toLocaleString('en')}/s`;

async function measure_on(database, sections, { program, learners, courses, seconds }) {
    const folder = mkdtempSync(join(tmpdir(), 'calyptenora-seeded-'));
    const data = join(folder, 'data');
    const env = { PATH: process.env.PATH, LANG: 'C.UTF-8', CALYPTENORA_BENCH_KEY: randomBytes(32).toString('hex') };
    let platform;
    try {
        let yaml = readFileSync(config, 'utf8');
        for (const [name, body] of Object.entries(sections)) yaml = replace_section(yaml, name, body);
        // The sample courses would be looked for beside this copy.
        yaml = yaml.replace('[../../config/courses]', '[]');
        const config_file = join(folder, 'platform.yaml');
        writeFileSync(config_file, yaml);

        const begin = performance.now();
        const seeded = spawnSync(
            program,
            // prettier-ignore
            ['demo', 'seed', '--learners', String(learners), '--courses', String(courses), '--seed', '1', '--password-stdin', '--json',
             '--config', config_file, '--data', data],
            { env, input: `${password}\n`, encoding: 'utf8' },
        );
        if (seeded.status !== 0) throw new Error(`demo seed: ${seeded.stderr}`);
        const seeding_s = (performance.now() - begin) / 1e3;
        const email = JSON.parse(seeded.stdout).can_sign_in[0];

        platform = await start_platform({ program, config: config_file, env, data });
        const url = platform.url.replace('localhost', '127.0.0.1');
        const learner = await sign_in(url, { email, password });
        const headers = { Cookie: learner.cookie };
        const catalogue = (await learner.get('/')).body.toString();
        const course = /href="(\/courses\/demo-1-[^"/?#]+)"/.exec(catalogue)?.[1];
        if (!course) throw new Error('the catalogue names no course');
        pin_server(platform.pid);

        const rows = [
            {
                work: `seeding ${learners} learners and ${courses} courses, ${database}`,
                ours: `${seeding_s.toFixed(1)} s`,
                compared_with: 'the goal',
                theirs: '300.0 s',
                ratio: seeding_s / 300,
                at_most: 1,
            },
        ];
        const pages = list_pages(course);
        let memory_before = null;
        for (const page of pages) {
            const load = { pid: platform.pid, seconds, headers };
            const full = await put_load(url + page.path, load);
            const half = await put_load(url + page.path, { ...load, rate: full.per_second / 2 });
            // After the first page everything that is kept is there.
            memory_before ??= resident_mib(platform.pid);
            rows.push({
                work: `${page.name} among ${learners}, ${database}, processor time`,
                ours: milliseconds(full.cpu_us / 1e3),
                compared_with: 'Moodle 4.5.6 (not in this run)',
                theirs: milliseconds(page.moodle_ms),
                ratio: full.cpu_us / 1e3 / page.moodle_ms,
                at_most: 0.01,
            });
            rows.push({
                work: `${page.name} among ${learners}, ${database}, p99 at ${per_second(half.per_second)} of ${per_second(full.per_second)}`,
                ours: milliseconds(half.p99_ms),
                compared_with: 'the goal',
                theirs: milliseconds(10),
                ratio: half.p99_ms / 10,
                at_most: 1,
            });
        }
        for (const { name, words } of searches) {
            const path = `/?q=${encodeURIComponent(words)}`;
            const answer = await ask(url + path);
            if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}`);
            const one = await put_load(url + path, { pid: platform.pid, seconds, connections: 1 });
            rows.push({
                work: `search of ${courses} courses at the server for ${name}, ${database}, p50`,
                ours: milliseconds(one.p50_ms),
                compared_with: 'the goal',
                theirs: milliseconds(20),
                ratio: one.p50_ms / 20,
                at_most: 1,
            });
        }
        for (const page of pages) await put_load(url + page.path, { pid: platform.pid, seconds, headers });
        const memory_after = resident_mib(platform.pid);
        rows.push({
            work: `memory after all of these, ${database}`,
            ours: mebibytes(memory_after),
            compared_with: 'after the first page',
            theirs: mebibytes(memory_before),
            ratio: memory_after / memory_before,
            at_most: 1.25,
        });
        return rows;
    } finally {
        await platform?.stop();
        rmSync(folder, { recursive: true, force: true });
    }
}

/** Measures, and returns rows for the table. */
export async function measure_seeded(options) {
    const rows = await measure_on('SQLite', {}, options);
    const postgresql = await start_postgresql();
    try {
        postgresql.query('create database keys');
        const keys = postgresql.url.replace('/calyptenora?', '/keys?');
        const sections = {
            database: `database: {url: '${postgresql.url}'}\n`,
            key_store: `key_store: {url: '${keys}'}\n`,
        };
        return [...rows, ...(await measure_on('PostgreSQL', sections, options))];
    } finally {
        await postgresql.stop();
    }
}
