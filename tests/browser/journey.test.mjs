// A learner's journey through the platform, in a real browser, with real counterparts:
//
//   first visit in German; refuse all; register; take the free course: nobody is told anything
//   consent to xAPI; complete a lesson: exactly what was promised arrives
//   withdraw, while the learning record store is down: nothing more arrives, also not when it is back
//   buy the paid course by bank transfer, read off the screen
//   open a support case, which goes out by mail, and its answer comes back
//   play a film of another origin after two clicks; withdraw in another tab
//   take a copy of everything along, with what each recipient answered
//   have everything erased: taken back once, then carried out, until every recipient has confirmed; afterwards no byte
//   of the data, of a backup without keys or of a worker's memory holds it, with all keys that are left
//
// Each page is looked at by axe, unless CALYPTENORA_LOOK is "no" (tests/mutants). CALYPTENORA_DATABASE is sqlite or
// postgresql.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { read_zip } from './harness/archive.mjs';
import { read_girocode, write_statement } from './harness/bank.mjs';
import { open_browser } from './harness/browser.mjs';
import { wait_for } from './harness/child.mjs';
import { copy_without_keys, dump_workers, search_canaries } from './harness/canaries.mjs';
import { start_demonstration } from './harness/demonstration.mjs';
import { canaries_in, unpromised_leaves } from './harness/json_leaves.mjs';
import { fill_registration } from './harness/visitor.mjs';
import { start_postgresql } from './harness/postgresql.mjs';
import { protocol_paths, statement_paths } from './promises.mjs';

const {
    CALYPTENORA_PROGRAM: program,
    CALYPTENORA_CONFIG: config,
    CALYPTENORA_SCREENSHOTS: screenshots,
    CALYPTENORA_CANARY_SEARCH: canary_search,
} = process.env;
const database = process.env.CALYPTENORA_DATABASE ?? 'sqlite';

// Values that occur nowhere else, so that they are found wherever they leak to.
const learner = {
    name: 'Kanaria Zwitscherling',
    email: 'kanaria.zwitscherling@canary-mail.example',
    password: 'korrekt Pferd Batterie Heftklammer',
};
const question = { subject: 'Übung 3 öffnet nicht', message: 'Nach dem Klick passiert nichts.' };
const answer_text = 'Bitte laden Sie die Seite neu – das hilft.';
const ANALYTICS = 'analytics/xapi';
const EMBED = 'video/embed';
const MAIL_GATEWAY = ['support', 'receive'];
/** How long a queue is given to send what it should not. */
const QUIET_MS = 4000;

let demonstration, lrs, mail, video, postgresql, platform, browser, page;
// Files of the operator's, who answers for them.
const statements_folder = mkdtempSync(join(tmpdir(), 'calyptenora-statements-'));

before(async () => {
    postgresql = database === 'postgresql' ? await start_postgresql() : null;
    demonstration = await start_demonstration({
        program,
        config,
        // The platform's own letters have their place in rights.test.mjs; here all mail is about cases.
        sections: { mail: '', ...(postgresql && { database: `database:\n  url: "${postgresql.url}"\n` }) },
    });
    ({ lrs, mail, video, platform } = demonstration);
    browser = await open_browser({ screenshots, language: 'de-DE' });
    page = browser.page;
});
after(async () => {
    await browser?.close();
    await demonstration?.stop();
    await postgresql?.stop();
    rmSync(statements_folder, { recursive: true, force: true });
});

/** Looks at the page as a visitor and as axe does. */
async function look(name, at = page) {
    if (process.env.CALYPTENORA_LOOK === 'no') return null;
    const path = await browser.screenshot(name, at);
    assert.deepEqual(await browser.accessibility(at), [], `axe on ${name}`);
    return path;
}

async function visit(path, name = null, at = page) {
    const response = await at.goto(platform.url + path);
    assert.equal(response.status(), 200, path);
    if (name) await look(name, at);
    return response;
}

/** Whose frames a page may show, by its Content-Security-Policy. */
const admitted_frames = (response) => /frame-src ([^;]*)/.exec(response.headers()['content-security-policy'])[1];

