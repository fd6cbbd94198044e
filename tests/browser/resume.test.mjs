// Going on where one left off: a lesson that was left at a random place a hundred times opens there a hundred times, without a
// jump; the same text stands at the top on another device; without scripts it opens the lesson.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { open_browser } from './harness/browser.mjs';
import { wait_for } from './harness/child.mjs';
import { start_platform } from './harness/platform.mjs';
import { fill_registration } from './harness/visitor.mjs';

const { CALYPTENORA_PROGRAM: program, CALYPTENORA_CONFIG: config } = process.env;
const TIMES = 100;
const PIXELS = 4;
/** The space between two blocks counts as the end of the upper one: that above a heading is the largest. */
const SPACE = 64;

const courses = mkdtempSync(join(tmpdir(), 'calyptenora-courses-'));
const lesson = '/courses/langes/lessons/lang';

// Numbers that are the same in each run.
let state = 42;
const random = () => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648;

/** Headings, paragraphs, lists, code, a table: each kind of block, and each word once. */
function long_text() {
    let word = 0;
    const words = (count) => Array.from({ length: count }, () => `wort${word++}`).join(' ');
    const section = (number) =>
        [
            `${number % 3 ? '###' : '##'} Abschnitt ${number}`,
            words(90),
            `- ${words(30)}\n- ${words(8)}\n- ${words(50)}`,
            `\`\`\`python\n${Array.from({ length: 12 }, () => words(2)).join('\n')}\n\`\`\``,
            `| A | B |\n|---|---|\n| ${words(2)} | ${words(3)} |\n| ${words(2)} | ${words(3)} |`,
            words(140),
        ].join('\n\n');
    return `---\ntitle: Lang\n---\n\n${words(60)}\n\n${Array.from({ length: 12 }, (_, i) => section(i)).join('\n\n')}\n`;
}

let platform, browser, page;

before(async () => {
    mkdirSync(join(courses, 'langes'));
    writeFileSync(
        join(courses, 'langes/course.yaml'),
        'title: Langes\nlanguage: de\nsummary: Ein langer Text.\nlicence: CC BY 4.0\nauthors: [Ada]\nmodules:\n  - title: Alles\n    lessons: [01-lang.md]\n',
    );
    writeFileSync(join(courses, 'langes/01-lang.md'), long_text());
    platform = await start_platform({
        program,
        config,
        sections: {
            platform: `platform:\n  name: Lernwerk\n  origin: http://localhost:8080\n  default_language: de\n  courses: ['${courses}']\n`,
            plugins: 'plugins:\n  auth/password: {recipient: {self: true}}\n',
        },
    });
    browser = await open_browser({ language: 'de-DE' });
    page = browser.page;
    await page.goto(`${platform.url}/register`);
    await fill_registration(page, { name: 'Mia Muster', email: 'mia@lms.example', password: 'seventeen brown owls sing' });
    await page.click('form[action="/register"] button');
    await page.goto(`${platform.url}/courses/langes`);
    await page.click('form[action$="/enrol"] button');
});
after(async () => {
    await browser?.close();
    await platform?.stop();
    rmSync(courses, { recursive: true, force: true });
});

/** The word in the line at the top of the window, below the gap that follows a heading's jump. */
const first_words = (at) =>
    at.evaluate(() => {
        const from = Number.parseFloat(getComputedStyle(document.documentElement).scrollPaddingTop) || 0;
        const walker = document.createTreeWalker(document.querySelector('article'), NodeFilter.SHOW_TEXT);
        for (let node = walker.nextNode(); node; node = walker.nextNode())
            for (const match of node.data.matchAll(/wort(\d+)/g)) {
                const range = document.createRange();
                range.setStart(node, match.index);
                range.setEnd(node, match.index + match[0].length);
                if (range.getBoundingClientRect().bottom > from) return Number(match[1]);
            }
        return -1;
    });

