// The harness of the browser tests, tried against a small site of its own: what it reports must be true, and it must
// be able to report something.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { start_video_origin } from '../peers/video_origin.mjs';
import { read_girocode, write_statement } from './harness/bank.mjs';
import { open_browser } from './harness/browser.mjs';
import { wait_for } from './harness/child.mjs';
import { canaries_in, json_leaves, unpromised_leaves } from './harness/json_leaves.mjs';
import { replace_section, start_platform } from './harness/platform.mjs';
import { start_postgresql } from './harness/postgresql.mjs';

const program = fileURLToPath(new URL('fixture_site.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'calyptenora-harness-'));
const config = join(folder, 'site.yaml');
writeFileSync(config, 'platform:\n  name: One\ndatabase:\n  sqlite: a.db\nserver:\n  port: 1\n');
after(() => rmSync(folder, { recursive: true, force: true }));

const is_alive = (pid) => {
    try {
        return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
    } catch {
        return false;
    }
};

describe('browser', () => {
    let origin, platform, browser;
    before(async () => {
        origin = await start_video_origin();
        platform = await start_platform({ program, config, env: { OTHER_ORIGIN: origin.addresses.url } });
        browser = await open_browser({ screenshots: join(folder, 'screenshots') });
    });
    after(async () => {
        await browser?.close();
        await platform?.stop();
        await origin?.stop();
    });

    test('a page without third parties asks no other origin, and axe finds nothing', async () => {
        await browser.page.goto(`${platform.url}/good`);
        assert.deepEqual(browser.origins_but(platform.url), []);
        assert.deepEqual(await browser.accessibility(), []);
    });
    test('axe finds an image without a text', async () => {
        await browser.page.goto(`${platform.url}/no-alt`);
        assert.deepEqual((await browser.accessibility()).map(({ id }) => id), ['image-alt']);
    });
    test('screenshots are pictures', async () => {
        const path = await browser.screenshot('page');
        assert.match(path, /01-page\.png$/);
        assert.ok(statSync(path).size > 1000);
    });
    test('a frame that the CSP refuses is not asked for, and the violation is known', async () => {
        await browser.page.goto(`${platform.url}/refused`);
        await wait_for('a violation', () => browser.problems.some((problem) => /frame-src/.test(problem)));
        assert.equal(origin.received.length, 0);
    });
    test('requests of a frame are recorded, by the browser as by the other origin', async () => {
        await browser.page.goto(`${platform.url}/embeds`);
        await wait_for('the player', () => origin.received.some(({ path }) => path === '/frames/film-1'));
        assert.ok(browser.origins_but(platform.url).includes(origin.addresses.url));
        const asked = browser.requests.filter((request) => request.origin === origin.addresses.url).map(({ url }) => new URL(url).pathname);
        assert.deepEqual(asked.slice(0, 3), ['/embed/film-1', '/player.js', '/frames/film-1']);
    });
    test('a request to a host that cannot be reached is recorded all the same', async () => {
        await browser.page.goto(`${platform.url}/far-away`);
        await browser.page.waitForFunction(() => document.title === 'done');
        assert.ok(browser.origins_but(platform.url).includes('http://tracker.invalid'));
    });
});

describe('platform', () => {
    test('commands get arguments and standard input, and their exit code comes back', async () => {
        const platform = await start_platform({ program, config, sections: { database: 'database:\n  sqlite: b.db\n' } });
        try {
            const { code, stdout } = await platform.run(['echo', 'x'], 'a mail');
            const { arguments: seen, input } = JSON.parse(stdout);
            assert.deepEqual([code, input, seen[0]], [0, 'a mail', 'x']);
            const file = seen[seen.indexOf('--config') + 1];
            assert.equal(readFileSync(file, 'utf8'), 'platform:\n  name: One\nserver:\n  port: 1\ndatabase:\n  sqlite: b.db\n');
            assert.equal((await platform.run(['echo', '--fail'])).code, 3);
            const pid = platform.pid;
            await platform.stop();
            assert.deepEqual([is_alive(pid), existsSync(file), existsSync(config)], [false, false, true]);
        } finally {
            await platform.stop();
        }
    });
    test('a program that ends is reported with what it said', async () => {
        await assert.rejects(start_platform({ program, config, env: { FIXTURE: 'dies' } }), /ended \(4\).*configuration is wrong/s);
    });
    test('the program ends with a test that is killed', async () => {
        const harness = new URL('harness/platform.mjs', import.meta.url).pathname;
        const script = `import { start_platform } from '${harness}';
            const platform = await start_platform({ program: '${program}', config: '${config}' });
            console.log(platform.pid); setInterval(() => {}, 1000);`;
        const killed = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
        const pid = Number(await new Promise((resolve) => killed.stdout.once('data', resolve)));
        assert.equal(is_alive(pid), true);
        killed.kill('SIGKILL');
        await wait_for('its end', () => !is_alive(pid));
    });
    test('replace_section leaves the other sections alone', () => {
        assert.equal(replace_section('a: 1\nb:\n  - x\n\n  - y\n# c\nc: 2\n', 'b', 'b: 3\n'), 'a: 1\nc: 2\nb: 3\n');
    });
});

test('PostgreSQL starts, answers and ends', async () => {
    const postgresql = await start_postgresql();
    const socket_folder = decodeURIComponent(new URL(postgresql.url.replace('@/', '@x/')).searchParams.get('host'));
    try {
        assert.equal(postgresql.query('select current_database()'), 'calyptenora');
        assert.equal(execFileSync('psql', [postgresql.url, '-Atc', 'select 1+1'], { encoding: 'utf8' }), '2\n');
        assert.throws(() => postgresql.query('select * from nothing'), /nothing/);
    } finally {
        await postgresql.stop();
    }
    assert.equal(existsSync(socket_folder), false);
});

describe('what a document holds', () => {
    const statement = { id: 'x', actor: { account: { name: 'p', homePage: 'h' } }, context: { extensions: [{ grade: 1 }, { grade: 2 }] } };
    const table = { 'ein Pseudonym': ['actor.account.name'], 'die Note': ['context.extensions[].grade'] };
    const always = ['id', 'actor.account.homePage'];

    test('leaves', () => {
        assert.deepEqual(json_leaves(statement), ['id', 'actor.account.name', 'actor.account.homePage', 'context.extensions[].grade']);
        assert.deepEqual(json_leaves({ a: null, b: [], c: {} }), ['a']);
    });
    test('a leaf that nobody promised is found', () => {
        assert.deepEqual(unpromised_leaves(statement, ['ein Pseudonym', 'die Note'], table, always), []);
        assert.deepEqual(unpromised_leaves(statement, ['ein Pseudonym'], table, always), ['context.extensions[].grade']);
    });
    test('a promise that the table does not know is an error', () => {
        assert.throws(() => unpromised_leaves(statement, ['Ihr Name'], table, always), /no row for: Ihr Name/);
    });
    test('canaries are found, however written', () => {
        const canaries = { name: 'Kanari Müller', mail: 'kanari@learn.example' };
        assert.deepEqual(canaries_in('nothing here', canaries), []);
        for (const text of ['x KANARI MÜLLER y', 'q=Kanari%20M%C3%BCller', Buffer.from(canaries.name).toString('base64')]) {
            assert.deepEqual(canaries_in(text, canaries), ['name'], text);
        }
        assert.deepEqual(canaries_in('a=kanari%40learn.example', canaries), ['mail']);
    });
});

describe('bank', () => {
    test('a GiroCode is read off a picture', () => {
        const code = join(folder, 'code.png');
        const epc = 'BCD\n002\n1\nSCT\nBFSWDE33BER\nWikimedia\nDE33100205000001194700\nEUR19.00\n\n\nCALY-4711\n';
        execFileSync('qrencode', ['-o', code, '-s', '5', '-l', 'M'], { input: epc });
        assert.deepEqual(read_girocode(code), {
            service_tag: 'BCD', bic: 'BFSWDE33BER', name: 'Wikimedia', iban: 'DE33100205000001194700',
            currency: 'EUR', amount: '19.00', reference: 'CALY-4711',
        });
    });
    test('a statement is well-formed', () => {
        const file = write_statement(join(folder, 'statement.xml'), {
            iban: 'DE33100205000001194700',
            payments: [{ amount: '19.00', reference: 'CALY-4711 & more', bank_reference: 'B1' }],
        });
        execFileSync('xmllint', ['--noout', file]);
    });
});
