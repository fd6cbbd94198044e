// Technical data of a real browser: nothing is read, kept or told before consent; after it, what was allowed and no more; and
// a withdrawal holds at once, also in a tab that is open.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { open_browser } from './harness/browser.mjs';
import { wait_for } from './harness/child.mjs';
import { start_platform } from './harness/platform.mjs';
import { make_visitor } from './harness/visitor.mjs';

const { CALYPTENORA_PROGRAM: program, CALYPTENORA_CONFIG: config, CALYPTENORA_SCREENSHOTS: screenshots } = process.env;
const TIMINGS = 'core/technical|analytics.reporting.system_performance';
const BROWSERS = 'core/technical|functional.service.improve';
const DEVICES = 'core/technical|analytics.reporting.content_performance';

let platform;
const browsers = [];

/** Somebody with a browser of their own. */
async function open_visitor(options = {}) {
    const browser = await open_browser({ language: 'de-DE', screenshots, ...options });
    browsers.push(browser);
    return { browser, ...make_visitor({ browser, url: platform.url, prefix: 'technical' }) };
}

/** What the server keeps, read beside it. */
function rows(query) {
    const text = execFileSync('python3', [
        '-c',
        'import json, sqlite3, sys; print(json.dumps(sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchall()))',
        join(platform.data, 'calyptenora.db'),
        query,
    ]);
    return JSON.parse(text);
}
const views_of = (metric) => rows(`select coalesce(sum(views), 0) from page_timings where metric = '${metric}'`)[0][0];
const kept = () =>
    rows("select (select coalesce(sum(views), 0) from page_timings), (select coalesce(sum(views), 0) from browser_views), (select count(*) from devices)")[0].join(' ');

async function figures() {
    const { code, stdout, stderr } = await platform.run(['figures', 'technical', '--json']);
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout);
}

/** Presses the switch of one purpose on the privacy page. */
async function choose(visitor, key, allowed, page = visitor.page) {
    await page.goto(`${platform.url}/privacy`);
    const form = `form[action="/privacy/${allowed ? 'choices' : 'withdraw'}"]:has(input[value="${key}"])`;
    const loaded = page.waitForEvent('load');
    await page.locator(`${form} button`).click();
    await loaded;
}

/** The tab is hidden, as when another one is chosen; yields the status of its report, or null if it said nothing. */
async function hide(page) {
    const answer = page.waitForResponse((response) => response.url().endsWith('/technical-data'), { timeout: 1500 }).catch(() => null);
    await page.evaluate(() => {
        Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => 'hidden' });
        document.dispatchEvent(new Event('visibilitychange'));
    });
    return (await answer)?.status() ?? null;
}

async function look_at(page, path = '/') {
    await page.goto(platform.url + path);
    // Until something has been seen there is nothing to tell.
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 50))));
}

const own_storage = (page) => page.evaluate(() => [Object.keys(localStorage), Object.keys(sessionStorage)]);
const find_cookie = async (visitor, name) => (await visitor.browser.context.cookies()).find((cookie) => cookie.name === name);
const asked_for = (visitor, part) => visitor.browser.requests.filter(({ url }) => url.includes(part)).length;

before(async () => {
    platform = await start_platform({
        program,
        config,
        sections: {
            technical_data: 'technical_data: {performance: true, functional: true, analytics: true, smallest_group: 10}\n',
            plugins: 'plugins:\n  auth/password: {recipient: {self: true}}\n',
        },
    });
});
after(async () => {
    await Promise.all(browsers.map((browser) => browser.close()));
    await platform?.stop();
});

test('before anybody has consented nothing is asked of the device', async () => {
    const visitor = await open_visitor();
    await visitor.visit('/', 'question');
    assert.match(await visitor.page.locator('#consent-title').innerText(), /messen, wie gut die Seiten bei dir laufen/);
    for (const path of ['/courses/karten-lesen', '/privacy', '/']) {
        await look_at(visitor.page, path);
        assert.equal(await hide(visitor.page), null, path);
    }
    assert.equal(asked_for(visitor, 'technical'), 0);
    assert.deepEqual(await own_storage(visitor.page), [[], []]);
    assert.equal(await find_cookie(visitor, '__Host-device'), undefined);
    // Nor if it is refused.
    await visitor.press('[data-consent-dialog] button[value="refuse_all"]');
    await look_at(visitor.page);
    assert.equal(await hide(visitor.page), null);
    assert.equal(asked_for(visitor, 'technical'), 0);
    assert.equal(await find_cookie(visitor, '__Host-device'), undefined);
    assert.equal(kept(), '0 0 0');
});

