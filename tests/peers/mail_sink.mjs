// A real SMTP server (smtp-server) that offers STARTTLS, insists on it and on authentication, and keeps the mail.
//
// POST /__control on the page's port takes one of
//   {"state": "down"} | {"state": "up"}
//   {"at": "recipient" | "message" | "login", "code": 451, "text": "greylisted", "times": 1}
//   {"reset": true}
import { load_dependency } from './dependencies.mjs';
import { run_if_main } from './command_line.mjs';
import { start_control_page } from './control_page.mjs';
import { now_us } from './loopback_server.mjs';
import { make_certificate } from './self_signed.mjs';

const { SMTPServer } = load_dependency('smtp-server');
const { simpleParser } = load_dependency('mailparser');

function refusal(code, text) {
    const error = new Error(text);
    error.responseCode = code;
    return error;
}

const addresses_of = (field) => [field ?? []].flat().flatMap((part) => part.value.map((one) => one.address));

async function read_message(stream) {
    const parts = [];
    for await (const part of stream) parts.push(part);
    const raw = Buffer.concat(parts);
    const mail = await simpleParser(raw);
    return {
        raw: raw.toString('utf8'),
        from: addresses_of(mail.from),
        to: addresses_of(mail.to),
        reply_to: addresses_of(mail.replyTo),
        subject: mail.subject ?? '',
        text: mail.text ?? '',
        html: mail.html || '',
        message_id: mail.messageId ?? '',
        in_reply_to: mail.inReplyTo ?? '',
        references: [mail.references ?? []].flat(),
        headers: mail.headerLines.map(({ line }) => line),
        attachments: mail.attachments.map(({ filename, contentType, size }) => ({ filename, contentType, size })),
    };
}

function describe(mail) {
    const time = new Date(mail.recipient_at / 1000).toISOString();
    if (!mail.raw) {
        return { heading: `A mail to ${mail.envelope.to} that was refused`, detail: `${time}, ${mail.refused}`, text: '' };
    }
    return {
        heading: mail.subject || '(no subject)',
        detail: `${time}, from ${mail.from} to ${mail.to}, answers to ${mail.reply_to.join(', ') || 'the sender'}`,
        text: mail.text,
    };
}

/**
 * Starts the server. `addresses` = {host, port, username, password, ca_file, page}.
 * A received mail: {envelope: {from, to}, user, tls, recipient_at (us: when it first learned a recipient), raw, from,
 * to, reply_to, subject, text, html, message_id, in_reply_to, references, headers, attachments}; one that was refused
 * after its recipient was known has `refused` instead of a content.
 */
export async function start_mail_sink({ username = 'calyptenora', password = 'smtp-secret', port = 0, page_port = 0 } = {}) {
    const certificate = await make_certificate();
    const received = [];
    const refused_logins = [];
    let fault = null;

    /** The error that the next event at `place` must be answered with, if any. */
    const fault_at = (place) => {
        if (fault?.at !== place) return null;
        const error = refusal(fault.code, fault.text ?? 'as told by the test');
        if (--fault.times <= 0) fault = null;
        return error;
    };

    const make_server = () =>
        new SMTPServer({
            key: certificate.key,
            cert: certificate.cert,
            banner: 'a mail server for trying things out',
            authMethods: ['PLAIN', 'LOGIN'],
            authOptional: false,
            allowInsecureAuth: false,
            disableReverseLookup: true,
            logger: false,
            closeTimeout: 100,
            onAuth(auth, _session, callback) {
                const error = fault_at('login');
                if (error) return callback(error);
                if (auth.username !== username || auth.password !== password) {
                    refused_logins.push({ username: auth.username, at: now_us() });
                    return callback(refusal(535, 'Authentication credentials invalid'));
                }
                callback(null, { user: username });
            },
            onMailFrom(_address, session, callback) {
                session.mail = null;
                callback();
            },
            onRcptTo(address, session, callback) {
                const mail = (session.mail ??= { envelope: { from: '', to: [] }, recipient_at: now_us() });
                mail.envelope.from = session.envelope.mailFrom.address;
                mail.envelope.to.push(address.address);
                mail.user = session.user;
                mail.tls = Boolean(session.secure);
                if (!received.includes(mail)) received.push(mail);
                const error = fault_at('recipient');
                if (error) mail.refused = `${error.responseCode} ${error.message}`;
                callback(error);
            },
            onData(stream, session, callback) {
                const mail = session.mail;
                session.mail = null;
                read_message(stream).then((content) => {
                    const error = fault_at('message');
                    // What was refused has been read all the same: a test must see that.
                    Object.assign(mail, content, error ? { refused: `${error.responseCode} ${error.message}` } : {});
                    callback(error);
                }, callback);
            },
        });

    let server = null;
    const listen = () =>
        new Promise((resolve, reject) => {
            server = make_server();
            // Once it listens, an error is one of a client that went away.
            server.on('error', reject);
            server.listen(port, '127.0.0.1', () => {
                port = server.server.address().port;
                resolve();
            });
        });
    const close = () =>
        new Promise((resolve) => {
            if (!server) return resolve();
            const closing = server;
            server = null;
            closing.close(resolve);
        });
    await listen();

    const control = async (order) => {
        if (order.state === 'down') await close();
        else if (order.state === 'up') await listen();
        else if (order.reset) fault = null;
        else if (['recipient', 'message', 'login'].includes(order.at) && order.code) fault = { times: 1, ...order };
        else throw new Error(`not understood: ${JSON.stringify(order)}`);
    };
    const page = await start_control_page(
        {
            title: 'The help desk’s mailbox',
            introduction: 'Every mail that the platform sent through this server, newest first.',
            received,
            describe,
            control,
        },
        { port: page_port },
    );
    return {
        addresses: { host: '127.0.0.1', port, username, password, ca_file: certificate.ca_file, page: page.url },
        received,
        refused_logins,
        control,
        stop: async () => {
            await close();
            await page.stop();
            await certificate.remove();
        },
    };
}

await run_if_main(import.meta.url, start_mail_sink);
