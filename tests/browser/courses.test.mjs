// Courses from elsewhere, as people read them: imported by the operator's command, every lesson opened in a real
// browser. Nothing is broken, nothing acts, and nobody else is asked for anything.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { open_browser } from './harness/browser.mjs';
import { start_child, wait_for } from './harness/child.mjs';
import { start_platform } from './harness/platform.mjs';
import { fill_registration } from './harness/visitor.mjs';

const {
    CALYPTENORA_PROGRAM: program,
    CALYPTENORA_CONFIG: config,
    CALYPTENORA_SCREENSHOTS: screenshots,
    CALYPTENORA_REAL_COURSES: real_courses,
    CALYPTENORA_VECTORS: vectors_file,
} = process.env;

let folder, platform, browser, page;

before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'calyptenora-courses-'));
    // No other plugin has a part in reading.
    const plugins = 'plugins:\n  auth/password:\n    recipient: {self: true}\n';
    platform = await start_platform({ program, config, sections: { plugins } });
    browser = await open_browser({ screenshots });
    page = browser.page;
    watch_dialogs(page);
});
after(async () => {
    await browser?.close();
    await platform?.stop();
    rmSync(folder, { recursive: true, force: true });
});

const dialogs = [];
function watch_dialogs(tab) {
    tab.on('dialog', (dialog) => {
        dialogs.push(dialog.message());
        dialog.dismiss().catch(() => {});
    });
}

/** What waits for somebody who points, clicks or types: each element gets it all; where a link leads is not followed. */
function provoke(tab) {
    return tab.evaluate(() => {
        document.addEventListener('click', (event) => {
            const link = event.target.closest?.('a[href], area[href]');
            if (link && link.protocol !== 'javascript:') event.preventDefault();
        });
        for (const element of document.querySelectorAll('main *, body:not(:has(main)) *'))
            for (const kind of ['mouseover', 'pointerenter', 'focus', 'toggle', 'beforetoggle', 'animationstart', 'begin', 'click'])
                if (element.closest('body')) element.dispatchEvent(new MouseEvent(kind, { bubbles: true, cancelable: true }));
    });
}

async function import_course(source, ...options) {
    const { code, stdout, stderr } = await platform.run(['course', 'import', source, '--json', ...options]);
    assert.equal(code, 0, stderr);
    const imported = JSON.parse(stdout);
    assert.equal(imported.shown, true);
    return imported;
}

/** Opens a page and yields what is wrong with it, with every link and anchor that it has within the platform. */
async function read(address) {
    const answer = await page.goto(address);
    assert.equal(answer.status(), 200, address);
    return page.evaluate(async () => {
        const broken = [];
        for (const image of document.querySelectorAll('main img')) {
            image.loading = 'eager';
            await image.decode().catch(() => {});
            if (!image.naturalWidth) broken.push(image.src);
        }
        return {
            broken,
            links: [...document.querySelectorAll('main a[href]')].map((link) => link.href),
            ids: [...document.querySelectorAll('[id]')].map((element) => element.id),
            frames: document.querySelectorAll('iframe, frame, object, embed').length,
        };
    });
}

/** Reads a whole course and yields the links of its lessons that lead nowhere. */
async function read_course(slug, { provoked = false } = {}) {
    const start = `${platform.url}/courses/${slug}`;
    await page.goto(start);
    const lessons = await page.locator('.syllabus a').evaluateAll((all) => all.map((link) => link.href));
    const pages = new Map();
    for (const lesson of lessons) {
        const seen = await read(lesson);
        assert.deepEqual(seen.broken, [], `pictures of ${lesson}`);
        assert.equal(seen.frames, 0, lesson);
        if (provoked) await provoke(page);
        pages.set(lesson, seen);
    }
    const nowhere = [];
    const asked = new Map();
    for (const [lesson, { links }] of pages)
        for (const link of links.filter((url) => url.startsWith(`${platform.url}/`))) {
            const [address, anchor] = link.split('#');
            if (!asked.has(address)) asked.set(address, (await page.request.get(address)).status());
            const ids = pages.get(address)?.ids;
            if (asked.get(address) !== 200 || (anchor && ids && !ids.includes(decodeURIComponent(anchor))))
                nowhere.push(`${lesson.split('/').at(-1)} -> ${link.split('/').at(-1)}`);
        }
    assert.deepEqual(browser.origins_but(platform.url), []);
    assert.deepEqual(browser.problems, []);
    return { lessons, nowhere };
}