/** Presses a button that sends a form, and waits for the page that comes back. */
async function press(button, at = page, status = 200) {
    const answered = at.waitForResponse((response) => response.request().isNavigationRequest() && response.status() !== 303);
    // Of the new page: the old one has been loaded long since.
    const loaded = at.waitForEvent('load');
    await button.click();
    const response = await answered;
    await loaded;
    assert.equal(response.status(), status, response.url());
}

/** When something went to the recipient last, as the privacy page says it. */
async function last_sent(recipient, at = page) {
    await visit('/privacy', null, at);
    return at.locator(`[data-recipient-row="${recipient}"] dt:text-is("Zuletzt gesendet") + dd`).first().textContent();
}

const links = (selector) => page.locator(selector).evaluateAll((all) => all.map((one) => new URL(one.href).pathname));

/** The first course on whose page `selector` is found. */
async function find_course(selector) {
    await visit('/');
    const courses = [...new Set((await links('a[href*="/courses/"]')).filter((path) => /^\/courses\/[^/]+$/.test(path)))];
    for (const course of courses) {
        await visit(course);
        if ((await page.locator(selector).count()) > 0) return course;
    }
    throw new Error(`none of ${courses.join(', ') || 'no courses at all'} has ${selector}`);
}

async function complete_lesson(path, name = null) {
    await visit(path, name);
    await press(page.locator('form[action$="/complete"] button'));
}

async function privacy_choice(recipient, button) {
    await visit('/privacy');
    await press(page.locator(`[data-recipient-row="${recipient}"] ${button}`).first());
}
const allow = (recipient) => privacy_choice(recipient, 'button[value="allow"]');
const withdraw = (recipient) => privacy_choice(recipient, 'form[data-withdraw] button');

/** Presses Play as a person does: again, if the press fell into the moment in which the frame was still being laid out. */
async function play(player) {
    const button = player.locator('#play');
    await wait_for('the player to take the press', async () => {
        if ((await button.innerText()) === 'Pause') return true;
        await button.click();
        await new Promise((resolve) => setTimeout(resolve, 1000));
        return false;
    });
}

const quiet = () => new Promise((resolve) => setTimeout(resolve, QUIET_MS));
const statements = () =>
    lrs.received.filter((entry) => entry.method !== 'GET' && entry.body).flatMap((entry) => JSON.parse(entry.body));

let lessons = [];
let paid_reference = null;

test('first visit in German: refusing is as easy as accepting', async () => {
    await visit('/', 'first-visit');
    assert.equal(await page.locator('html').getAttribute('lang'), 'de');
    const dialog = page.locator('[data-consent-dialog]');
    const looks = await dialog.locator('button').evaluateAll((buttons) =>
        buttons
            .filter(({ value }) => value === 'refuse_all' || value === 'accept_all')
            .map((button) => {
                const { color, backgroundColor, fontSize, fontWeight, borderColor } = getComputedStyle(button);
                return JSON.stringify({ color, backgroundColor, fontSize, fontWeight, borderColor });
            }),
    );
    assert.equal(looks.length, 2);
    assert.equal(looks[0], looks[1]);
    assert.equal(await dialog.locator('input:checked').count(), 0);
    await press(dialog.locator('button[value="refuse_all"]'));
    assert.equal(await dialog.count(), 0);
});

test('search the courses, in another form of the word', async () => {
    await page.fill('#q', 'Karte');
    await press(page.locator('form[role="search"] .search__words button'));
    assert.equal(await page.inputValue('#q'), 'Karte');
    assert.ok((await links('.card a')).includes('/courses/karten-lesen'));
    await look('catalogue-found');
    await visit('/?q=gibtesnicht&level=advanced', 'catalogue-nothing-found');
    assert.deepEqual(await links('.card a'), []);
});

test('register', async () => {
    await visit('/register', 'register');
    await fill_registration(page, learner);
    await press(page.locator('form[action="/register"] button'));
    await visit('/account', 'account');
    assert.match(await page.locator('main').innerText(), new RegExp(learner.email));
});

