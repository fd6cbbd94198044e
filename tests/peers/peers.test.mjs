// The peers judge everything that the platform sends, so each is first shown to be able to say no.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import net from 'node:net';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { load_dependency } from './dependencies.mjs';
import { start_lrs } from './lrs.mjs';
import { now_us } from './loopback_server.mjs';
import { start_mail_sink } from './mail_sink.mjs';
import { start_video_origin } from './video_origin.mjs';

const { createTransport } = load_dependency('nodemailer');
const post_json = (url, object) => fetch(url, { method: 'POST', body: JSON.stringify(object) });

describe('learning record store', () => {
    let lrs;
    before(async () => (lrs = await start_lrs({ username: 'u', password: 'right' })));
    after(() => lrs.stop());

    const statement = (id) => ({
        id,
        actor: { account: { homePage: 'https://learn.example', name: 'pseudonym' } },
        verb: { id: 'http://adlnet.gov/expapi/verbs/completed', display: { en: 'completed' } },
        object: { id: 'https://learn.example/lessons/1' },
    });
    const send = (body, password = 'right', path = '/statements', headers = {}) =>
        fetch(lrs.addresses.url + path, {
            method: 'POST',
            headers: {
                authorization: `Basic ${btoa(`u:${password}`)}`,
                'content-type': 'application/json',
                'x-experience-api-version': '1.0.3',
                ...headers,
            },
            body: JSON.stringify(body),
        });
    const id = '0192f3d1-0000-7000-8000-000000000001';

    test('takes a valid statement and records the raw request', async () => {
        const sent_at = now_us();
        const response = await send([statement(id)]);
        assert.equal(response.status, 200);
        assert.deepEqual(await response.json(), [id]);
        const entry = lrs.received.at(-1);
        assert.equal(entry.body, JSON.stringify([statement(id)]));
        assert.equal(entry.complete, true);
        assert.ok(entry.first_byte_at >= sent_at && entry.first_byte_at <= now_us());
        const stored = await fetch(`${lrs.addresses.url}/statements?statementId=${id}`, {
            headers: { authorization: `Basic ${btoa('u:right')}`, 'x-experience-api-version': '1.0.3' },
        });
        assert.equal((await stored.json()).actor.account.name, 'pseudonym');
    });
    test('refuses an invalid statement', async () => {
        assert.equal((await send([{ ...statement(id), verb: 'completed' }])).status, 400);
    });
    test('refuses a request without a version', async () => {
        const response = await fetch(`${lrs.addresses.url}/statements`, {
            method: 'POST',
            headers: { authorization: `Basic ${btoa('u:right')}`, 'content-type': 'application/json' },
            body: JSON.stringify([statement(id)]),
        });
        assert.equal(response.status, 400);
    });
    test('refuses a wrong password, and records that too', async () => {
        const before_it = lrs.received.length;
        assert.equal((await send([statement(id)], 'wrong')).status, 401);
        assert.equal(lrs.received.length, before_it + 1);
        assert.equal(lrs.received.at(-1).answer, 401);
    });
    test('refuses a known id with another content', async () => {
        const other = { ...statement(id), object: { id: 'https://learn.example/lessons/2' } };
        assert.equal((await send([other])).status, 409);
    });
    test('answers as told, as often as told', async () => {
        await post_json(`${lrs.addresses.page}/__control`, { answer: 503, retry_after: 7, times: 2 });
        const first = await send([statement(id)]);
        assert.deepEqual([first.status, first.headers.get('retry-after')], [503, '7']);
        assert.equal((await send([statement(id)])).status, 503);
        assert.equal((await send([statement(id)])).status, 200);
    });
    test('loses an answer after the statement has been stored', async () => {
        const lost = '0192f3d1-0000-7000-8000-000000000002';
        await lrs.control({ lose_answer: true });
        await assert.rejects(send([statement(lost)]));
        assert.deepEqual(JSON.parse(lrs.received.at(-1).answer_body), [lost]);
    });
    test('delays', async () => {
        await lrs.control({ delay_ms: 300 });
        const started = Date.now();
        assert.equal((await send([statement(id)])).status, 200);
        assert.ok(Date.now() - started >= 295);
        await lrs.control({ reset: true });
    });
    test('goes down and comes back on the same port', async () => {
        await lrs.control({ state: 'down' });
        await assert.rejects(send([statement(id)]));
        await lrs.control({ state: 'up' });
        assert.equal((await send([statement(id)])).status, 200);
    });
    test('notices a connection that breaks off in the middle of a header', async () => {
        const socket = net.connect(new URL(lrs.addresses.url).port, '127.0.0.1');
        await new Promise((resolve) => socket.write('POST /xAPI/statements HTTP/1.1\r\nHost: half', resolve));
        await new Promise((resolve) => setTimeout(resolve, 100));
        socket.destroy();
        await new Promise((resolve) => setTimeout(resolve, 100));
        assert.match(lrs.received.at(-1).partial, /^POST .*half$/s);
    });
    test('shows people what arrived', async () => {
        const page = await (await fetch(lrs.addresses.page)).text();
        assert.match(page, /1 statement: completed/);
        assert.match(page, /&#34;pseudonym&#34;/);
        const list = await (await fetch(`${lrs.addresses.page}/__received`)).json();
        assert.equal(list.length, lrs.received.length);
        assert.equal((await post_json(`${lrs.addresses.page}/__control`, { nonsense: 1 })).status, 400);
    });
});

describe('mail server', () => {
    let sink;
    before(async () => (sink = await start_mail_sink({ username: 'u', password: 'right' })));
    after(() => sink.stop());

    const client = (changes = {}) =>
        createTransport({
            host: 'localhost',
            port: sink.addresses.port,
            requireTLS: true,
            auth: { user: 'u', pass: 'right' },
            tls: { ca: readFileSync(sink.addresses.ca_file) },
            ...changes,
        });
    const mail = {
        from: 'Calyptenora <platform@learn.example>',
        to: 'help@desk.example',
        replyTo: 'u-1234@learn.example',
        subject: 'Größe der Übung',
        text: 'Die Übung ist zu groß.',
    };

    test('takes a mail over verified TLS and decodes it', async () => {
        await client().sendMail(mail);
        const [received] = sink.received;
        assert.equal(received.subject, 'Größe der Übung');
        assert.equal(received.text.trim(), 'Die Übung ist zu groß.');
        assert.deepEqual(received.reply_to, ['u-1234@learn.example']);
        assert.deepEqual(received.envelope, { from: 'platform@learn.example', to: ['help@desk.example'] });
        assert.deepEqual([received.tls, received.user], [true, 'u']);
    });
    test('refuses a wrong password', async () => {
        const attempt = client({ auth: { user: 'u', pass: 'wrong' } }).sendMail(mail);
        await assert.rejects(attempt, { responseCode: 535 });
        assert.equal(sink.refused_logins.length, 1);
        assert.equal(sink.received.length, 1);
    });
    test('refuses a sender that does not authenticate', async () => {
        await assert.rejects(client({ auth: undefined }).sendMail(mail), { responseCode: 530 });
    });
    test('refuses to authenticate without TLS', async () => {
        const attempt = client({ requireTLS: false, ignoreTLS: true, authMethod: 'PLAIN' }).sendMail(mail);
        await assert.rejects(attempt, (error) => error.responseCode === 538 || error.responseCode >= 500);
        assert.equal(sink.received.length, 1);
    });
    test('has a certificate that nobody trusts by default', async () => {
        await assert.rejects(client({ tls: {} }).sendMail(mail), /self-signed/);
    });
    test('refuses at each place, as told', async () => {
        for (const [at, code] of [['recipient', 451], ['recipient', 550], ['message', 452], ['login', 454]]) {
            await sink.control({ at, code });
            await assert.rejects(client().sendMail(mail), { responseCode: code }, `${at} ${code}`);
        }
        assert.match(sink.received.at(-1).refused, /^452/);
        await client().sendMail(mail);
        assert.equal(sink.received.at(-1).refused, undefined);
    });
    test('goes down and comes back on the same port', async () => {
        await sink.control({ state: 'down' });
        await assert.rejects(client().sendMail(mail), { code: 'ESOCKET' });
        await sink.control({ state: 'up' });
        await client().sendMail(mail);
    });
    test('shows people what arrived', async () => {
        assert.match(await (await fetch(sink.addresses.page)).text(), /Größe der Übung/);
    });
});

describe('video origin', () => {
    let origin;
    before(async () => (origin = await start_video_origin()));
    after(() => origin.stop());

    test('serves a player and logs what it was asked, with headers', async () => {
        const response = await fetch(`${origin.addresses.url}/embed/film-1`, { headers: { referer: 'http://learn.example/' } });
        assert.equal(response.status, 200);
        assert.match(response.headers.get('set-cookie'), /^visitor=/);
        assert.equal(origin.received.at(-1).headers.referer, 'http://learn.example/');
    });
    test('knows nothing else', async () => {
        assert.equal((await fetch(`${origin.addresses.url}/embed/<script>`)).status, 404);
        assert.equal(origin.received.at(-1).path, '/embed/%3Cscript%3E');
    });
});

describe('a peer as a program', () => {
    test('says where it is, and ends with its standard input', async () => {
        const program = fileURLToPath(new URL('video_origin.mjs', import.meta.url));
        const run = promisify(execFile)(process.execPath, [program], { timeout: 20_000 });
        run.child.stdin.end();
        const { stdout } = await run;
        assert.match(JSON.parse(stdout).url, /^http:\/\/127\.0\.0\.1:\d+$/);
    });
});