test('a course is previewed while it is written', async () => {
    const course = join(folder, 'my-bees');
    execFileSync(program, ['course', 'new', course]);
    const preview = start_child(program, ['course', 'preview', course], { env: { PATH: process.env.PATH, TMPDIR: folder } });
    try {
        const at = async (pattern) =>
            (await wait_for(String(pattern), () => pattern.exec(preview.output()), { seconds: 30, while_running: preview }))[1];
        const url = await at(/(http:\/\/localhost:\d+)/);
        const lesson = `${url}/courses/my-bees/lessons/welcome`;
        await page.goto(lesson);
        assert.match(await page.locator('main').innerText(), /Write here what this is about/);
        writeFileSync(join(course, '01-welcome.md'), '---\ntitle: Welcome\n---\n\nBees fly.\n');
        await at(/(My bees): 2 lessons/);
        await page.goto(lesson);
        assert.match(await page.locator('main').innerText(), /Bees fly/);
        writeFileSync(join(course, '01-welcome.md'), '---\ntitle: Welcome\n---\n\n[x](gone.md)\n');
        await at(/(01-welcome\.md:5: error)/);
        assert.deepEqual(browser.origins_but(platform.url, url), []);
    } finally {
        await preview.stop();
    }
    assert.deepEqual(
        readdirSync(folder).filter((name) => name.startsWith('calyptenora-preview')),
        [],
        'nothing is left behind',
    );
    browser.requests.length = 0;
});

test('formulas are drawn by the browser, fit every screen and do nothing else', async () => {
    const course = join(folder, 'formulas');
    mkdirSync(course);
    writeFileSync(
        join(course, 'course.yaml'),
        'title: Formulas\nlanguage: en\nsummary: S\nlicence: CC0\nauthors: [X]\nmodules:\n  - title: M\n    lessons: [01-all.md]\n',
    );
    const terms = Array.from({ length: 40 }, (_, i) => `x_{${i}}`).join(' + ');
    writeFileSync(
        join(course, '01-all.md'),
        `---\ntitle: All\n---\n\nIt costs $5 and $10, and $\\frac{a}{b}$ is a part.\n\n$$\n${terms}\n$$\n\nSo $${terms}$ it is.\n\n` +
            '$\\text{<img src=x onerror=alert(1)>}$ and $\\href{javascript:alert(1)}{x}$\n\n' +
            '| size | value |\n|---|---|\n| $\\mathbb{R}^n$ | $\\begin{pmatrix}1&0\\\\0&1\\end{pmatrix}$ |\n',
    );
    const imported = await import_course(course);
    assert.deepEqual(imported.report?.missing ?? [], []);
    const lesson = `${platform.url}/courses/${imported.slug}/lessons/all`;
    await page.goto(lesson);
    const drawn = await page.evaluate(() => {
        const box = (element) => element.getBoundingClientRect();
        const fraction = document.querySelector('.prose mfrac');
        return {
            sizes: [...document.querySelectorAll('.prose math')].map((math) => [box(math).width, box(math).height]),
            namespaces: [...new Set([...document.querySelectorAll('.prose math, .prose math *')].map((e) => e.namespaceURI))],
            fraction: box(fraction).height > 1.6 * box(fraction.firstElementChild).height,
            rows: box(document.querySelector('.prose mtable')).height > 1.6 * box(document.querySelector('.prose mtd')).height,
            pictures: document.querySelectorAll('.prose img').length,
            sources: [...document.querySelectorAll('.prose .language-latex')].map((code) => code.textContent),
            text: document.querySelector('.prose').innerText,
        };
    });
    assert.equal(drawn.sizes.length, 6);
    for (const [width, height] of drawn.sizes) assert.ok(width > 5 && height > 5, JSON.stringify(drawn.sizes));
    assert.deepEqual(drawn.namespaces, ['http://www.w3.org/1998/Math/MathML']);
    assert.ok(drawn.fraction && drawn.rows, 'a fraction and a matrix stand in two storeys');
    assert.equal(drawn.pictures, 0);
    assert.deepEqual(drawn.sources, ['\\href{javascript:alert(1)}{x}']);
    assert.match(drawn.text, /It costs \$5 and \$10, and/);
    const size = page.viewportSize();
    for (const colorScheme of ['light', 'dark']) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width: 320, height: 640 });
        const narrow = await page.evaluate(() => ({
            page: document.documentElement.scrollWidth,
            boxes: [...document.querySelectorAll('.formula, .formula-within')].map(
                (box) => [getComputedStyle(box).overflowX, box.scrollWidth > box.clientWidth],
            ),
            ink: getComputedStyle(document.querySelector('.prose mi')).color === getComputedStyle(document.querySelector('.prose')).color,
        }));
        assert.equal(narrow.page, 320);
        assert.deepEqual(narrow.boxes.slice(0, 2), [['auto', true], ['auto', true]]);
        assert.ok(narrow.ink, 'formulas have the colour of the text');
        assert.deepEqual(
            (await browser.accessibility()).filter(({ impact }) => impact === 'critical' || impact === 'serious'),
            [],
        );
        await page.setViewportSize(size);
        await browser.screenshot(`formulas-${colorScheme}`);
    }
    await page.emulateMedia({ colorScheme: null, media: 'print' });
    assert.equal(await page.locator('.formula').first().evaluate((box) => getComputedStyle(box).overflowX), 'visible');
    await page.emulateMedia({ media: null });
    assert.deepEqual(dialogs, []);
    assert.deepEqual(browser.problems, []);
});

