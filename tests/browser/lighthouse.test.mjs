// What Lighthouse says, as for a phone on a slow network: the catalogue, a course, a lesson and the privacy page. Asserted is
// what does not depend on this machine: accessibility, best practices, and what the pages weigh. The speed is printed
// for whoever wants to know; it depends on what else runs here.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import lighthouse from 'lighthouse';
import { chromium } from 'playwright-core';

import { find_free_port } from './harness/child.mjs';
import { start_demonstration } from './harness/demonstration.mjs';
import { fill_registration } from './harness/visitor.mjs';

const { CALYPTENORA_PROGRAM: program, CALYPTENORA_CONFIG: config, CALYPTENORA_SCREENSHOTS: reports } = process.env;
const least = 0.95;
/** What a page weighs and how it is built; each is the same on a slow machine. */
const audits = ['cumulative-layout-shift', 'total-byte-weight', 'unused-javascript', 'unminified-javascript', 'uses-text-compression',
    'unsized-images', 'uses-responsive-images', 'offscreen-images', 'redirects', 'dom-size', 'uses-rel-preconnect', 'third-party-summary',
    'no-document-write', 'duplicated-javascript', 'legacy-javascript', 'uses-passive-event-listeners', 'viewport'];

const profile = mkdtempSync(join(tmpdir(), 'calyptenora-lighthouse-'));
let demonstration, platform, context, port;

before(async () => {
    demonstration = await start_demonstration({ program, config });
    ({ platform } = demonstration);
    port = await find_free_port();
    // A profile, since Lighthouse opens tabs of its own and has to find the learner signed in there.
    context = await chromium.launchPersistentContext(profile, {
        executablePath: '/usr/bin/chromium',
        chromiumSandbox: process.getuid() !== 0,
        locale: 'de-DE',
        args: [`--remote-debugging-port=${port}`, '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1'],
    });
});
after(async () => {
    await context?.close();
    await demonstration?.stop();
    rmSync(profile, { recursive: true, force: true });
});

/** {performance, accessibility, best_practices (0 to 1), faults: [words]} */
async function look_at(url, name) {
    const { lhr, report } = await lighthouse(url, {
        port,
        output: 'html',
        logLevel: 'error',
        disableStorageReset: true,
        onlyCategories: ['performance', 'accessibility', 'best-practices'],
    });
    assert.equal(lhr.runtimeError, undefined, url);
    mkdirSync(reports, { recursive: true });
    writeFileSync(join(reports, `${name}.html`), report);
    const { performance, accessibility, 'best-practices': best_practices } = lhr.categories;
    const faults = [];
    for (const category of [accessibility, best_practices])
        for (const { id, weight } of category.auditRefs)
            if (weight > 0 && lhr.audits[id].score !== null && lhr.audits[id].score < 1) faults.push(`${id}: ${lhr.audits[id].title}`);
    for (const id of audits) {
        const audit = lhr.audits[id];
        // The page itself holds the token of its forms and is not compressed, so that its length tells nothing of it (BREACH).
        if (id === 'uses-text-compression' && name !== 'control' && audit.details.items.every(({ url: of }) => of === url)) continue;
        if (audit && audit.score !== null && audit.score < 0.9) faults.push(`${id}: ${audit.displayValue ?? audit.title}`);
    }
    return { performance: performance.score, accessibility: accessibility.score, best_practices: best_practices.score, faults, lhr };
}

async function sign_up() {
    const page = context.pages()[0] ?? (await context.newPage());
    await page.goto(`${platform.url}/register`);
    await fill_registration(page, { name: 'Ada Lernfeld', email: 'ada@lighthouse.example', password: 'korrekt Pferd Batterie Heftklammer' });
    await Promise.all([page.waitForEvent('load'), page.click('form[action="/register"] button')]);
    await Promise.all([page.waitForEvent('load'), page.click('[data-consent-dialog] button[value="refuse_all"]')]);
    await page.goto(`${platform.url}/courses/karten-lesen`);
    await Promise.all([page.waitForEvent('load'), page.click('form[action$="/enrol"] button')]);
    await page.goto('about:blank');
}

const pages = { catalogue: '/', course: '/courses/karten-lesen', lesson: '/courses/karten-lesen/lessons/massstab', privacy: '/privacy' };

async function expect_good(who, names) {
    for (const name of names) {
        const { performance, accessibility, best_practices, faults, lhr } = await look_at(platform.url + pages[name], `${who}-${name}`);
        const seen = ['first-contentful-paint', 'largest-contentful-paint', 'total-blocking-time', 'cumulative-layout-shift', 'speed-index'];
        console.log(`${who}, ${name}: performance ${Math.round(100 * performance)} (${seen.map((id) => `${id} ${lhr.audits[id].displayValue}`).join(', ')})`);
        assert.ok(accessibility >= least, `${name}: accessibility ${accessibility}: ${faults.join('; ')}`);
        assert.ok(best_practices >= least, `${name}: best practices ${best_practices}: ${faults.join('; ')}`);
        assert.deepEqual(faults, [], name);
    }
}

test('the style guide is there in development mode only', async () => {
    assert.equal((await fetch(`${platform.url}/styleguide`)).status, 404);
});

// With the question of a first visit on them.
test('a first visit: catalogue, course and privacy page', () => expect_good('guest', ['catalogue', 'course', 'privacy']));

test('a learner: catalogue, course, lesson and privacy page', async () => {
    await sign_up();
    await expect_good('learner', ['catalogue', 'course', 'lesson', 'privacy']);
});

// The control: a page as one should not make it.
test('what is bad is found', async () => {
    const text = `<p>${'Much text that nobody has compressed. '.repeat(2000)}</p>`;
    const server = http.createServer((request, response) => {
        const is_picture = request.url === '/dot.svg';
        response.writeHead(200, { 'content-type': is_picture ? 'image/svg+xml' : 'text/html' });
        response.end(
            is_picture
                ? '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="300"><rect width="300" height="300"/></svg>'
                : `<!doctype html><html><head><title>Bad</title></head><body><img src="/dot.svg"><form><input></form>${text}<script>console.error('wrong'); undefinedFunction()</script></body></html>`,
        );
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { accessibility, best_practices, faults } = await look_at(`http://127.0.0.1:${server.address().port}/`, 'control');
    server.close();
    assert.ok(accessibility < least, `accessibility ${accessibility}`);
    assert.ok(best_practices < least, `best practices ${best_practices}`);
    for (const id of ['image-alt', 'html-has-lang', 'errors-in-console', 'unsized-images', 'uses-text-compression'])
        assert.ok(faults.some((fault) => fault.startsWith(id)), `${id} is not among ${faults.join('; ')}`);
});