test('take the free course: nobody is told anything', async () => {
    const course = await find_course('form[action$="/enrol"]');
    await look('free-course');
    await press(page.locator('form[action$="/enrol"] button'));
    await visit(course);
    lessons = await links('.syllabus a');
    assert.ok(lessons.length >= 4, `the free course has ${lessons.length} lessons, the journey needs 4`);
    await visit('/learning-time', 'learning-time');
    await press(page.locator('button[value="on"]'));
    await complete_lesson(lessons[0], 'lesson');
    await look('lesson-completed');
    await visit('/learning-time', 'learning-time-counted');
    await visit('/notes', 'notes-none');
    await visit(lessons[0]);
    await page.locator('.lesson__notes summary').click();
    await look('lesson-note');
    await page.fill('#note-words', 'Noch einmal lesen');
    await press(page.locator('form[action$="/notes"] button'));
    await visit('/notes', 'notes');
    await quiet();
    assert.deepEqual(lrs.received, []);
    assert.deepEqual(video.received, []);
    assert.deepEqual(browser.origins_but(platform.url), []);
});

test('consent to xAPI: what arrives is what was promised, and nothing else', async () => {
    await visit('/privacy', 'privacy-before');
    await allow(ANALYTICS);
    await look('privacy-allowed');
    const words = await page.locator(`[data-recipient-row="${ANALYTICS}"] .fields li strong`).allInnerTexts();
    assert.ok(words.length > 0);
    await complete_lesson(lessons[1]);
    await wait_for('a statement', () => lrs.received.some(({ answer }) => answer === 200));
    assert.equal(statements().length, 1);
    assert.deepEqual(unpromised_leaves(statements()[0], words, statement_paths, protocol_paths), []);
    for (const { body, path, raw_headers } of lrs.received) {
        assert.deepEqual(canaries_in([path, ...raw_headers, body].join('\n'), learner), []);
    }
    assert.deepEqual(browser.origins_but(platform.url), []);
});

test('withdraw while the store is down: nothing more arrives, also not when it is back', async () => {
    const before_it = lrs.received.length;
    await lrs.control({ state: 'down' });
    await complete_lesson(lessons[2]);
    await withdraw(ANALYTICS);
    await look('privacy-withdrawn');
    await complete_lesson(lessons[3]);
    await lrs.control({ state: 'up' });
    await quiet();
    assert.equal(lrs.received.length, before_it);
});

