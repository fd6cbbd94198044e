// Learning time against a true time that is known because it is played: within 5 %, also when a tab is hidden, the machine
// sleeps, two tabs are open at once, there is no script, or somebody forges reports. The clocks of the browser and of the
// server go as the script says (told_clock.cpp), so nothing here depends on the machine.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';

import { open_browser } from './harness/browser.mjs';
import { wait_for } from './harness/child.mjs';
import { start_platform } from './harness/platform.mjs';

const { CALYPTENORA_PROGRAM: program, CALYPTENORA_CONFIG: config, CALYPTENORA_TOLD_CLOCK: told_clock } = process.env;
const SHARE = 0.05;
const STEP = 5;
const MINUTE = 60;

const folder = mkdtempSync(join(tmpdir(), 'calyptenora-time-'));
const courses = join(folder, 'courses');
const clock_file = join(folder, 'clock');
// Each test reads lessons that no other has read.
const slugs = Array.from({ length: 24 }, (_, number) => `seite-${number}`);
const path_of = (slug) => `/courses/zeit/lessons/${slug}`;
let unread = 0;
const next_lesson = () => slugs[unread++];

let now = Date.UTC(2026, 11, 3, 9);
function set_clock() {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(now) * 1000n);
    const file = openSync(clock_file, 'r+');
    writeSync(file, bytes, 0, 8, 0);
    closeSync(file);
}

let platform, browser;

/** A browser that is signed in; its clock stands. */
async function open_reader(options = {}) {
    const context = await browser.context.browser().newContext({
        locale: 'de-DE',
        storageState: await browser.context.storageState(),
        ...options,
    });
    if (options.javaScriptEnabled === false) return context;
    await context.clock.install({ time: now });
    await context.clock.pauseAt(now + 1);
    await context.addInitScript(() => {
        // What has been sent and not answered yet; and a tab is hidden when the test says so.
        const send = window.fetch;
        window.sent = [];
        window.fetch = (...request) => {
            const answer = send(...request);
            window.sent.push(answer.catch(() => {}));
            return answer;
        };
        let visibility = 'visible';
        Object.defineProperty(document, 'visibilityState', { get: () => visibility });
        Object.defineProperty(document, 'hidden', { get: () => visibility === 'hidden' });
        window.show = (state) => {
            visibility = state;
            document.dispatchEvent(new Event('visibilitychange'));
        };
    });
    return context;
}

const settle = (tab) => tab.evaluate(() => Promise.all(window.sent.splice(0)));
const show = async (tab, state) => {
    await tab.evaluate((wanted) => window.show(wanted), state);
    await settle(tab);
};

/** Lets time pass for all; in `read` somebody moves. `each`, if given, is done after every step. */
async function pass(seconds, { context = null, read = [], each = null }) {
    for (let passed = 0; passed < seconds; passed += STEP) {
        for (const tab of read) {
            await tab.evaluate(() => document.dispatchEvent(new Event('pointermove')));
            await settle(tab);
        }
        now += STEP * 1000;
        set_clock();
        if (context) await context.clock.runFor(STEP * 1000);
        for (const tab of context?.pages() ?? []) await settle(tab);
        await each?.(passed + STEP);
    }
}

/** The machine sleeps: no timer runs, and the clocks are ahead when it wakes. */
async function sleep(seconds, context) {
    now += seconds * 1000;
    set_clock();
    await context.clock.fastForward(seconds * 1000);
    for (const tab of context.pages()) await settle(tab);
}

/** What the server keeps, in seconds, by lesson; read beside it. */
function recorded() {
    const text = execFileSync('python3', [
        '-c',
        'import json, sqlite3, sys; print(json.dumps(dict(sqlite3.connect(sys.argv[1]).execute("select lesson, seconds from study_time").fetchall())))',
        join(platform.data, 'calyptenora.db'),
    ]);
    return JSON.parse(text);
}
const is_within = (counted, truth) => Math.abs(counted - truth) <= SHARE * truth;
function assert_within(slug, truth) {
    const counted = recorded()[slug] ?? 0;
    assert.ok(is_within(counted, truth), `${slug}: ${counted} s were recorded, ${truth} s were true`);
}

/** As browsers do it when a tab is closed. */
async function leave(tab) {
    await show(tab, 'hidden');
    await tab.close();
}

/** The script of the lesson page, with one rule taken out. */
async function break_script(context, rule, by) {
    await context.route(/\/time[^/]*\.js$/, async (route) => {
        const answer = await route.fetch();
        const body = await answer.text();
        assert.ok(body.includes(rule), `the script has no "${rule}"`);
        await route.fulfill({ response: answer, body: body.replaceAll(rule, by) });
    });
}

async function open_lesson(context, slug) {
    const tab = await context.newPage();
    await tab.goto(platform.url + path_of(slug));
    await settle(tab);
    return tab;
}