test('what comes before a course, and what is due when', async () => {
    const write = (slug, head, module) => {
        mkdirSync(join(folder, slug));
        writeFileSync(
            join(folder, slug, 'course.yaml'),
            `title: Title of ${slug}\nlanguage: en\nsummary: S\nlicence: CC0\nauthors: [X]\n${head}modules:\n  - title: Part of ${slug}\n${module}    lessons: [01-one.md]\n`,
        );
        writeFileSync(join(folder, slug, '01-one.md'), '---\ntitle: One\ndue: 2099-07-01 18:00 Europe/Berlin\n---\n\nText\n');
        return import_course(join(folder, slug));
    };
    await write('walks', '', '    due: 2020-03-01 18:00 Europe/Berlin\n');
    await write('summits', 'prerequisites: [{course: walks, required: true}]\n', '    due: 14 days after enrolment\n');
    const look = async (path, name, words) => {
        await page.goto(`${platform.url}${path}`);
        for (const [width, colorScheme] of [[320, 'dark'], [1280, 'light']]) {
            await page.emulateMedia({ colorScheme });
            await page.setViewportSize({ width, height: 800 });
            assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width, name);
            assert.deepEqual(
                (await browser.accessibility()).filter(({ impact }) => impact === 'critical' || impact === 'serious'),
                [],
                name,
            );
        }
        await browser.screenshot(name);
        assert.match(await page.locator('main').innerText(), words);
    };
    await look('/courses/summits', 'summits-guest', /Fällig 14 Tage nach Beginn der Teilnahme/);
    await page.goto(`${platform.url}/register`);
    await fill_registration(page, { name: 'Mia Muster', email: 'mia@example.org', password: 'seventeen brown owls sing' });
    await page.locator('form[action="/register"] button').click();
    await look('/courses/summits', 'summits-locked', /Voraussetzung[^]*Schließ/);
    assert.equal(await page.locator('form[action$="/enrol"]').count(), 0);
    await page.goto(`${platform.url}/courses/walks`);
    await page.locator('form[action$="/enrol"] button').click();
    await look('/', 'due', /Was als Nächstes fällig ist[^]*Fällig am 1\. Juli 2099[^]*War am 1\. März 2020 um 18:00\sUhr fällig/);
    await look('/courses/walks/lessons/one', 'due-lesson', /War am 1\. März 2020/);
    await page.locator('form[action$="/complete"] button').click();
    await look('/courses/summits', 'summits-open', /Erledigt/);
    await page.locator('form[action$="/enrol"] button').click();
    await look('/courses/walks', 'walks-done', /Erledigt/);
    assert.doesNotMatch(await page.locator('main').innerText(), /War am/);
    await page.emulateMedia({ colorScheme: null });
    await page.context().clearCookies();
    assert.deepEqual(browser.problems, []);
});

