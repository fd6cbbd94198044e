// Whether everybody reaches everything: with the keyboard alone, at 400 % zoom, with text at 200 %, on a phone and on a
// wall; nothing jumps, little is sent, nobody else is asked. In German, on the demonstration's platform. Each look has its
// control: a page that was spoilt is found.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { open_browser } from './harness/browser.mjs';
import { start_demonstration } from './harness/demonstration.mjs';
import { add_styles, find_covered, find_misfits, longest_lines, read_shifts, tab_to, text_spacing, walk, watch_shifts } from './harness/reach.mjs';
import { fill_registration, make_visitor } from './harness/visitor.mjs';

const { CALYPTENORA_PROGRAM: program, CALYPTENORA_CONFIG: config, CALYPTENORA_SCREENSHOTS: screenshots } = process.env;
const course = '/courses/karten-lesen';
const paid = '/courses/numbers-you-can-trust';
const lesson = `${course}/lessons/massstab`;
const password = 'korrekt Pferd Batterie Heftklammer';

// What the demonstration's courses do not have: a long list of contents, a table, code and words that are too wide.
const broad = '/courses/breites/lessons/breit';
const courses = mkdtempSync(join(tmpdir(), 'calyptenora-courses-'));
mkdirSync(join(courses, 'breites'));
writeFileSync(
    join(courses, 'breites/course.yaml'),
    'title: Breites\nlanguage: de\nsummary: Was breiter ist als das Fenster.\nlicence: CC BY 4.0\nauthors: [Ada]\nmodules:\n  - title: Alles\n    lessons: [01-breit.md]\n',
);
writeFileSync(
    join(courses, 'breites/01-breit.md'),
    `---
title: Was breit ist
---

Mehr steht in den [Hinweisen](https://breit.example/hinweise), und [im Kurs](01-breit.md).

## Donaudampfschifffahrtselektrizitätenhauptbetriebswerk

${'Ein Absatz, der über mehrere Zeilen geht, damit man ihn messen kann. '.repeat(6)}

## Eine Tabelle

| Grundstücksverkehrsgenehmigungszuständigkeit | Rindfleischetikettierung | Verkehrsinfrastruktur | Betrag |
|---|---|---|---|
| Zuständigkeitsbereich | Überwachungsaufgabe | Finanzierungsgesellschaft | 1200 |

## Ein Programm

\`\`\`python
def ein_ziemlich_langer_name(erstes_argument, zweites_argument, drittes_argument, viertes_argument): return None
\`\`\`

## Ein Ende

\`ein_sehr_langes_stueck_programmtext_in_einer_zeile_ohne_jede_luecke_darin\`

[Zum Schluss](https://breit.example/schluss)
`,
);

let demonstration, platform;
const browsers = [];

before(async () => {
    demonstration = await start_demonstration({
        program,
        config,
        sections: {
            platform: `platform:\n  name: Lernwerk Beispielstadt\n  origin: http://localhost:8080\n  default_language: de\n  address_form: du\n  policies: policies\n  courses: [courses, '${courses}']\n`,
        },
        options: ['--development'],
    });
    ({ platform } = demonstration);
});
after(async () => {
    await Promise.all(browsers.map((browser) => browser.close()));
    await demonstration?.stop();
    rmSync(courses, { recursive: true, force: true });
});

async function open(options = {}) {
    const browser = await open_browser({ screenshots, language: 'de-DE', ...options });
    browsers.push(browser);
    return { browser, page: browser.page, ...make_visitor({ browser, url: platform.url, prefix: 'reach' }) };
}

let people = 0;
/** Somebody with an account who has begun the free course and has answered the question on a first visit. */
async function open_learner(options = {}) {
    const me = await open(options);
    await me.visit('/register');
    await fill_registration(me.page, { name: 'Ada Lernfeld', email: `ada${++people}@reach.example`, password });
    await me.press('form[action="/register"] button');
    await me.press('[data-consent-dialog] button[value="refuse_all"]');
    for (const taken of ['/courses/breites', course]) {
        await me.visit(taken);
        await me.press('form[action$="/enrol"] button');
    }
    return me;
}

async function lessons_of(page) {
    await page.goto(platform.url + course);
    return [broad, ...(await page.locator('.syllabus a').evaluateAll((all) => all.map((one) => new URL(one.href).pathname)))];
}