before(async () => {
    writeFileSync(clock_file, Buffer.alloc(8));
    set_clock();
    mkdirSync(join(courses, 'zeit'), { recursive: true });
    const files = slugs.map((slug, number) => `${String(number).padStart(2, '0')}-${slug}.md`);
    writeFileSync(
        join(courses, 'zeit/course.yaml'),
        `title: Zeit\nlanguage: de\nsummary: Viele Seiten.\nlicence: CC BY 4.0\nauthors: [Ada]\nmodules:\n  - title: Alles\n    lessons: [${files.join(', ')}]\n`,
    );
    for (const [number, file] of files.entries()) writeFileSync(join(courses, 'zeit', file), `---\ntitle: Seite ${number}\n---\n\nText.\n`);
    platform = await start_platform({
        program,
        config,
        env: { LD_PRELOAD: told_clock, TOLD_CLOCK: clock_file },
        sections: {
            platform: `platform:\n  name: Lernwerk\n  origin: http://localhost:8080\n  default_language: de\n  courses: ['${courses}']\n`,
            plugins: 'plugins:\n  auth/password: {recipient: {self: true}}\n',
        },
    });
    browser = await open_browser({ language: 'de-DE' });
    const { page } = browser;
    await page.goto(`${platform.url}/register`);
    await page.fill('#name', 'Mia Muster');
    await page.fill('#email', 'mia@lms.example');
    await page.fill('#password', 'seventeen brown owls sing');
    await page.check('input[name="age"][value="over"]');
    await page.click('form[action="/register"] button');
    await page.goto(`${platform.url}/courses/zeit`);
    await page.click('form[action$="/enrol"] button');
    await page.goto(`${platform.url}/learning-time`);
    await Promise.all([page.waitForEvent('load'), page.click('button[value="on"]')]);
});
after(async () => {
    await browser?.close();
    await platform?.stop();
    rmSync(folder, { recursive: true, force: true });
});

// What one test did not claim is no reserve of the next: nobody is there for an hour.
beforeEach(() => {
    now += 60 * MINUTE * 1000;
    set_clock();
});

test('reading, with pauses in which nothing moves', async () => {
    const context = await open_reader();
    const slug = next_lesson();
    const tab = await open_lesson(context, slug);
    for (let turn = 0; turn < 8; ++turn) {
        await pass(STEP, { context, read: [tab] });
        await pass(50, { context });
    }
    await leave(tab);
    assert_within(slug, 8 * 55);
    await context.close();
});

test('a lesson is left for another one by a link', async () => {
    const context = await open_reader();
    const [first, second] = [next_lesson(), next_lesson()];
    const tab = await open_lesson(context, first);
    await pass(4 * MINUTE, { context, read: [tab] });
    await tab.goto(platform.url + path_of(second));
    await wait_for('the last report', () => is_within(recorded()[first] ?? 0, 4 * MINUTE));
    await pass(2 * MINUTE, { context, read: [tab] });
    await leave(tab);
    assert_within(first, 4 * MINUTE);
    assert_within(second, 2 * MINUTE);
    await context.close();
});

async function hide_and_come_back(context, slug) {
    const tab = await open_lesson(context, slug);
    await pass(3 * MINUTE, { context, read: [tab] });
    await show(tab, 'hidden');
    // Somebody is at the machine all the same, in another window.
    await pass(10 * MINUTE, { context, read: [tab] });
    await show(tab, 'visible');
    await pass(2 * MINUTE, { context, read: [tab] });
    await leave(tab);
}

test('a hidden tab', async () => {
    const context = await open_reader();
    const slug = next_lesson();
    await hide_and_come_back(context, slug);
    assert_within(slug, 5 * MINUTE);
    await context.close();
});

test('control: a script that counts hidden tabs is found out', async () => {
    const context = await open_reader();
    const slug = next_lesson();
    await break_script(context, 'document.visibilityState === "visible" && ', '');
    await hide_and_come_back(context, slug);
    assert.throws(() => assert_within(slug, 5 * MINUTE), /were recorded/);
    await context.close();
});

async function sleep_and_wake(context, slug) {
    const tab = await open_lesson(context, slug);
    for (let pause = 0; pause < 3; ++pause) {
        await pass(MINUTE, { context, read: [tab] });
        await sleep(60 * MINUTE, context);
    }
    await pass(MINUTE, { context, read: [tab] });
    await leave(tab);
}

test('a sleeping machine', async () => {
    const context = await open_reader();
    const slug = next_lesson();
    await sleep_and_wake(context, slug);
    assert_within(slug, 4 * MINUTE);
    await context.close();
});

test('control: a script that counts sleep is found out', async () => {
    const context = await open_reader();
    const slug = next_lesson();
    await break_script(context, ' && now - settled < 3 * STEP', '');
    await sleep_and_wake(context, slug);
    assert.throws(() => assert_within(slug, 4 * MINUTE), /were recorded/);
    await context.close();
});

