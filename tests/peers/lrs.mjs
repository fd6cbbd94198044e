// A real learning record store, @learninglocker/xapi-statements, behind a proxy of ours: the store takes any
// credentials, so the proxy checks them; and it records every request as it came.
//
// POST /__control on the control port takes one of
//   {"state": "down"} | {"state": "up"}                       refuse connections, and accept them again
//   {"answer": 503, "retry_after": 2, "times": 3}             answer so instead of asking the store
//   {"lose_answer": true, "times": 1}                         let the store have it, then cut the connection
//   {"delay_ms": 500}                                         before each answer; 0 ends it
//   {"reset": true}                                           ends all of the above
import { fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { run_if_main } from './command_line.mjs';
import { start_control_page } from './control_page.mjs';
import { dependency_path } from './dependencies.mjs';
import { start_loopback_server } from './loopback_server.mjs';

/** The store as a process of its own, in memory; neither MongoDB nor Redis is there, which it only logs. */
async function start_store() {
    const folder = await mkdtemp(join(tmpdir(), 'calyptenora-lrs-'));
    const child = fork(dependency_path('@learninglocker/xapi-statements/dist/server.js'), [], {
        cwd: folder,
        execArgv: ['--require', fileURLToPath(new URL('lrs_preload.cjs', import.meta.url))],
        env: {
            PATH: process.env.PATH,
            LANG: 'en',
            AUTH_REPO: 'test',
            MODELS_REPO: 'memory',
            STORAGE_REPO: 'local',
            SERVICE_AWAIT_UPDATES: 'true',
            MONGO_URL: 'mongodb://127.0.0.1:1/none',
            REDIS_URL: 'redis://127.0.0.1:1/0',
        },
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    let log = '';
    const keep = (text) => (log = (log + text).slice(-4000));
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const ended = new Promise((resolve) => child.once('exit', resolve));
    const port = await new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`the learning record store does not start:\n${log}`)), 60_000);
        child.on('message', (message) => {
            if (!message.port) return;
            clearTimeout(timer);
            resolve(message.port);
        });
        ended.then((code) => {
            clearTimeout(timer);
            reject(new Error(`the learning record store ended with ${code}:\n${log}`));
        });
    });
    return {
        port,
        stop: async () => {
            child.kill('SIGKILL');
            await ended;
            await rm(folder, { recursive: true, force: true });
        },
    };
}

function ask_store(port, request, body) {
    return new Promise((resolve, reject) => {
        const headers = { ...request.headers, host: `127.0.0.1:${port}`, connection: 'close' };
        const upstream = http.request(
            { host: '127.0.0.1', port, method: request.method, path: request.url, headers },
            async (answer) => {
                const parts = [];
                for await (const part of answer) parts.push(part);
                resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(parts) });
            },
        );
        upstream.once('error', reject);
        upstream.end(body);
    });
}

function describe(entry) {
    if (entry.partial !== undefined) {
        return { heading: 'A connection that broke off', detail: '', text: entry.partial };
    }
    let text = entry.body;
    let heading = `${entry.method} ${entry.path}`;
    try {
        const statements = [JSON.parse(entry.body)].flat();
        text = JSON.stringify(statements, null, 2);
        const verbs = statements.map((statement) => {
            const { display, id } = statement.verb;
            return display?.en ?? Object.values(display ?? {})[0] ?? id;
        });
        heading = `${statements.length} statement${statements.length === 1 ? '' : 's'}: ${verbs.join(', ')}`;
    } catch {
        // Not statements: shown as it came.
    }
    const time = new Date(entry.first_byte_at / 1000).toISOString();
    return { heading, detail: `${time}, ${entry.method} ${entry.path}, answered with ${entry.answer ?? 'nothing'}`, text };
}

/**
 * Starts the store. `addresses` = {url (the xAPI endpoint, without a slash at its end), username, password, page}.
 */
export async function start_lrs({ username = 'calyptenora', password = 'lrs-secret', port = 0, page_port = 0 } = {}) {
    const store = await start_store();
    const expected = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    let faults = {};

    const server = await start_loopback_server(
        async (request, response, entry) => {
            const finish = (status, headers, body) => {
                entry.answer = status;
                response.writeHead(status, headers);
                response.end(body);
            };
            if (faults.delay_ms) await new Promise((resolve) => setTimeout(resolve, faults.delay_ms));
            if (request.headers.authorization !== expected) {
                return finish(401, { 'www-authenticate': 'Basic realm="xAPI"' }, 'wrong credentials\n');
            }
            const fault = faults.times > 0 ? faults : {};
            if (fault.times && --faults.times === 0) faults = { delay_ms: faults.delay_ms };
            if (fault.answer) {
                const headers = fault.retry_after === undefined ? {} : { 'retry-after': String(fault.retry_after) };
                return finish(fault.answer, headers, 'as told by the test\n');
            }
            const answer = await ask_store(store.port, request, Buffer.from(entry.body, 'utf8'));
            entry.answer_body = answer.body.toString('utf8');
            if (fault.lose_answer) {
                entry.answer = 'lost';
                return request.socket.destroy();
            }
            delete answer.headers.connection;
            delete answer.headers['transfer-encoding'];
            finish(answer.status, { ...answer.headers, 'content-length': answer.body.length }, answer.body);
        },
        { port },
    );

    const control = async (order) => {
        if (order.state === 'down') await server.go_down();
        else if (order.state === 'up') await server.come_up();
        else if (order.reset) faults = {};
        else if (order.answer || order.lose_answer) faults = { ...faults, times: 1, ...order };
        else if (order.delay_ms !== undefined) faults = { ...faults, delay_ms: order.delay_ms };
        else throw new Error(`not understood: ${JSON.stringify(order)}`);
    };
    const page = await start_control_page(
        {
            title: 'The learning record store',
            introduction: 'What the platform told this third party about its learners, byte for byte.',
            received: server.received,
            describe,
            control,
        },
        { port: page_port },
    );
    return {
        addresses: { url: `${server.url}/xAPI`, username, password, page: page.url },
        received: server.received,
        control,
        stop: async () => {
            await server.stop();
            await page.stop();
            await store.stop();
        },
    };
}

await run_if_main(import.meta.url, start_lrs);
