// An HTTP server on loopback that notices when the first byte of each request arrives, and that can go away and
// come back on the same port, as a third party's server does.
import http from 'node:http';

/** Microseconds since 1970, comparable between the processes of one machine. */
export function now_us() {
    return Math.round((performance.timeOrigin + performance.now()) * 1000);
}

async function read_body(request) {
    const parts = [];
    for await (const part of request) parts.push(part);
    return Buffer.concat(parts);
}

/**
 * Starts a server. `handle(request, response, entry)` answers; `entry` is the record of the request, which is in
 * `server.received` from the moment its header is complete:
 *   {method, path, headers (lower case), raw_headers, body (text, once complete), complete, first_byte_at (us)}
 * Bytes that never became a request are recorded as {partial: text, first_byte_at}.
 */
export async function start_loopback_server(handle, { port = 0 } = {}) {
    const received = [];
    const sockets = new Set();

    const server = http.createServer(async (request, response) => {
        const socket = request.socket;
        const entry = {
            method: request.method,
            path: request.url,
            headers: { ...request.headers },
            raw_headers: [...request.rawHeaders],
            body: '',
            complete: false,
            first_byte_at: socket.first_byte_at ?? now_us(),
        };
        socket.request_open = true;
        received.push(entry);
        try {
            entry.body = (await read_body(request)).toString('utf8');
            entry.complete = true;
            socket.first_byte_at = undefined;
            socket.request_open = false;
            await handle(request, response, entry);
        } catch (error) {
            entry.failure = String(error);
            socket.destroy();
        }
    });
    server.keepAliveTimeout = 30_000;
    server.on('connection', (socket) => {
        sockets.add(socket);
        socket.partial = '';
        // Before the parser's own listener, so that the time is known when it reports the request.
        socket.prependListener('data', (bytes) => {
            socket.first_byte_at ??= now_us();
            if (!socket.request_open && socket.partial.length < 4096) socket.partial += bytes.toString('latin1');
        });
        socket.on('close', () => {
            sockets.delete(socket);
            const began = socket.first_byte_at;
            if (began !== undefined && !socket.request_open && !received.some((e) => e.first_byte_at === began)) {
                received.push({ partial: socket.partial, first_byte_at: began });
            }
        });
        socket.on('error', () => {});
    });
    server.on('request', (request) => (request.socket.partial = ''));
    server.on('clientError', (_error, socket) => socket.destroy());

    const listen = () =>
        new Promise((resolve, reject) => {
            server.once('error', reject);
            server.listen({ host: '127.0.0.1', port }, () => {
                server.off('error', reject);
                port = server.address().port;
                resolve();
            });
        });
    const close = () =>
        new Promise((resolve) => {
            if (!server.listening) return resolve();
            server.close(() => resolve());
            for (const socket of sockets) socket.destroy();
        });

    await listen();
    return {
        received,
        get port() {
            return port;
        },
        get url() {
            return `http://127.0.0.1:${port}`;
        },
        /** Refuses connections and cuts the open ones. */
        go_down: close,
        come_up: listen,
        stop: close,
    };
}