test('what was allowed is told, and the figures show it', async () => {
    const visitor = await open_visitor();
    await choose(visitor, TIMINGS, true);
    await look_at(visitor.page);
    assert.ok(asked_for(visitor, 'technical.js') > 0);
    for (let view = 0; view < 10; ++view) {
        await look_at(visitor.page);
        assert.equal(await hide(visitor.page), 204);
    }
    const { pages, browsers: kinds, small_browsers } = await figures();
    const home = pages.find(({ page }) => page === 'home');
    assert.equal(home.kind, 'computer');
    assert.ok(home.views >= 10, JSON.stringify(home));
    for (const name of ['lcp_ms', 'fcp_ms', 'ttfb_ms']) assert.ok(home[name] > 0 && home[name] <= 20_000, `${name}: ${JSON.stringify(home)}`);
    assert.ok(home.ttfb_ms <= home.fcp_ms && home.fcp_ms <= home.lcp_ms, JSON.stringify(home));
    assert.ok(home.cls >= 0 && home.cls < 0.1, JSON.stringify(home));
    assert.deepEqual([kinds, small_browsers], [[], 0], 'another purpose');
    assert.deepEqual(rows('select distinct browser, system from page_timings'), [['Chrome', 'Linux']]);
    assert.equal(rows('select count(*) from devices')[0][0], 0);
    assert.equal(await find_cookie(visitor, '__Host-device'), undefined);
    assert.deepEqual(await own_storage(visitor.page), [[], []]);

    await look_at(visitor.page, '/courses/karten-lesen/lessons/massstab');
    const scripts = await visitor.page.evaluate(() =>
        performance.getEntriesByType('resource').filter(({ name }) => /\.m?js$/.test(name)).map(({ name, encodedBodySize }) => [name.split('/').at(-1), encodedBodySize]),
    );
    const own = scripts.find(([name]) => name === 'technical.js')[1];
    const all = scripts.reduce((sum, [, bytes]) => sum + bytes, 0);
    assert.ok(own > 0 && own < 2048 && all < 20 * 1024, JSON.stringify(scripts));
});

test('how long the page takes to answer is told as well, and a page that is left tells by itself', async () => {
    const visitor = await open_visitor();
    await choose(visitor, TIMINGS, true);
    await look_at(visitor.page, '/courses/karten-lesen');
    const before_click = views_of('inp');
    // Whoever clicks waits until the page has done this.
    await visitor.page.evaluate(() =>
        document.querySelector('h1').addEventListener('click', () => {
            for (const until = performance.now() + 120; performance.now() < until; );
        }),
    );
    await visitor.page.locator('h1').click();
    await visitor.page.waitForTimeout(200);
    await visitor.page.goto(`${platform.url}/imprint`);
    await wait_for('the report of the page that was left', () => views_of('inp') > before_click);
    const [[slowest]] = rows("select max(bucket) from page_timings where metric = 'inp' and page = 'course'");
    assert.ok(slowest >= 100 && slowest < 1000, `${slowest} ms`);
});