const pages_for_all = ['/', '/?q=Karte', '/?q=gibtesnicht', course, paid, '/privacy', '/privacy-notice', '/privacy-notice/versions', '/imprint', '/terms',
    '/contact', '/accessibility', '/sign-in', '/register', '/forgotten-password', '/cancel-contract', '/withdraw-contract'];
const pages_of_learners = ['/', course, `${paid}/order`, '/account', '/account/profile', '/account/security', '/account/data', '/privacy',
    '/privacy/receipts', '/support', '/learning-time', '/notes', '/notifications'];

test('with the keyboard alone: from the first visit to the end of a lesson and out again', async () => {
    const { browser, page } = await open({ viewport: { width: 1280, height: 800 } });
    const arrive = async (key, path) => {
        const loaded = page.waitForEvent('load');
        await page.keyboard.press(key);
        await loaded;
        if (path) assert.match(new URL(page.url()).pathname, path);
    };
    await page.goto(platform.url);
    // The question comes first, refusing first in it, and then the way past the navigation.
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.value), 'refuse_all');
    await tab_to(page, '.skip-link', { most: 5 });
    await browser.screenshot('keyboard-skip-link');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    assert.ok(await page.evaluate(() => document.activeElement.closest('main') !== null), 'the skip link does not lead to the content');

    // The catalogue, by its filters and by a word.
    await tab_to(page, '.search__filters summary');
    await page.keyboard.press('Space');
    await tab_to(page, '#price', { most: 8 });
    await page.keyboard.press('ArrowDown');
    assert.equal(await page.inputValue('#price'), 'free');
    await tab_to(page, '#q', { back: true, most: 8 });
    await page.keyboard.type('Karte');
    await arrive('Enter', /^\/$/);
    await tab_to(page, '.card a');
    await arrive('Enter', /karten-lesen$/);

    // An account, with a mistake in it: the focus is on what is wrong, and leads to it.
    await tab_to(page, 'main a[href="/register"]');
    await arrive('Enter', /register$/);
    await tab_to(page, '#name');
    await page.keyboard.type('Tasta Tour');
    await page.keyboard.press('Tab');
    await page.keyboard.type('tasta@reach.example');
    await tab_to(page, '#password', { most: 3 });
    await page.keyboard.type('kurz');
    await tab_to(page, 'input[name="age"]', { most: 3 });
    await page.keyboard.press('Space');
    await tab_to(page, '#terms', { most: 8 });
    await page.keyboard.press('Space');
    await tab_to(page, 'form[action="/register"] button', { most: 4 });
    await arrive('Enter');
    assert.equal(await page.evaluate(() => document.activeElement.className), 'error-summary');
    await browser.screenshot('keyboard-mistake');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'password');
    assert.equal(await page.inputValue('#email'), 'tasta@reach.example');
    await page.keyboard.type(password);
    await arrive('Enter');

    // Into the course, through a lesson by its lists, and to its end.
    await page.goto(platform.url + course);
    await tab_to(page, 'form[action$="/enrol"] button');
    await arrive('Space');
    if (!/lessons/.test(page.url())) {
        await tab_to(page, 'main a[href*="/lessons/"]');
        await arrive('Enter', /lessons/);
    }
    // Nobody has allowed anything: the lesson names nobody who is told.
    assert.equal(await page.locator('.lesson__end .flow-note').count(), 0);
    await tab_to(page, 'form[action$="/complete"] button');
    await arrive('Space', /lessons/);
    await tab_to(page, '.lesson-nav summary');
    await page.keyboard.press('Enter');
    assert.equal(await page.locator('.lesson-nav a').first().isVisible(), false);
    await page.keyboard.press('Space');
    await tab_to(page, '.lesson-nav a[href$="/gehzeit"]', { most: 30 });
    await arrive('Enter', /gehzeit$/);
    // A list of contents leads into the text, and reading goes on from there.
    await page.goto(`${platform.url}/courses/breites`);
    await tab_to(page, 'form[action$="/enrol"] button');
    await arrive('Space');
    await page.goto(platform.url + broad);
    await tab_to(page, '.toc li:last-child a');
    await page.keyboard.press('Enter');
    assert.match(page.url(), /#s-/);
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.href), 'https://breit.example/schluss');

    // What goes to whom; no to all of it; and out.
    await tab_to(page, 'footer a[href="/privacy"]');
    await arrive('Enter', /^\/privacy$/);
    await page.goto(platform.url + course);
    await tab_to(page, '[data-consent-dialog] button[value="refuse_all"]', { most: 2 });
    await arrive('Space');
    assert.equal(await page.locator('[data-consent-dialog]').count(), 0);
    await tab_to(page, '.menu summary');
    await page.keyboard.press('Enter');
    await tab_to(page, '.menu button', { most: 5 });
    await arrive('Enter');
    assert.equal(await page.locator('.menu').count(), 0);
    await page.goto(`${platform.url}/account`);
    assert.match(page.url(), /sign-in/);
    assert.deepEqual(browser.problems.filter((problem) => !/status of 422/.test(problem)), []);
    assert.deepEqual(browser.origins_but(platform.url), []);
});

