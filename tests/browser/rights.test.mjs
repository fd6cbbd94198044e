// Every right that a person has over their data, used in a real browser, in both languages, with recipients as they
// are: a learning record store and a mail server that no program can ask, and registers (tests/peers/register.mjs) of
// which one does at once what it is asked for, one cannot be reached for a while, one answers nonsense for a while,
// one has to keep what it has, and one gets what it gets without consent, on the ground of legitimate interests. The
// platform's own letters, which say that there is news, go to the same mail server.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { start_register } from '../peers/register.mjs';
import { read_zip } from './harness/archive.mjs';
import { open_browser } from './harness/browser.mjs';
import { wait_for } from './harness/child.mjs';
import { start_demonstration } from './harness/demonstration.mjs';
import { lay_out_site } from './harness/site.mjs';
import { fill_registration, make_visitor } from './harness/visitor.mjs';

const {
    CALYPTENORA_PROGRAM: program,
    CALYPTENORA_CONFIG: config,
    CALYPTENORA_SCREENSHOTS: screenshots,
    CALYPTENORA_TEST_PLUGINS: plugins,
} = process.env;

const REGISTERS = ['steady', 'down', 'nonsense', 'retained', 'interest'];
const instance_of = (register) => `analytics/register@${register}`;
const company_of = (register) => `Register ${register} GmbH`;
const LRS = 'Lernanalyse Beispiel GmbH';
const HELP_DESK = 'Antwortwerk Beispiel GmbH';
const LETTER_CARRIER = 'Postwerk Beispiel GmbH';
const registers = {};
let demonstration, lrs, mail, site, platform;