async function go_on(at) {
    await at.goto(`${platform.url}/`);
    await Promise.all([at.waitForURL(/\/lessons\//), at.click('.resume .button')]);
    await at.waitForLoadState('load');
    await at.evaluate(() => document.fonts.ready.then(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))));
}

async function scroll_somewhere(at) {
    // Within the text: above it the lesson begins.
    await at.evaluate((share) => {
        const first = document.querySelector('.prose').getBoundingClientRect().top + window.scrollY;
        const last = document.documentElement.scrollHeight - window.innerHeight;
        window.scrollTo({ top: first + share * (last - first), behavior: 'instant' });
    }, random());
    await at.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    return at.evaluate(() => window.scrollY);
}

test('what was left opens there, a hundred times, and never jumps', async () => {
    // What is seen in each frame until the page has loaded.
    await page.addInitScript(() => {
        window.seen = [];
        const look = () => {
            window.seen.push(window.scrollY);
            if (window.seen.length < 30) requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
    });
    await page.goto(platform.url + lesson);
    for (let time = 0; time < TIMES; ++time) {
        const left = await scroll_somewhere(page);
        await go_on(page);
        const found = await page.evaluate(() => window.scrollY);
        assert.ok(Math.abs(found - left) <= SPACE, `time ${time}: left at ${left}, opened at ${found}`);
        const jumps = (await page.evaluate(() => window.seen)).filter((top) => Math.abs(top - found) > PIXELS);
        assert.deepEqual(jumps, [], `time ${time}: it jumped on its way to ${found}`);
    }
    assert.deepEqual(browser.problems, []);
});

test('on another device the same text stands at the top', async () => {
    const phone = await browser.context.browser().newContext({
        viewport: { width: 390, height: 760 },
        deviceScaleFactor: 2,
        locale: 'de-DE',
        storageState: await browser.context.storageState(),
    });
    const other = await phone.newPage();
    for (let time = 0; time < 20; ++time) {
        await go_on(page);
        // Nobody is at another device within the second after which a place is reported.
        await Promise.all([page.waitForResponse(/\/progress\/place$/), scroll_somewhere(page)]);
        const left = await first_words(page);
        await go_on(other);
        const found = await first_words(other);
        // Two lines of the wide window hold about as many words.
        assert.ok(Math.abs(found - left) <= 24, `time ${time}: left at word ${left}, opened at word ${found}`);
    }
    await phone.close();
});

test('without scripts it opens the lesson', async () => {
    await go_on(page);
    await page.evaluate(() => document.querySelector('#s-abschnitt-7').scrollIntoView({ behavior: 'instant' }));
    await page.mouse.wheel(0, 120);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const plain = await browser.context.browser().newContext({
        javaScriptEnabled: false,
        locale: 'de-DE',
        storageState: await browser.context.storageState(),
    });
    const other = await plain.newPage();
    await other.goto(`${platform.url}/`);
    assert.equal(await other.getAttribute('.resume .button', 'href'), `${lesson}?resume=1`);
    await plain.close();
});

test('learning time is counted for who wants it, while one reads', async () => {
    const is_counted = async () => {
        await page.goto(`${platform.url}/learning-time`);
        return (await page.locator('main .list').count()) > 0;
    };
    const read = async () => {
        await page.goto(platform.url + lesson);
        for (let i = 0; i < 6; ++i) {
            await page.mouse.move(100 + 10 * i, 200);
            await new Promise((resolve) => setTimeout(resolve, 500));
        }
        // Left as a reader leaves it.
        await page.goto(`${platform.url}/`);
    };
    await read();
    assert.equal(await is_counted(), false, 'before it was switched on');
    await Promise.all([page.waitForEvent('load'), page.click('button[value="on"]')]);
    await read();
    await wait_for('the time', is_counted);
});

// The control: who opens the lesson by its own address begins at its beginning, and who only looks is not moved.
test('only going on goes on', async () => {
    await page.goto(platform.url + lesson);
    await page.waitForLoadState('load');
    assert.equal(await page.evaluate(() => window.scrollY), 0);
    const reports = () => browser.requests.filter(({ url }) => url.endsWith('/progress/place')).length;
    const before_it = reports();
    await page.goto(`${platform.url}/`);
    await wait_for('the page', async () => (await page.locator('.resume').count()) === 1);
    assert.equal(reports(), before_it, 'who did not scroll reported');
});