test('with the keyboard alone: Tab goes through each page in its order, is seen, and comes out again', async () => {
    const guest = await open({ viewport: { width: 1280, height: 800 } });
    for (const path of pages_for_all) {
        await guest.page.goto(platform.url + path);
        const { stops, problems } = await walk(guest.page);
        assert.deepEqual(problems, [], path);
        assert.ok(stops.length > 8, `${path}: only ${stops.length} stops`);
    }
    const me = await open_learner({ viewport: { width: 1280, height: 800 } });
    for (const path of [...pages_of_learners, ...(await lessons_of(me.page))]) {
        await me.page.goto(platform.url + path);
        assert.deepEqual((await walk(me.page)).problems, [], path);
    }

    // Controls: no focus to be seen, an order of its own, a control that no key reaches, a trap.
    const spoil = async (how, expected) => {
        await guest.page.goto(`${platform.url}/sign-in`);
        await how();
        const { problems } = await walk(guest.page);
        assert.ok(problems.some((problem) => expected.test(problem)), `${expected} not in ${JSON.stringify(problems)}`);
    };
    await spoil(() => add_styles(guest.page, ':focus-visible { outline: 0 !important }'), /shows no focus/);
    await spoil(() => guest.page.evaluate(() => (document.querySelector('#email').tabIndex = 3)), /has an order of its own/);
    await spoil(() => add_styles(guest.page, '.site-header { position: fixed; inset: 0; z-index: 99 }'), /is covered/);
    await spoil(() => guest.page.evaluate(() => {
        const password = document.querySelector('#password');
        password.addEventListener('blur', () => setTimeout(() => password.focus()));
    }), /holds the focus|leads back/);
});

/** Looks at pages in one size and says what does not fit. */
async function look_through(me, paths, label, { styles = null, may_be_long = true } = {}) {
    const found = {};
    for (const path of paths) {
        await me.page.goto(platform.url + path);
        await me.page.evaluate(() => document.fonts.ready.then(() => undefined));
        if (styles) await add_styles(me.page, styles);
        const misfits = [...(await find_misfits(me.page)), ...(await find_covered(me.page)).map((one) => `${one} is covered`)];
        if (!may_be_long) {
            const { longest, of } = await longest_lines(me.page);
            if (longest > 90) misfits.push(`${longest} characters a line: "${of}"`);
        }
        if (misfits.length) found[path] = misfits;
        await me.browser.screenshot(`${label}-${path.replaceAll(/[^a-z0-9]+/gi, '-')}`, me.page);
    }
    return found;
}

for (const { label, viewport, text = 16, styles = null } of [
    { label: '400 % zoom', viewport: { width: 320, height: 256 } },
    { label: 'text at 200 %', viewport: { width: 1280, height: 1024 }, text: 32 },
    { label: 'text at 200 % on a phone', viewport: { width: 390, height: 844 }, text: 32 },
    { label: 'wide spaces on a phone', viewport: { width: 390, height: 844 }, styles: text_spacing },
]) {
    test(`${label}: nothing scrolls sideways, is cut, or lies on anything else`, async () => {
        const short = label.replaceAll(/[^a-z0-9]+/gi, '-');
        const guest = await open({ viewport, text_size: text });
        const me = await open_learner({ viewport, text_size: text });
        assert.deepEqual(await look_through(guest, pages_for_all, `${short}-guest`, { styles }), {});
        assert.deepEqual(await look_through(me, [...pages_of_learners, ...(await lessons_of(me.page))], short, { styles }), {});
        if (text !== 16) {
            const size = await me.page.evaluate(() => Number.parseFloat(getComputedStyle(document.body).fontSize));
            assert.ok(size >= 34, `the text has not grown: ${size} px`);
        }
    });
}