test('buy the paid course: the code on the screen is paid, and access opens', async () => {
    const course = await find_course('a[href$="/order"]');
    await visit(`${course}/order`, 'order-review');
    const method = page.locator('input[name="method"]');
    if (!(await method.first().isChecked())) await method.first().check();
    const begin_now = page.locator('input[name="begin_now"]');
    if (await begin_now.count()) await begin_now.check();
    await press(page.locator('form[action$="/order"] button'));
    const order = new URL(page.url()).pathname;
    assert.match(order, /^\/orders\//);

    const code = read_girocode(await look('order-open'));
    const [iban, ...others] = await page.locator('.transfer dd code').allInnerTexts();
    assert.deepEqual([code.service_tag, code.currency, code.iban], ['BCD', 'EUR', iban.replaceAll(' ', '')]);
    assert.ok(others.includes(code.reference));
    paid_reference = code.reference;
    await visit(course);
    assert.deepEqual(await links('.syllabus a'), [], 'access before payment');

    const wrong = { iban: code.iban, payments: [{ ...code, reference: 'no such order', bank_reference: 'B0' }] };
    const right = { iban: code.iban, payments: [{ ...code, bank_reference: 'B1' }] };
    const import_statement = (name, content) =>
        platform.run(['payments', 'import', write_statement(join(statements_folder, name), content)]);
    await import_statement('wrong.xml', wrong);
    await visit(course);
    assert.deepEqual(await links('.syllabus a'), [], 'access after a payment that belongs to nobody');

    const { code: exit_code, stderr } = await import_statement('right.xml', right);
    assert.equal(exit_code, 0, stderr);
    await visit(course, 'paid-course');
    assert.ok((await links('.syllabus a')).length > 0, 'no access after payment');
    await visit(order, 'order-paid');
});

test('open a case: it goes out by mail without the address of the learner, and the answer comes back', async () => {
    await visit('/support', 'support');
    await page.fill('#subject', question.subject);
    await page.fill('#message', question.message);
    await press(page.locator('form[action="/support"] button'));
    const path = new URL(page.url()).pathname;
    assert.match(path, /^\/support\/cases\//);
    await look('case-open');
    const sent = await wait_for('the mail', () => mail.received.find(({ raw }) => raw));
    assert.match(sent.subject, /Übung 3 öffnet nicht/);
    assert.match(sent.text, /Nach dem Klick passiert nichts\./);
    assert.deepEqual([sent.tls, sent.user], [true, mail.addresses.username]);
    assert.deepEqual(canaries_in(sent.raw, { email: learner.email, password: learner.password }), []);

    const [alias] = sent.reply_to;
    const answer = [
        'From: Help Desk <help@desk.example>', `To: ${alias}`, `Subject: Re: =?utf-8?Q?=C3=9Cbung_3?=`,
        `In-Reply-To: ${sent.message_id}`, 'Message-ID: <answer-1@desk.example>', 'MIME-Version: 1.0',
        'Content-Type: text/plain; charset=utf-8', '', answer_text, '',
    ].join('\r\n');
    const { code, stderr } = await platform.run(MAIL_GATEWAY, answer);
    assert.equal(code, 0, stderr);
    await visit(path, 'case-answered');
    assert.match(await page.locator('.thread').innerText(), /Bitte laden Sie die Seite neu – das hilft\./);
});

test('a film of another origin: nothing before two clicks, nothing after withdrawing', async () => {
    const nobody_allowed = 'the page admits frames of somebody whom nobody has allowed';
    let lesson = null;
    let response = null;
    for (const candidate of lessons) {
        response = await visit(candidate);
        if (await page.locator('.placeholder, [data-embed]').count()) {
            lesson = candidate;
            break;
        }
    }
    assert.ok(lesson, 'no lesson has an embedded film');
    await look('film-placeholder');
    assert.equal(video.received.length, 0, 'the video service is asked before anybody has agreed');
    assert.equal(admitted_frames(response), "'none'", nobody_allowed);
    assert.equal(await last_sent(EMBED), 'noch nie');
    await visit(lesson);
    assert.deepEqual(browser.origins_but(platform.url), []);

    await press(page.locator('.placeholder button[value="always"]'));
    const player = page.frameLocator('[data-embed] iframe');
    await player.locator('#play').waitFor();
    await wait_for('the film', () => video.received.some(({ path }) => path.startsWith('/frames/')));
    const asked = video.received.map(({ path }) => path.split('?')[0].replace(/\/[^/]+$/, ''));
    assert.deepEqual(asked, ['/embed', '', '/frames']);
    for (const { headers } of video.received) {
        assert.ok(!(headers.referer ?? '').startsWith(platform.url), 'the platform’s address went out as referrer');
    }
    await play(player);
    await wait_for('the film to play', () => video.received.some(({ path }) => path.startsWith('/ping/')));
    await look('film-playing');

    // What the browser told the other origin by itself stands in the ledger, too.
    const other_tab = await browser.open_tab();
    assert.match(await last_sent(EMBED, other_tab), /\d{4}/);
    await look('privacy-second-tab', other_tab);
    const receipts = await other_tab.locator('.timeline li').allTextContents();
    assert.ok(receipts.some((text) => /Browser einen Rahmen von .*IP-Adresse/s.test(text)), receipts.join('\n'));
    const verified = await platform.run(['ledger', 'verify']);
    assert.equal(verified.code, 0, verified.stdout + verified.stderr);
    await press(other_tab.locator(`[data-recipient-row="${EMBED}"] form[data-withdraw] button`).first(), other_tab);
    const is_gone = async () => (await page.locator('[data-embed] iframe').count()) === 0;
    await wait_for('the frame to go from the first tab', is_gone, { seconds: 15 });
    const after_it = video.received.length;
    await quiet();
    assert.equal(video.received.length, after_it);
    assert.equal(admitted_frames(await visit(lesson, 'film-placeholder-again')), "'none'", nobody_allowed);
    assert.equal(await page.locator('[data-embed] iframe').count(), 0);
    assert.equal(video.received.length, after_it);
    assert.deepEqual(browser.origins_but(platform.url, video.addresses.url), []);
});

test('the remaining pages', async () => {
    for (const path of ['/privacy-notice', '/privacy-notice/versions', '/privacy-notice/versions/1', '/imprint', '/contact', '/accessibility', '/cancel-contract', '/withdraw-contract', '/account', '/account/profile', '/account/security', '/notifications', '/terms', '/forgotten-password']) {
        await visit(path, `page${path.replaceAll('/', '-')}`);
    }
    await visit('/account/data/record', 'page-record');
    assert.equal(await page.locator('.flows__targets li').count(), 3);
    const listed = await page.locator('.timeline li').count();
    await page.locator('.flows__targets a', { hasText: 'Lernanalyse' }).click();
    await page.waitForURL(/recipient=analytics/);
    const filtered = await page.locator('.timeline li').allTextContents();
    assert.ok(filtered.length > 0 && filtered.length < listed && filtered.every((text) => text.includes('Lernanalyse Beispiel GmbH')));
    await look('page-record-of-one');
    await page.locator('.timeline a').first().click();
    await page.waitForURL(/\/privacy#/);
    await visit('/privacy/receipts', 'page-receipts');
    await page.locator('.list a').first().click();
    await page.waitForURL(/\/privacy\/receipts\/[0-9a-f-]{36}$/);
    await look('page-receipt');
    assert.match(await page.locator('main').innerText(), /Video|Lernanalyse/);
    assert.deepEqual(browser.problems, []);
});

test('the staff: a record is opened for a reason, the person reads of it, and somebody else reviews it', async () => {
    const password = 'siebzehn braune Eulen singen';
    const people = { data_protection: 'dana@staff.example', operator: 'otto@staff.example' };
    for (const [role, email] of Object.entries(people)) {
        const added = await platform.run(
            ['user', 'add', '--email', email, '--name', `Staff of ${role}`, '--role', role, '--password-stdin'],
            `${password}\n`,
        );
        assert.equal(added.code, 0, added.stderr);
        for (const what of ['undertaking', 'training']) {
            const words = ['staff', what, '--account', email, '--date', '2026-11-02', '--evidence', 'personnel file'];
            assert.equal((await platform.run(words)).code, 0);
        }
    }
    const elsewhere = await open_browser({ screenshots, language: 'en-GB' });
    const at = elsewhere.page;
    const sign_in = async (email) => {
        await at.context().clearCookies();
        await visit('/sign-in', null, at);
        await at.fill('#email', email);
        await at.fill('input[name="password"]', password);
        await press(at.locator('form[action="/sign-in"] button'), at);
    };
    const reason = 'Asked by telephone what became of a payment.';
    const open_record = async (whom, why, status = 200) => {
        await visit('/staff', null, at);
        await at.fill('#whom', whom);
        await at.fill('#reason', why);
        await press(at.locator('form[action="/staff/record"] button'), at, status);
    };

    await sign_in(people.data_protection);
    await visit('/staff', 'staff', at);
    await open_record('nobody@staff.example', reason, 422);
    await look('staff-nobody', at);
    await open_record(learner.email, reason);
    await look('staff-record', at);
    assert.match(await at.locator('main').innerText(), new RegExp(learner.name));
    await visit('/account/data', 'own-data-opened');
    assert.match(await page.locator('main').innerText(), /Asked by telephone what became of a payment\./);

    await sign_in(people.operator);
    await visit('/staff/reviews', 'staff-reviews', at);
    await visit('/staff/figures', 'staff-figures', at);
    // A browser calls an answer that asks for a correction a problem.
    assert.deepEqual(elsewhere.problems.filter((problem) => !problem.includes('422')), []);
    await elsewhere.close();
});

test('a copy: asked for with the password, with what every recipient answered, fetched with the password', async () => {
    await visit('/account/data', 'own-data');
    const access = page.locator('form[action="/account/data/access"]');
    await access.locator('input[name="password"]').fill('falsch falsch falsch');
    await press(access.locator('button'), page, 422);
    await look('own-data-access-wrong-password');
    await access.locator('input[name="password"]').fill(learner.password);
    await press(access.locator('button'));
    const status_page = new URL(page.url()).pathname;
    assert.match(status_page, /^\/requests\/[\w-]{43}$/);
    await look('copy-asked-for');
    const form = page.locator('form[action="/account/data/copy"]');
    await wait_for('the copy', async () => {
        await visit(status_page);
        return (await form.count()) === 1;
    }, { seconds: 60 });
    await look('copy-ready');
    assert.match(await page.locator('.panel').innerText(), /liegt bereit\. Am .*wird sie gelöscht/);

    await form.locator('input[name="password"]').fill('falsch falsch falsch');
    await press(form.locator('button'), page, 422);
    await visit(status_page);
    await form.locator('input[name="password"]').fill(learner.password);
    const [download] = await Promise.all([page.waitForEvent('download'), form.locator('button').click()]);
    assert.match(download.suggestedFilename(), /^meine-daten-\d{4}-\d\d-\d\d\.zip$/);
    const files = await read_zip(await download.path());
    const document = JSON.parse(files['data.json']);
    assert.equal(document.records.account[0].email, learner.email);
    assert.equal(document.records.account[0].display_name, learner.name);
    const answered = Object.fromEntries(document.recipients.map(({ instance, outcome }) => [instance, Object.keys(outcome ?? {})[0]]));
    // What they are is up to their plugins: none of these services can be asked by a program.
    assert.deepEqual(answered, { [ANALYTICS]: 'manual', 'support/mail': 'manual', [EMBED]: 'manual' });
    const { pseudonym } = document.recipients.find(({ instance }) => instance === ANALYTICS);
    assert.ok(lrs.received.some(({ body }) => body.includes(pseudonym)), 'the name by which the record store knows the learner');
    assert.ok(document.records.disclosures.length > 0 && document.records.case_messages.length > 0);
    assert.match(files['index.html'], /Muss auf anderem Weg gefragt werden/);
    const receipts = Object.keys(files).filter((file) => /^receipts\/[0-9a-f-]{36}\.json$/.test(file));
    assert.equal(receipts.length, document.records.consent_history.length);
    for (const file of ['schema.json', 'csv/consent_history.csv', 'recipients/analytics-xapi.json']) assert.ok(files[file], file);

    // What lies on the disk names nobody.
    const folder = join(platform.data, 'copies');
    const [stored, ...others] = readdirSync(folder);
    assert.deepEqual(others, []);
    const bytes = readFileSync(join(folder, stored));
    assert.ok(!bytes.includes('data.json') && !bytes.includes(learner.email) && !bytes.includes('PK\x03\x04'));
    await visit(status_page, 'copy-fetched');
    assert.match(await page.locator('.panel').innerText(), /Zuletzt abgeholt am/);
});

/** Leaves texts that occur nowhere else at every place that keeps what a learner or the staff writes: {name: text}. */
async function leave_canaries(run) {
    const cases = Array.from({ length: 5 }, (_, i) => ({
        subject: `Kanarienfrage ${'ABCDE'[i]} zum Kurs`,
        message: `Kanarienmeldung ${'ABCDE'[i]}: Seite ${1700 + i} bleibt leer.`,
    }));
    for (const { subject, message } of cases) {
        await visit('/support');
        await page.fill('#subject', subject);
        await page.fill('#message', message);
        await press(page.locator('form[action="/support"] button'));
    }
    const follow_ups = ['Kanariennachtrag: auch am Abend nicht.', 'Kanariennachtrag: am Morgen dann doch.'];
    for (const text of follow_ups) {
        await page.fill('#message', text);
        await press(page.locator('form[action^="/support/cases/"] button'));
    }

    const reason = 'Kanariengrund: zu wenig Zeit im Winter.';
    await visit('/cancel-contract');
    await page.selectOption('#contract', paid_reference);
    await page.fill('[name="name"]', learner.name);
    await page.fill('[name="email"]', learner.email);
    await page.fill('#reason', reason);
    await press(page.locator('form[action="/cancel-contract"] button'));

    const new_name = `${learner.name} die Zweite`;
    await visit('/account/data');
    await page.fill('#name', new_name);
    await press(page.locator('form[action="/account/data/rectification"] button'));

    // What a recipient answered by letter to the request for a copy.
    const letter = 'Kanarienbrief: drei Datensätze, Aktenzeichen 4711.';
    const open = JSON.parse(await run('requests', 'list', '--json', '--reason', 'the daily work'));
    const { id } = open.find(({ kind }) => kind === 'access');
    await run('requests', 'confirm', '--request', id, '--plugin', ANALYTICS, '--evidence', letter);

    return {
        ...learner_texts(),
        ...Object.fromEntries(cases.flatMap(({ subject, message }, i) => [[`subject ${i}`, subject], [`message ${i}`, message]])),
        ...Object.fromEntries(follow_ups.map((text, i) => [`message after it ${i}`, text])),
        reason,
        new_name,
        letter,
    };
}
const learner_texts = () => ({
    name: learner.name,
    email: learner.email,
    subject: question.subject,
    message: question.message,
    answer: answer_text,
});

test('an erasure: taken back once, then carried out here and by every recipient', async () => {
    await visit('/account/data', 'own-data');
    await page.fill('#password', 'falsch falsch falsch');
    await press(page.locator('form[action="/account/data/erasure"] button'), page, 422);
    await look('own-data-wrong-password');
    await page.fill('#password', learner.password);
    await press(page.locator('form[action="/account/data/erasure"] button'));
    assert.match(new URL(page.url()).pathname, /^\/requests\/[\w-]{43}$/);
    await look('request');
    await press(page.locator('form[action$="/take-back"] button'));
    assert.equal(await page.locator('.panel .state').innerText(), 'zurückgenommen');

    const run = async (...words) => {
        const { code, stdout, stderr } = await platform.run(words);
        assert.equal(code, 0, stderr);
        return stdout;
    };
    // What only this person's data hold, and where it is: before, it is found in all of it.
    const named = await leave_canaries(run);
    const canaries = Object.values(named);
    assert.equal(canaries.length, 20);
    await wait_for('the mails of all questions', () => mail.received.filter(({ raw }) => raw).length >= 7);
    const places = [platform.data, ...(postgresql ? [postgresql.folder] : [])];
    const search = (paths) => {
        postgresql?.query('checkpoint');
        return search_canaries(canary_search, platform.data, canaries, paths);
    };
    // What every recipient has got so far, the mails as somebody reads them.
    const at_recipients = () => ({
        [ANALYTICS]: canaries_in(JSON.stringify(lrs.received), named),
        'support/mail': canaries_in(mail.received.map(({ subject, text }) => `${subject}\n${text}`).join('\n'), named),
        [EMBED]: canaries_in(JSON.stringify(video.received), named),
    });
    // A letter that ends a contract is a question to the help desk, with all that stands in it.
    const letter_holds = ['name', 'email', 'reason'];
    const written = Object.keys(named).filter(
        (name) => /^(subject|message)/.test(name) || letter_holds.includes(name),
    );
    const handed_over = { [ANALYTICS]: [], 'support/mail': written, [EMBED]: [] };
    assert.deepEqual(at_recipients(), handed_over);
    const backup = copy_without_keys(platform.data);
    assert.deepEqual([...new Set(search(places).map(({ text }) => text))].sort(), [...canaries].sort());
    if (!postgresql) {
        assert.deepEqual([...new Set(search([backup.folder]).map(({ text }) => text))].sort(), [...canaries].sort());
    }

    const entered = JSON.parse(
        await run('requests', 'enter', '--learner', learner.email, '--kind', 'erasure', '--at-once', '--json'),
    );
    const parts = async () => {
        const open = JSON.parse(await run('requests', 'list', '--json', '--reason', 'the daily work'));
        return open.find(({ id }) => id === entered.id)?.parts ?? [];
    };
    await wait_for('an answer of every recipient', async () => {
        const waiting = await parts();
        return waiting.length > 0 && waiting.every(({ status }) => status !== 'pending' && status !== 'in_progress');
    });
    const told = await parts();
    assert.deepEqual(told.map(({ plugin }) => plugin).sort(), ['', ANALYTICS, 'support/mail', EMBED].sort());
    assert.equal(told[0].status, 'retained', 'a paid order has to be kept');
    await visit(entered.status_path, 'request-by-hand');
    const signed_out = await page.goto(`${platform.url}/account`);
    assert.match(signed_out.url(), /\/sign-in/);

    // None of these services can erase by itself: somebody of the staff sees to it, and says so.
    for (const { plugin, status, outcome } of told.slice(1)) {
        assert.equal(status, 'manual', `${plugin}: ${outcome}`);
        await run('requests', 'confirm', '--request', entered.id, '--plugin', plugin, '--evidence', 'done on 1 December');
    }
    await wait_for('the end', async () => (await parts()).length === 0);
    await visit(entered.status_path, 'request-done');
    assert.match(await page.locator('main').innerText(), /Die Löschung ist abgeschlossen/);
    await run('ledger', 'verify');

    // Afterwards: nowhere, but for the voucher of a paid order and the letter that ended the contract, which the law
    // demands to keep, each under a key of its own.
    const memory = mkdtempSync(join(tmpdir(), 'calyptenora-memory-'));
    assert.ok(dump_workers(platform.pid, memory) > 0, 'no plugin runs');
    const left = search([...places, backup.folder, memory]);
    const kept = [named.name, named.new_name, named.email, named.reason];
    const elsewhere = left.filter(({ text, how }) => ['clear', 'system'].includes(how) || !kept.includes(text));
    assert.deepEqual(elsewhere, []);
    assert.deepEqual([...new Set(left.map(({ text }) => text))].sort(), kept.sort(), 'the voucher and the letter');
    assert.deepEqual(canaries_in(platform.output(), named), [], 'the log');
    // Nobody else has got any of it, and who has is named in the request, with what has to be done there by hand.
    assert.deepEqual(at_recipients(), handed_over);
    backup.remove();
    rmSync(memory, { recursive: true, force: true });
    const nobody = await platform.run(['requests', 'enter', '--learner', learner.email, '--kind', 'access']);
    assert.match(nobody.stderr, /no learner has/);
});

test('wrong passwords at the third parties: the learner’s pages work, nothing is taken', async () => {
    platform = await demonstration.restart({
        program,
        config,
        sections: { mail: '' },
        env: { CALYPTENORA_DEMO_LRS_PASSWORD: 'wrong', CALYPTENORA_DEMO_SMTP_PASSWORD: 'wrong' },
    });
    await page.context().clearCookies();
    const mails = mail.received.length;
    const first_attempt = lrs.received.length;

    await visit('/register');
    await fill_registration(page, learner);
    await press(page.locator('form[action="/register"] button'));
    const course = await find_course('form[action$="/enrol"]');
    await press(page.locator('form[action$="/enrol"] button'));
    await visit(course);
    await allow(ANALYTICS);
    await complete_lesson(lessons[0]);
    // What has just arrived has no answer yet.
    const answers = () => lrs.received.slice(first_attempt).flatMap(({ answer }) => answer ?? []);
    await wait_for('an attempt', () => answers().length > 0);
    assert.deepEqual([...new Set(answers())], [401]);

    await visit('/support');
    await page.fill('#subject', 'Frage');
    await page.fill('#message', 'Kommt das an?');
    await press(page.locator('form[action="/support"] button'));
    await wait_for('a refused login', () => mail.refused_logins.length > 0);
    await look('case-not-delivered');
    assert.equal(mail.received.length, mails);
});