const missing = (path) => (existsSync(join(real_courses, path)) ? false : 'it does not lie beside the repository');

test('a real cartridge of Canvas', { skip: missing('ally-workshop') }, async () => {
    const { slug, lessons } = await import_course(join(real_courses, 'ally-workshop/allyworkshop.imscc'));
    const read = await read_course(slug);
    assert.equal(read.lessons.length, lessons);
    assert.equal(lessons, 9);
    assert.deepEqual(read.nowhere, []);
    await page.goto(read.lessons[1]);
    await browser.screenshot('cartridge');
    assert.deepEqual(
        (await browser.accessibility()).filter(({ impact }) => impact === 'critical' || impact === 'serious'),
        [],
    );
});

test('a real lesson of The Carpentries', { skip: missing('swcarpentry-python') }, async () => {
    const { slug, lessons } = await import_course(join(real_courses, 'swcarpentry-python'));
    const read = await read_course(slug);
    assert.equal(read.lessons.length, lessons);
    // Both are broken in the source, too.
    assert.deepEqual(read.nowhere, ['cmdline -> reference#s-silence-failure', 'reference -> reference#s-float']);
});

/** The vectors of tests/unit/imports/fixtures, as hostile_html_test.cpp reads them. */
function load_vectors() {
    return readFileSync(vectors_file, 'utf8')
        .split('\n')
        .filter((line) => line && !line.startsWith('# '))
        .map((line) =>
            line.replace(/\\(x..|.)/g, (_, what) =>
                what === 'n' ? '\n' : what === 't' ? '\t' : what[0] === 'x' ? String.fromCharCode(parseInt(what.slice(1), 16)) : what,
            ),
        );
}

test('a cartridge full of pages that want to act', async () => {
    const vectors = load_vectors();
    assert.ok(vectors.length >= 150);
    const source = join(folder, 'hostile');
    mkdirSync(source);
    vectors.forEach((html, i) => writeFileSync(join(source, `p${i}.html`), `<p>first</p>${html}<p>last</p>`));
    const each = (line) => vectors.map((_, i) => line.replaceAll('#', i)).join('');
    writeFileSync(
        join(source, 'imsmanifest.xml'),
        `<manifest><organizations><organization><item><item><title>Vectors</title>${each(
            '<item identifierref="r#"><title>Vector #</title></item>',
        )}</item></item></organization></organizations><resources>${each(
            '<resource identifier="r#" type="webcontent" href="p#.html"/>',
        )}</resources></manifest>`,
    );
    const { slug } = await import_course(source, '--slug', 'hostile');
    const { lessons, nowhere } = await read_course(slug, { provoked: true });
    assert.equal(lessons.length, vectors.length);
    assert.deepEqual(nowhere, []);
    assert.deepEqual(browser.origins_but(platform.url), []);
    assert.deepEqual(dialogs, []);
});

// The control: the same vectors as they are, in a page without a policy, are seen to act.
test('the same pages as they were do act', async () => {
    // In browsers of its own: some of these pages close or crash one.
    let other = null;
    let asked = 0;
    const end = async () => {
        asked += other.requests.filter(({ origin }) => origin.includes('evil.example')).length;
        await other.close().catch(() => {});
        other = null;
    };
    for (const html of load_vectors()) {
        other ??= await open_browser({ screenshots });
        try {
            const tab = await other.open_tab();
            watch_dialogs(tab);
            await tab.setContent(`<p>first</p>${html}<p>last</p>`, { waitUntil: 'commit' }).catch(() => {});
            await tab.waitForTimeout(20);
            await provoke(tab).catch(() => {});
            await tab.close();
        } catch {
            await end();
        }
    }
    await other?.page.waitForTimeout(300).catch(() => {});
    if (other) await end();
    assert.ok(dialogs.length >= 30, `${dialogs.length} dialogs`);
    assert.ok(asked >= 10, `${asked} requests to others`);
});