for (const width of [320, 768, 1280, 2560, 3840]) {
    test(`${width} pixels wide: it fits, and lines can be read`, async () => {
        const me = await open_learner({ viewport: { width, height: width < 600 ? 720 : Math.round((width * 9) / 16) } });
        const lessons = await lessons_of(me.page);
        const paths = ['/', course, paid, ...lessons.slice(0, 3), '/privacy', '/privacy-notice', '/account', '/account/security', '/support'];
        assert.deepEqual(await look_through(me, paths, `width-${width}`, { may_be_long: false }), {});
    });
}

test('axe finds nothing on any page, in the light and in the dark', async () => {
    const guest = await open();
    const me = await open_learner();
    const both = async ({ browser, page }, paths, who) => {
        for (const colorScheme of ['light', 'dark']) {
            await page.emulateMedia({ colorScheme });
            for (const path of paths) {
                await page.goto(platform.url + path);
                assert.deepEqual(await browser.accessibility(page), [], `${path}, ${colorScheme}`);
                await browser.screenshot(`axe-${who}-${colorScheme}-${path.replaceAll(/[^a-z0-9]+/gi, '-')}`, page);
            }
        }
    };
    await both(guest, [...pages_for_all, '/styleguide'], 'guest');
    await both(me, [...pages_of_learners, ...(await lessons_of(me.page)), '/styleguide'], 'learner');
    // The control: a colour that cannot be read in the dark.
    await add_styles(me.page, ':root { --ink-soft: #333333 }');
    assert.ok((await me.browser.accessibility(me.page)).some(({ id }) => id === 'color-contrast'));
});