test('sizes of screens and a device that is known again, each for its own purpose', async () => {
    const visitor = await open_visitor({ viewport: { width: 800, height: 600 } });
    await choose(visitor, BROWSERS, true);
    await look_at(visitor.page);
    const [, , devices_before] = kept().split(' ');
    assert.equal(await hide(visitor.page), 204);
    assert.deepEqual(rows('select form, screen from browser_views'), [['computer', 'under_1024']]);
    assert.equal(kept().split(' ')[2], devices_before);
    assert.equal(await find_cookie(visitor, '__Host-device'), undefined);

    await choose(visitor, DEVICES, true);
    await look_at(visitor.page);
    const cookie = await find_cookie(visitor, '__Host-device');
    assert.ok(cookie.httpOnly && cookie.secure && cookie.value.length >= 32, JSON.stringify(cookie));
    const days = (cookie.expires * 1000 - Date.now()) / 86_400_000;
    assert.ok(days > 89 && days <= 90, `${days} days`);
    for (let view = 0; view < 2; ++view) {
        await look_at(visitor.page);
        assert.equal(await hide(visitor.page), 204);
    }
    const [[device, seen]] = rows('select device, days from devices');
    assert.equal(seen, 1);
    assert.notEqual(device, cookie.value, 'only a hash is kept');
    assert.equal((await find_cookie(visitor, '__Host-device')).value, cookie.value);
    const { devices, small_devices } = await figures();
    assert.deepEqual([devices, small_devices], [[], 1], 'one device is too few to be told of');

    await choose(visitor, DEVICES, false);
    assert.equal(rows('select count(*) from devices')[0][0], 0);
    assert.equal(await find_cookie(visitor, '__Host-device'), undefined);
});

test('a withdrawal in one tab ends it in another that is open', async () => {
    const visitor = await open_visitor();
    for (const key of [TIMINGS, BROWSERS, DEVICES]) await choose(visitor, key, true);
    // One tab hears of it; the other does not, as after a sleep, so the server has to refuse it.
    const open = async (deaf) => {
        const tab = await visitor.browser.open_tab();
        if (deaf) await tab.addInitScript(() => delete window.BroadcastChannel);
        await look_at(tab);
        return tab;
    };
    const control = await open(true);
    const [hearing, deaf] = [await open(false), await open(true)];
    const at_first = kept();
    assert.equal(await hide(control), 204, 'control: while it is allowed the same is counted');
    assert.notEqual(kept(), at_first);

    await visitor.visit('/privacy', 'allowed');
    const counted = kept().split(' ');
    const loaded = visitor.page.waitForEvent('load');
    await visitor.page.locator('form[action="/privacy/off"] button').click();
    await loaded;
    assert.equal(await hide(hearing), null);
    assert.equal(await hide(deaf), 403);
    assert.equal(kept(), [counted[0], counted[1], '0'].join(' '), 'nothing is added, and the device is forgotten');
    await visitor.visit('/');
    assert.equal(await find_cookie(visitor, '__Host-device'), undefined);
    assert.equal(await visitor.page.locator('script[data-uses]').count(), 0);
});

test('whoever runs the platform sees on a page which pages load slowest', async () => {
    const [email, password] = ['otto@staff.example', 'siebzehn braune Eulen singen'];
    const added = await platform.run(['user', 'add', '--email', email, '--name', 'Otto Muster', '--role', 'operator', '--password-stdin'], `${password}\n`);
    assert.equal(added.code, 0, added.stderr);
    for (const what of ['undertaking', 'training']) {
        const noted = await platform.run(['staff', what, '--account', email, '--date', '2026-11-02', '--evidence', 'personnel file']);
        assert.equal(noted.code, 0, noted.stderr);
    }
    const staff = await open_visitor();
    await staff.page.goto(`${platform.url}/staff/figures`);
    assert.doesNotMatch(await staff.page.content(), /am langsamsten/, 'not for everybody');
    await staff.visit('/sign-in');
    await staff.page.fill('#email', email);
    await staff.page.fill('input[name="password"]', password);
    await staff.press('form[action="/sign-in"] button');
    await staff.visit('/staff/figures', 'figures');
    const table = staff.page.locator('section', { hasText: 'Welche Seiten am langsamsten laden' }).locator('tbody tr');
    const { pages } = await figures();
    const home = pages.find(({ page }) => page === 'home');
    const cells = await table.filter({ has: staff.page.locator('th', { hasText: /^home$/ }) }).locator('td').allInnerTexts();
    assert.deepEqual(cells.slice(0, 2), ['Computer', String(home.views)]);
    assert.match(cells[2], /^[\d.]+\sms$/);
    assert.equal(cells[2].replace(/\D/g, ''), String(home.lcp_ms));
});
