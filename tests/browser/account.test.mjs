// A learner from the opening of the account over its first lesson to its recovery, in a real browser with a real mail
// server: in German on a desktop, in English on a phone, and in German without JavaScript, where all of it has to work as
// well. Each page is looked at as axe does, in the light and in the dark.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { open_browser } from './harness/browser.mjs';
import { wait_for } from './harness/child.mjs';
import { start_demonstration } from './harness/demonstration.mjs';
import { fill_registration, make_visitor } from './harness/visitor.mjs';

const { CALYPTENORA_PROGRAM: program, CALYPTENORA_CONFIG: config, CALYPTENORA_SCREENSHOTS: screenshots } = process.env;
let demonstration, mail, platform;

before(async () => {
    demonstration = await start_demonstration({ program, config });
    ({ mail, platform } = demonstration);
});
after(async () => {
    await demonstration?.stop();
});

const passwords = ['korrekt Pferd Batterie Heftklammer', 'sieben Esel rudern heim', 'vier Igel lesen nachts', 'elf Wale singen leise'];

const german = {
    confirm: 'Lernwerk Beispielstadt: Bitte bestätige deine Adresse',
    reset: 'Lernwerk Beispielstadt: Neues Passwort wählen',
    changed: 'Lernwerk Beispielstadt: Dein Passwort wurde geändert',
    confirm_news: 'Lernwerk Beispielstadt: Bitte bestätige deine Bestellung',
};
const folder = mkdtempSync(join(tmpdir(), 'calyptenora-account-'));
const notice = join(folder, 'notice.txt');
writeFileSync(notice, '6:00 - 7:00\n\nOK?\n');
after(() => rmSync(folder, { recursive: true }));
const course = '/courses/karten-lesen';
const phone = { width: 390, height: 844 };
const people = [
    {
        label: 'de',
        short: 'de',
        name: 'Ada Lernfeld',
        email: 'ada@account.example',
        device: { language: 'de-DE', scripts: true },
        subjects: german,
    },
    {
        label: 'de-no-script',
        short: 'de',
        name: 'Cem Ohneskript',
        email: 'cem@account.example',
        device: { language: 'de-DE', scripts: false, viewport: phone },
        subjects: german,
    },
    {
        label: 'en-phone',
        short: 'en',
        name: 'Ben Fielding',
        email: 'ben@account.example',
        device: { language: 'en-GB', scripts: true, viewport: phone },
        subjects: {
            confirm: 'Lernwerk Beispielstadt: please confirm your address',
            reset: 'Lernwerk Beispielstadt: choose a new password',
            changed: 'Lernwerk Beispielstadt: your password was changed',
            confirm_news: 'Lernwerk Beispielstadt: please confirm your subscription',
        },
    },
];