/** The demonstration's plugins and, as operators write them, five recipients of one more. */
function plugins_section(yaml) {
    const own = /^plugins:\n(?:[ \n#].*\n?|\n)*/m.exec(yaml)[0];
    const more = REGISTERS.map(
        (name) => `
  ${instance_of(name)}:
    recipient:
      legal_name: ${company_of(name)}
      address: Musterweg 2, 10115 Berlin
      country: DE
      role: processor
      privacy_policy: https://register.example/${name}
      contract: {reference: AVV-${name}, date: 2026-04-01}
    purposes:
      analytics.reporting.content_performance:
        fields: {user.name: true, user.education.progress: true}
        ${name === 'interest' ? '' : 'legal_basis: consent'}
      essential.legal_obligation:
        fields: {user.name: true}
    settings: {endpoint: "${registers[name].url}"}
`,
    );
    return own.trimEnd() + more.join('');
}

before(async () => {
    for (const name of REGISTERS) registers[name] = await start_register();
    const hosts = Object.values(registers).map(({ url }) => new URL(url).host);
    const yaml = readFileSync(config, 'utf8');
    const egress = /^egress:\n(?:[ #].*\n)*/m.exec(yaml)[0];
    site = lay_out_site(program, plugins);
    demonstration = await start_demonstration({
        program: site.program,
        config,
        sections: {
            egress: egress.replace('allow_private:\n', `allow_private:\n${hosts.map((host) => `    - ${host}\n`).join('')}`),
            plugins: plugins_section(yaml),
        },
    });
    ({ lrs, mail, platform } = demonstration);
});
after(async () => {
    await demonstration?.stop();
    site?.remove();
    await Promise.all(Object.values(registers).map((one) => one.stop()));
});

async function run(...words) {
    const { code, stdout, stderr } = await platform.run(words);
    assert.equal(code, 0, stderr);
    return stdout;
}
const behave = (manners) =>
    Promise.all(Object.entries(registers).map(([name, register]) => register.behave(manners[name] ?? 'well')));
const at_their_worst = { down: 'down', nonsense: 'nonsense', retained: 'retained' };

const people = [
    {
        language: 'de-DE',
        name: 'Rosa Rechtmann',
        new_name: 'Rosa Rechtmann-Meyer',
        email: 'rosa@rights.example',
        to_confirm: 'Lernwerk Beispielstadt: Bitte bestätige deine Adresse',
        letter: 'Lernwerk Beispielstadt: Neues zu deinem Anliegen',
        download: /^meine-daten-\d{4}-\d\d-\d\d\.zip$/,
        kept_until: 'Aufbewahrt bis 31. Dezember 2034, weil ein Gesetz es verlangt.',
    },
    {
        language: 'en-GB',
        name: 'Robin Wright',
        new_name: 'Robin Wright-Myers',
        email: 'robin@rights.example',
        to_confirm: 'Lernwerk Beispielstadt: please confirm your address',
        letter: 'Lernwerk Beispielstadt: news about your request',
        download: /^my-data-\d{4}-\d\d-\d\d\.zip$/,
        kept_until: 'Kept until 31 December 2034, since a law demands it.',
    },
];
const password = 'korrekt Pferd Batterie Heftklammer';

for (const person of people) {
    const short = person.language.slice(0, 2);
    const texts = JSON.parse(readFileSync(new URL(`../../core/web/texts/${short}.json`, import.meta.url), 'utf8'));
    const text_of = (group, key) => texts[group][key].du ?? texts[group][key];
    const status = (key) => text_of('request_status', key);
    let browser, page, lessons, look, visit, press;

    const complete_lesson = async () => {
        await visit(lessons.shift());
        await press('form[action$="/complete"] button');
    };
    /** What a register has of this person. */
    const entry = (register) =>
        [...registers[register].people.values()].find(({ name }) => [person.name, person.new_name].includes(name));
    const lessons_at = (register) => entry(register)?.lessons.length ?? 0;
    /** How the page says that a request stands with everybody concerned: {who: status}. */
    const parts = async (kind, path = '/account/data') => {
        await visit(path);
        const panel = page.locator('.panel', { has: page.locator(`h2:text-is("${text_of('request_kind', kind)}")`) }).first();
        return Object.fromEntries(
            await panel.locator('li').evaluateAll((rows) =>
                rows.map((row) => [row.querySelector('strong').innerText, row.querySelector('.tag').innerText]),
            ),
        );
    };
    const becomes = (what, kind, wanted, path) =>
        wait_for(what, async () => {
            const now = await parts(kind, path);
            return Object.entries(wanted).every(([who, how]) => now[who] === status(how));
        }, { seconds: 60 });

    test(`${short}: somebody of whom seven recipients know`, async () => {
        await behave({});
        browser = await open_browser({ screenshots, language: person.language });
        ({ page, look, visit, press } = make_visitor({ browser, url: platform.url, prefix: `rights-${short}` }));
        await visit('/');
        assert.equal(await page.locator('html').getAttribute('lang'), short);
        await press('[data-consent-dialog] button[value="accept_all"]');
        await visit('/register');
        await fill_registration(page, { ...person, password });
        await press('form[action="/register"] button');
        // Letters about requests go to confirmed addresses only.
        const to_confirm = () => mail.received.find(({ to, text }) => to?.includes(person.email) && text?.includes('/confirm?token='));
        await wait_for('the link that confirms the address', () => to_confirm() !== undefined);
        await visit(/\/confirm\?token=[\w-]+/.exec(to_confirm().text)[0]);
        await press('form[action="/confirm"] button');
        // What a guest allowed is not silently the account's.
        for (const asked of ['analytics/xapi', ...REGISTERS.filter((name) => name !== 'interest').map(instance_of)]) {
            await visit('/privacy');
            await press(`[data-recipient-row="${asked}"] button[value="allow"]`);
        }

        await visit('/');
        const hrefs = await page.locator('a[href*="/courses/"]').evaluateAll((all) => all.map((one) => new URL(one.href).pathname));
        for (const course of hrefs.filter((path) => /^\/courses\/[^/]+$/.test(path))) {
            await visit(course);
            if ((await page.locator('form[action$="/enrol"]').count()) === 0) continue;
            await press('form[action$="/enrol"] button');
            await visit(course);
            break;
        }
        lessons = await page.locator('.syllabus a').evaluateAll((all) => all.map((one) => new URL(one.href).pathname));
        await complete_lesson();
        await visit('/support');
        await page.fill('#subject', `A question of ${person.name}`);
        await page.fill('#message', 'It does not open.');
        await press('form[action="/support"] button');
        await wait_for('everybody to know', () => REGISTERS.every((name) => lessons_at(name) === 1));
        await wait_for('the store to know', () => lrs.received.some(({ answer }) => answer === 200));
        await wait_for('the help desk to know', () => mail.received.some(({ subject }) => subject?.includes(person.name)));
    });

    test(`${short}: objection: what rests on legitimate interests stops at once, and nothing else`, async () => {
        await visit('/account/data', 'own-data');
        await press('form[action="/account/data/objection"] button');
        await look('objected');
        await becomes('the objection', 'objection', { [text_of('rights', 'we')]: 'completed' });
        await complete_lesson();
        await wait_for('a second lesson', () => ['steady', 'down', 'nonsense', 'retained'].every((name) => lessons_at(name) === 2));
        assert.equal(lessons_at('interest'), 1);
    });

    test(`${short}: rectification: told to all, also to who cannot be reached or makes no sense for a while`, async () => {
        await behave(at_their_worst);
        await visit('/account/data');
        await page.fill('#name', person.new_name);
        await press('form[action="/account/data/rectification"] button');
        await becomes('what can be done now', 'rectification', {
            [text_of('rights', 'we')]: 'completed',
            [company_of('steady')]: 'completed',
            [company_of('down')]: 'in_progress',
            [company_of('nonsense')]: 'in_progress',
            [LRS]: 'manual',
            [HELP_DESK]: 'manual',
        });
        await look('rectification-under-way');
        await visit('/account');
        assert.match(await page.locator('main').innerText(), new RegExp(person.new_name));
        assert.equal(entry('steady').name, person.new_name);
        assert.equal(entry('down').name, person.name);
        const listed = await run('requests', 'list', '--reason', 'the daily work');
        assert.match(listed, /analytics\/register@nonsense.*not a JSON document/s);

        await behave({});
        await becomes('all of it', 'rectification', Object.fromEntries(REGISTERS.map((name) => [company_of(name), 'completed'])));
        for (const name of REGISTERS) assert.equal(entry(name).name, person.new_name, name);
    });

    test(`${short}: restriction: nothing is used until it is lifted, and the recipients lock what they have`, async () => {
        await visit('/account/data');
        await press('form[action="/account/data/restriction"] button');
        await visit('/account/data', 'restricted');
        await becomes('the recipients', 'restriction', Object.fromEntries(REGISTERS.map((name) => [company_of(name), 'completed'])));
        for (const name of REGISTERS) assert.equal(entry(name).restricted, true, name);
        const known = lessons_at('steady');
        await complete_lesson();
        await visit('/account/data');
        await press('form[action="/account/data/lift"] button');
        const [next] = lessons;
        await complete_lesson();
        await wait_for('what is allowed again', () => lessons_at('steady') > known);
        assert.ok(next.endsWith(entry('steady').lessons[known]), `${next} is not ${entry('steady').lessons[known]}`);
    });

    test(`${short}: access: a copy with what each recipient has, made anew when the missing ones answer`, async () => {
        await behave(at_their_worst);
        await visit('/account/data');
        const form = 'form[action="/account/data/access"]';
        await page.fill(`${form} input[name="password"]`, password);
        await press(`${form} button`);
        const status_page = new URL(page.url()).pathname;
        const copy = page.locator('form[action="/account/data/copy"]');
        const fetch_copy = async () => {
            await copy.locator('input[name="password"]').fill(password);
            const [download] = await Promise.all([page.waitForEvent('download'), copy.locator('button').click()]);
            assert.match(download.suggestedFilename(), person.download);
            const { records, recipients } = JSON.parse((await read_zip(await download.path()))['data.json']);
            assert.equal(records.account[0].display_name, person.new_name);
            return Object.fromEntries(recipients.map(({ instance, outcome }) => [instance, outcome && Object.entries(outcome)[0]]));
        };
        await becomes('the ones that answer', 'access', { [company_of('steady')]: 'completed', [LRS]: 'manual' }, status_page);
        await wait_for('a first copy', async () => {
            await visit(status_page);
            return (await copy.count()) === 1;
        }, { seconds: 60 });
        assert.match(await page.locator('.panel').innerText(), new RegExp(text_of('rights', 'copy_incomplete')));
        await look('copy-incomplete');
        const first = await fetch_copy();
        const [kind, answer] = first[instance_of('steady')];
        assert.equal(kind, 'done');
        assert.equal(JSON.parse(answer.evidence).name, person.new_name);
        for (const name of ['down', 'nonsense']) assert.equal(first[instance_of(name)] ?? null, null, name);

        await behave({});
        await becomes('the others', 'access', { [company_of('down')]: 'completed', [company_of('nonsense')]: 'completed' }, status_page);
        await wait_for('the copy that holds them', async () => {
            await visit(status_page);
            if ((await copy.count()) === 0) return false;
            const answers = await fetch_copy();
            return ['down', 'nonsense'].every((name) => answers[instance_of(name)]?.[0] === 'done');
        }, { seconds: 60 });
    });

    test(`${short}: a letter says that there is news, and nothing else`, async () => {
        const letters = () => mail.received.filter(({ to, subject }) => to?.includes(person.email) && subject !== person.to_confirm);
        await wait_for('the letters', () => letters().length > 0);
        for (const { subject, text, raw } of letters()) {
            assert.equal(subject, person.letter);
            assert.match(text, /\/account\/data\b/);
            for (const word of [person.name, person.new_name, 'Register', text_of('request_kind', 'access')]) {
                assert.ok(!raw.includes(word), `${word} in ${raw}`);
            }
        }
        await visit('/account/data/record');
        assert.match(await page.locator('main').innerText(), new RegExp(LETTER_CARRIER));
    });

    test(`${short}: erasure: by everybody, but for what a law keeps`, async () => {
        await behave(at_their_worst);
        await visit('/account/data');
        await page.fill('#password', password);
        await press('form[action="/account/data/erasure"] button');
        await look('erasure-begins-later');
        await press('form[action$="/take-back"] button');
        const { id, status_path } = JSON.parse(
            await run('requests', 'enter', '--learner', person.email, '--kind', 'erasure', '--at-once', '--json'),
        );
        const others = {
            [LRS]: 'manual',
            [HELP_DESK]: 'manual',
            [LETTER_CARRIER]: 'manual',
            [company_of('steady')]: 'completed',
            [company_of('retained')]: 'retained',
        };
        await becomes('what can be done now', 'erasure', {
            [text_of('rights', 'we')]: 'completed',
            ...others,
            [company_of('down')]: 'in_progress',
            [company_of('nonsense')]: 'in_progress',
        }, status_path);
        await look('erasure-under-way');
        assert.match(await page.locator('.panel').innerText(), new RegExp(person.kept_until));
        assert.equal((await page.goto(`${platform.url}/account`)).url().includes('/sign-in'), true);
        assert.equal(entry('steady'), undefined);
        assert.notEqual(entry('down'), undefined);

        await behave({ retained: 'retained' });
        await becomes('the others', 'erasure', { ...others, [company_of('down')]: 'completed', [company_of('nonsense')]: 'completed' }, status_path);
        for (const plugin of ['analytics/xapi', 'support/mail', 'core/mail']) {
            await run('requests', 'confirm', '--request', id, '--plugin', plugin, '--evidence', 'deleted there on 1 December');
        }
        await wait_for('the closing letter', async () => {
            await visit(status_path);
            return (await page.locator('main').innerText()).includes(text_of('rights', 'erased'));
        });
        await look('erasure-done');
        const left = REGISTERS.filter((name) => entry(name));
        assert.deepEqual(left, ['retained']);
        await run('ledger', 'verify');
        // A browser calls pages that ask for a correction problems; there were none.
        assert.deepEqual(browser.problems, []);
        await browser.close();
    });
}