/** Both are seen side by side, and both say so; how much they claim. */
async function read_side_by_side(context, slugs_of_tabs) {
    let claimed = 0;
    context.on('request', (request) => {
        if (request.url().endsWith('/progress/time')) claimed += Number(new URLSearchParams(request.postData()).get('seconds'));
    });
    const tabs = [];
    for (const slug of slugs_of_tabs) tabs.push(await open_lesson(context, slug));
    await pass(5 * MINUTE, { context, read: tabs });
    for (const tab of tabs) await leave(tab);
    return claimed;
}

test('two tabs at once with the same lesson', async () => {
    const context = await open_reader();
    const slug = next_lesson();
    const claimed = await read_side_by_side(context, [slug, slug]);
    assert_within(slug, 5 * MINUTE);
    // The control: believed as they came, the reports would have made it twice as much.
    assert.ok(!is_within(claimed, 5 * MINUTE), `the tabs claimed only ${claimed} s`);
    await context.close();
});

test('two tabs at once with two lessons', async () => {
    const context = await open_reader();
    const both = [next_lesson(), next_lesson()];
    const claimed = await read_side_by_side(context, both);
    const counted = recorded();
    const sum = both.reduce((all, slug) => all + (counted[slug] ?? 0), 0);
    assert.ok(is_within(sum, 5 * MINUTE), `${sum} s were recorded, ${5 * MINUTE} s were true`);
    assert.ok(!is_within(claimed, 5 * MINUTE), `the tabs claimed only ${claimed} s`);
    await context.close();
});

test('two tabs in turn', async () => {
    const context = await open_reader();
    const [first, second] = [next_lesson(), next_lesson()];
    const [one, two] = [await open_lesson(context, first), await open_lesson(context, second)];
    await show(two, 'hidden');
    for (let turn = 0; turn < 3; ++turn) {
        await pass(MINUTE, { context, read: [one] });
        await show(one, 'hidden');
        await show(two, 'visible');
        await pass(2 * MINUTE, { context, read: [two] });
        await show(two, 'hidden');
        await show(one, 'visible');
    }
    await leave(one);
    await leave(two);
    assert_within(first, 3 * MINUTE);
    assert_within(second, 6 * MINUTE);
    await context.close();
});

test('without scripts a page is read until the next is opened', async () => {
    const context = await open_reader({ javaScriptEnabled: false });
    const [first, second, last] = [next_lesson(), next_lesson(), next_lesson()];
    const tab = await context.newPage();
    await tab.goto(platform.url + path_of(first));
    await pass(3 * MINUTE, {});
    await tab.goto(platform.url + path_of(second));
    await pass(4 * MINUTE, {});
    await tab.goto(platform.url + path_of(last));
    assert_within(first, 3 * MINUTE);
    assert_within(second, 4 * MINUTE);
    // A page that lay open for an afternoon says nothing about reading; it counts as the most that a page may.
    now += 5 * 60 * MINUTE * 1000;
    set_clock();
    await tab.goto(platform.url + path_of(first));
    assert.ok((recorded()[last] ?? 0) <= 5 * MINUTE, `${recorded()[last]} s for an afternoon`);
    await context.close();
});

const forge = (tab, slug, seconds, csrf = null) =>
    tab.evaluate(
        async ([lesson, claimed, token]) => {
            const { csrf: own, course } = document.querySelector('article[data-counts]').dataset;
            const body = new URLSearchParams({ csrf: token ?? own, course, lesson, seconds: claimed });
            return (await fetch('/progress/time', { method: 'POST', body })).status;
        },
        [slug, seconds, csrf],
    );

test('forged reports', async () => {
    const context = await open_reader();
    const [slug, other] = [next_lesson(), next_lesson()];
    const tab = await open_lesson(context, slug);
    const answers = new Set();
    let claimed = 0;
    await pass(5 * MINUTE, {
        context,
        read: [tab],
        // For this lesson and for one that nobody has open, an hour each.
        each: async () => {
            for (const forged of [slug, other]) answers.add(await forge(tab, forged, 3600));
            claimed += 2 * 3600;
        },
    });
    await leave(tab);
    const counted = recorded();
    const sum = (counted[slug] ?? 0) + (counted[other] ?? 0);
    assert.ok(is_within(sum, 5 * MINUTE), `${sum} s were recorded, ${5 * MINUTE} s were true, ${claimed} s were claimed`);
    assert.deepEqual([...answers], [204], 'they were heard, and bounded');
    await context.close();
});

test('reports that are refused', async () => {
    const context = await open_reader();
    const slug = next_lesson();
    const tab = await open_lesson(context, slug);
    await pass(MINUTE, { context, read: [tab] });
    const before_it = recorded();
    assert.equal(await forge(tab, slug, 60, 'made up'), 403);
    assert.equal(await forge(tab, 'no-such-lesson', 60), 404);
    assert.equal(await forge(tab, slug, -60), 404);
    assert.deepEqual(recorded(), before_it);
    // The control: the same request as it should be is heard.
    await pass(10, {});
    assert.equal(await forge(tab, slug, 10), 204);
    assert.notDeepEqual(recorded(), before_it);
    await context.close();
});