for (const { label, short, name, email, device, subjects } of people) {
    const texts = JSON.parse(readFileSync(new URL(`../../core/web/texts/${short}.json`, import.meta.url), 'utf8'));
    const text_of = (group, key) => texts[group][key].du ?? texts[group][key];
    let browser, second, me, elsewhere;

    /** The path of the link in the newest letter with this subject; each is read once. */
    const read = new Set();
    const link_from = async (subject, path) => {
        const letter = () => mail.received.find((one) => one.text && one.to?.includes(email) && one.subject === subject && !read.has(one));
        await wait_for(`the letter "${subject}"`, () => letter() !== undefined, { seconds: 30 });
        const found = letter();
        read.add(found);
        const link = new RegExp(`(${path}\\?token=[\\w-]+)`).exec(found.text);
        assert.ok(link, found.text);
        return link[1];
    };
    const sign_in = async (visitor, password, status = 200) => {
        await visitor.visit('/sign-in');
        // Whoever was signed out is a new visitor and asked anew.
        const refuse = '[data-consent-dialog] button[value="refuse_all"]';
        if ((await visitor.page.locator(refuse).count()) > 0) {
            await visitor.press(refuse);
            await visitor.visit('/sign-in');
        }
        await visitor.page.fill('#email', email);
        await visitor.page.fill('#password', password);
        await visitor.press('form[action="/sign-in"] button', status);
    };
    const main = (visitor) => visitor.page.locator('main').innerText();
    const is_signed_in = async (visitor) => {
        await visitor.page.goto(`${platform.url}/account`);
        return new URL(visitor.page.url()).pathname === '/account';
    };

    test(`${label}: an account is opened and its address confirmed from another device`, async () => {
        [browser, second] = await Promise.all([open_browser({ screenshots, ...device }), open_browser({ screenshots, ...device })]);
        me = make_visitor({ browser, url: platform.url, prefix: `account-${label}` });
        elsewhere = make_visitor({ browser: second, url: platform.url, prefix: `account-${label}-elsewhere` });
        for (const visitor of [me, elsewhere]) {
            await visitor.visit('/');
            await visitor.press('[data-consent-dialog] button[value="refuse_all"]');
        }
        await me.visit('/register', 'register');
        await fill_registration(me.page, { name, email, password: passwords[0] });
        await me.page.uncheck('input[name="terms"]');
        await me.press('form[action="/register"] button', 422);
        await me.look('register-without-terms');
        await fill_registration(me.page, { name, email, password: passwords[0] });
        await me.press('form[action="/register"] button');
        await me.visit('/terms', 'terms');
        await me.visit('/account', 'unconfirmed');
        assert.ok((await main(me)).includes(text_of('account', 'unconfirmed')));

        await elsewhere.visit(await link_from(subjects.confirm, '/confirm'), 'confirm');
        await elsewhere.press('form[action="/confirm"] button');
        await elsewhere.look('confirmed');
        await me.visit('/account', 'account');
        assert.ok(!(await main(me)).includes(text_of('account', 'unconfirmed')));
    });

    test(`${label}: a profile holds on every device`, async () => {
        await me.visit('/account/profile', 'profile');
        await me.page.selectOption('#time_zone', 'America/Lima');
        await me.page.check('input[name="theme"][value="dark"]');
        await me.page.check('input[name="text_size"][value="largest"]');
        await me.page.fill('#education', 'Zwei Jahre Physik');
        await me.press('form[action="/account/profile"] button');
        await me.look('profile-dark');
        await sign_in(elsewhere, passwords[0]);
        for (const path of ['/', '/account', '/account/security', '/account/profile', '/notifications', '/privacy', '/account/data', '/support']) {
            await elsewhere.visit(path, `dark${path.replaceAll('/', '-')}`);
            const width = await elsewhere.page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
            assert.ok(width[0] <= width[1], `${path} scrolls sideways with large text: ${width}`);
        }
        assert.deepEqual(
            await elsewhere.page.locator('html').evaluate((html) => [html.dataset.theme, html.dataset.textSize, getComputedStyle(html).colorScheme]),
            ['dark', 'largest', 'dark'],
        );
    });

    test(`${label}: a course is found and taken up, and goes on at another device where it was left`, async () => {
        await me.visit('/', 'home');
        await me.page.fill('#q', 'Höhenlinien');
        await me.press('form[role="search"] button');
        await me.look('found');
        await me.press('.card a');
        assert.equal(new URL(me.page.url()).pathname, course);
        await me.look('course');
        await me.press('form[action$="/enrol"] button');
        await me.look('enrolled');
        await me.press('.syllabus a');
        await me.look('lesson');
        await me.press('form[action$="/complete"] button');
        await me.press('.pager__next');
        const lesson = new URL(me.page.url()).pathname;
        if (device.scripts) {
            const kept = me.page.waitForResponse(/\/progress\/place$/);
            await me.page.locator('.prose h2').last().evaluate((heading) => heading.scrollIntoView({ behavior: 'instant' }));
            await me.page.mouse.wheel(0, 1);
            await kept;
        }
        await elsewhere.visit('/', 'go-on');
        await elsewhere.press('.resume .button');
        assert.equal(new URL(elsewhere.page.url()).pathname, lesson);
        if (device.scripts) assert.ok((await elsewhere.page.evaluate(() => window.scrollY)) > 100, 'it opens at its beginning');
        await elsewhere.look('lesson-gone-on');
    });

    test(`${label}: a note is kept, changed and thrown away`, async () => {
        const written = 'Höhenlinien: 20 m <em>Abstand</em>';
        await elsewhere.page.locator('.lesson__notes summary').click();
        await elsewhere.page.fill('#note-words', written);
        await elsewhere.press('form[action$="/notes"] button');
        assert.ok((await elsewhere.page.locator('.lesson__notes').innerText()).includes(written));
        await elsewhere.look('lesson-noted');
        await me.visit('/notes', 'notes');
        assert.ok((await main(me)).includes(written));
        await me.page.locator('main .note summary').click();
        await me.page.fill('main .note textarea', 'Abstand: 25 m');
        await me.press('main .note button[value="keep"]');
        await me.look('note-changed');
        assert.ok((await main(me)).includes('Abstand: 25 m'));
        await me.page.locator('main .note summary').click();
        await me.press('main .note button[value="delete"]');
        await me.look('notes-none');
        assert.equal(await me.page.locator('main .note').count(), 0);
    });

    test(`${label}: an announcement awaits, comes by mail, and is read`, async () => {
        const told = await platform.run([
            ...['announcement', 'add', '--days', '1', '--json'],
            ...['--title-de', `Wartung (${label})`, '--text-de', notice, '--title-en', `Maintenance (${label})`, '--text-en', notice],
        ]);
        assert.equal(told.code, 0, told.stderr);
        const announcement = `[id="${JSON.parse(told.stdout).id}"]`;
        const arrived = () => mail.received.some((one) => one.text && one.to?.includes(email) && one.subject.endsWith(`(${label})`));
        await wait_for('the letter about it', arrived, { seconds: 30 });
        await me.visit('/account', 'awaiting');
        const awaiting = async () => Number((await me.page.locator('.menu summary .count').allInnerTexts())[0] ?? 0);
        const before_reading = await awaiting();
        assert.ok(before_reading > 0);
        await me.visit('/notifications', 'notifications');
        await me.press(`${announcement} button`);
        assert.equal(await awaiting(), before_reading - 1);
        assert.ok((await me.page.locator(announcement).innerText()).includes('6'));
        await me.page.uncheck('input[name="announcements"]');
        await me.press('form[action="/notifications/mail"] button');
        await me.look('notifications-read');
        assert.equal(await me.page.isChecked('input[name="announcements"]'), false);
    });

    test(`${label}: news are ordered, confirmed by mail, and ended from one of them`, async () => {
        await me.press('form[action="/notifications/news"] button');
        await me.look('news-asked');
        await elsewhere.visit(await link_from(subjects.confirm_news, '/news/confirm'), 'news-confirm');
        await elsewhere.press('form[action="/news/confirm"] button');
        await elsewhere.look('news-confirmed');
        await me.visit('/notifications', 'news-subscribed');
        assert.equal(await me.page.locator('form[action="/notifications/news"] button[value="end"]').count(), 1);
        await me.visit('/privacy', 'privacy-news');
        const title = `News (${label})`;
        const told = await platform.run([...['announcement', 'add', '--news', '--title-de', title, '--text-de', notice], ...['--title-en', title, '--text-en', notice]]);
        assert.equal(told.code, 0, told.stderr);
        await elsewhere.visit(await link_from(`Lernwerk Beispielstadt: ${title}`, '/unsubscribe'), 'unsubscribe');
        await elsewhere.press('form[action="/unsubscribe"] button');
        await elsewhere.look('unsubscribed');
        await me.visit('/notifications');
        assert.equal(await me.page.locator('form[action="/notifications/news"] button[value="ask"]').count(), 1);
    });

    test(`${label}: a device is signed out from another one`, async () => {
        await me.visit('/account/security', 'security');
        assert.equal(await me.page.locator('form[action="/account/security/sessions/end"]').count(), 1);
        await me.press('form[action="/account/security/sessions/end"] button');
        assert.equal(await is_signed_in(elsewhere), false);
        assert.equal(await is_signed_in(me), true);
    });

    test(`${label}: a changed password signs out everybody else`, async () => {
        await sign_in(elsewhere, passwords[0]);
        await me.visit('/account/security');
        await me.page.locator('#password-title + details summary').click();
        await me.page.fill('#password', 'not the password');
        await me.page.fill('#new_password', passwords[1]);
        await me.press('form[action="/account/security/password"] button', 422);
        await me.look('wrong-password');
        await me.page.fill('#password', passwords[0]);
        await me.page.fill('#new_password', passwords[1]);
        await me.press('form[action="/account/security/password"] button');
        await me.look('password-changed');
        assert.equal(await is_signed_in(elsewhere), false);
        await link_from(subjects.changed, '/not-me');
    });

    test(`${label}: a forgotten password is replaced by a link`, async () => {
        await elsewhere.visit('/');
        await elsewhere.press('[data-consent-dialog] button[value="refuse_all"]');
        await elsewhere.visit('/sign-in');
        await elsewhere.page.locator('a[href="/forgotten-password"]').click();
        await elsewhere.look('forgotten');
        await elsewhere.page.fill('#email', email);
        await elsewhere.press('form[action="/forgotten-password"] button');
        await elsewhere.look('forgotten-sent');
        const link = await link_from(subjects.reset, '/reset-password');
        await elsewhere.visit(link, 'reset');
        await elsewhere.page.fill('#password', 'short');
        await elsewhere.press('form[action="/reset-password"] button', 422);
        await elsewhere.look('reset-short');
        await elsewhere.page.fill('#password', passwords[2]);
        await elsewhere.press('form[action="/reset-password"] button');
        await elsewhere.look('sign-in-again');
        assert.equal(await is_signed_in(me), false);
        assert.equal((await elsewhere.page.goto(platform.url + link)).status(), 410);
        await elsewhere.look('link-expired');
        await sign_in(elsewhere, passwords[1], 422);
        await sign_in(elsewhere, passwords[2]);
    });

    test(`${label}: whoever it was not locks the account`, async () => {
        await me.visit(await link_from(subjects.changed, '/not-me'), 'not-me');
        await me.press('form[action="/not-me"] button');
        await me.look('locked');
        assert.equal(await is_signed_in(elsewhere), false);
        await sign_in(elsewhere, passwords[2], 422);
        await me.page.fill('#password', passwords[3]);
        await me.press('form[action="/reset-password"] button');
        await sign_in(me, passwords[3]);
    });

    test(`${label}: signed out everywhere`, async () => {
        await sign_in(elsewhere, passwords[3]);
        await me.visit('/account/security');
        await me.press('form[action="/account/security/sessions/end-others"] button');
        assert.equal(await is_signed_in(elsewhere), false);
        await me.page.locator('.menu summary').click();
        await me.look('menu');
        const menu = await me.page.locator('.menu ul').boundingBox();
        assert.ok(menu.x >= 0 && menu.x + menu.width <= me.page.viewportSize().width, `the menu is outside: ${JSON.stringify(menu)}`);
        await me.press('form[action="/sign-out"] button');
        await me.look('signed-out');
        assert.equal(await is_signed_in(me), false);
    });

    test(`${label}: nothing else was asked for and nothing broke`, async () => {
        assert.deepEqual(browser.origins_but(platform.url), []);
        assert.deepEqual(browser.problems.filter((problem) => !/status of (410|422)/.test(problem)), []);
        await Promise.all([browser.close(), second.close()]);
    });
}