test('the style guide shows what the style sheet has, and fits everywhere', async () => {
    const { browser, page } = await open({ viewport: { width: 320, height: 720 } });
    const response = await page.goto(`${platform.url}/styleguide`);
    assert.equal(response.status(), 200);
    assert.deepEqual(await find_misfits(page), []);
    const tokens = await page.locator('#guide-colours ~ .table tbody th').allInnerTexts();
    const used = await page.evaluate(async () => {
        const css = await (await fetch(document.querySelector('link[rel="stylesheet"]').href)).text();
        return [...css.matchAll(/--([a-z-]+): light-dark\(#/g)].map(([, name]) => name);
    });
    assert.ok(used.length > 15);
    assert.deepEqual(tokens, used);
    assert.ok((await page.locator('#guide-icons + ul li').count()) > 8);
    assert.ok((await page.locator('[data-recipient-row]').count()) > 5);
    assert.deepEqual(browser.problems, []);
});

test('a lesson on paper: the text, where its links lead, and nothing to press', async () => {
    // In the dark, which paper is not.
    const { browser, page } = await open_learner({ viewport: { width: 720, height: 1000 } });
    await page.goto(platform.url + broad);
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    await browser.screenshot('print-lesson', page);
    const seen = (selector) => page.locator(selector).filter({ visible: true }).count();
    assert.equal(await seen('button, .site-header, .site-footer, .lesson-nav, .toc'), 0);
    assert.ok((await seen('.prose p')) > 2);
    assert.match(await page.locator('.prose a.external').first().evaluate((link) => getComputedStyle(link, '::after').content), /breit\.example/);
    const [background, ink] = await page.evaluate(() => [getComputedStyle(document.body).backgroundColor, getComputedStyle(document.querySelector('.prose p')).color]);
    assert.deepEqual([background, ink], ['rgb(255, 255, 255)', 'rgb(0, 0, 0)']);
    // Nothing is cut, since paper does not scroll; and it is the paper's whole width.
    const cut = await page.locator('.prose pre, .prose .table-scroll').evaluateAll((all) => all.map((one) => one.scrollWidth - one.clientWidth));
    assert.ok(cut.length >= 2 && cut.every((pixels) => pixels <= 1), `cut: ${cut}`);
    assert.ok((await page.locator('.prose').first().evaluate((one) => one.getBoundingClientRect().left)) < 60);
});

test('links to other sites are marked and say so', async () => {
    const { page } = await open_learner();
    await page.goto(platform.url + broad);
    assert.equal(await page.getByRole('link', { name: 'Hinweisen andere Website' }).count(), 1);
    assert.equal(await page.locator('main a[href^="http"]:not(:has(.external-mark))').count(), 0);
    // The control: what stays here has no mark.
    assert.equal(await page.locator('main a[href^="/"] .external-mark, main a[href^="#"] .external-mark').count(), 0);
    assert.match(await page.locator('main').innerText(), /führen zu anderen Websites\. Dort gelten andere Regeln/);
});

// The controls of the looks above.
test('what does not fit is found', async () => {
    const { page } = await open({ viewport: { width: 320, height: 256 } });
    const spoilt = async (css) => {
        await page.goto(platform.url + paid);
        await add_styles(page, css);
        return [...(await find_misfits(page)), ...(await find_covered(page)).map((one) => `${one} is covered`)].join('\n');
    };
    assert.match(await spoilt('main h1 { inline-size: 50rem }'), /the window scrolls sideways .*<h1>/);
    assert.match(await spoilt('main h1 { white-space: nowrap; overflow: hidden; inline-size: 6rem }'), /is cut by <h1>/);
    assert.match(await spoilt('main .lead { block-size: 2em; overflow: hidden }'), /is cut by <p.lead>/);
    assert.match(await spoilt('main .lead { margin-block-end: -4em }'), /lies on/);
    assert.match(await spoilt('.course-main { overflow-x: auto } .course-main h2 { inline-size: 50rem }'), /<div.course-main> .* scrolls sideways/);
    assert.match(await spoilt('main::after { content: ""; position: fixed; inset: 0; z-index: 99 }'), /is covered/);
    await page.setViewportSize({ width: 800, height: 900 });
    await page.goto(`${platform.url}/privacy-notice`);
    await add_styles(page, 'main, main * { max-inline-size: none !important }');
    assert.ok((await longest_lines(page)).longest > 90);
});

test('nothing jumps, even when the fonts come late', async () => {
    const me = await open_learner({ viewport: { width: 390, height: 844 } });
    await watch_shifts(me.page);
    const measure = async (viewport, path) => {
        await me.page.setViewportSize(viewport);
        await me.page.goto(platform.url + path);
        return read_shifts(me.page);
    };
    for (const is_late of [false, true]) {
        if (is_late)
            await me.page.route(/\.woff2$/, async (route) => {
                await new Promise((resolve) => setTimeout(resolve, 700));
                await route.continue();
            });
        for (const viewport of [{ width: 390, height: 844 }, { width: 1280, height: 900 }]) {
            for (const path of ['/', course, broad, lesson, '/privacy']) {
                const { total, shifts } = await measure(viewport, path);
                assert.ok(total <= 0.01, `${path} at ${viewport.width}${is_late ? ', fonts late' : ''}: ${JSON.stringify(shifts)}`);
            }
        }
    }
    // The control: something that comes late and has kept no place.
    await me.page.unroute(/\.woff2$/);
    await me.page.goto(`${platform.url}/privacy`);
    await me.page.evaluate(() => setTimeout(() => document.querySelector('main').prepend(Object.assign(document.createElement('p'), { style: 'block-size: 20rem' })), 200));
    await me.page.waitForTimeout(600);
    assert.ok((await read_shifts(me.page)).total > 0.01);
});

test('a lesson brings less than 20 KB of script, and asks nobody else for anything', async () => {
    const me = await open_learner();
    // With everything that a lesson can bring, but for a film: the learning time is counted.
    await me.visit('/learning-time');
    await me.press('button[value="on"]');
    const session = await me.page.context().newCDPSession(me.page);
    await session.send('Network.enable');
    await session.send('Network.setCacheDisabled', { cacheDisabled: true });
    const kinds = new Map();
    const received = new Map();
    session.on('Network.responseReceived', ({ requestId, type, response }) => kinds.set(requestId, { type, url: response.url }));
    session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => received.set(requestId, encodedDataLength));
    for (const path of await lessons_of(me.page)) {
        kinds.clear();
        received.clear();
        await me.page.goto(platform.url + path, { waitUntil: 'networkidle' });
        const scripts = [...kinds].filter(([id, { type, url }]) => type === 'Script' && !url.includes('/hls.') && received.has(id));
        const bytes = scripts.reduce((sum, [id]) => sum + received.get(id), 0);
        assert.ok(scripts.length >= 3, `${path}: only ${scripts.length} scripts were seen`);
        assert.ok(bytes > 0 && bytes < 20 * 1024, `${path}: ${bytes} bytes of script`);
        const inline = await me.page.locator('script:not([src])').count();
        assert.equal(inline, 0, `${path}: script in the page itself`);
    }
    assert.deepEqual(me.browser.origins_but(platform.url), []);
    // The control: what is asked of somebody else is seen.
    await me.page.goto('about:blank');
    await me.page.setContent('<img src="http://tracker.invalid/dot.gif" alt="">');
    assert.deepEqual(me.browser.origins_but(platform.url), ['http://tracker.invalid']);
});
