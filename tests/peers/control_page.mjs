// Every peer has a second port, which stays up when the peer itself is told to go down:
//   GET  /             a page for people: what arrived, newest first, refreshed by itself
//   GET  /__received   the same as JSON, oldest first
//   POST /__control    JSON for the peer, see its own file
//   POST /__forget     empties the list
import http from 'node:http';

const style = `
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; color: #1b1f24 }
  h1 { font-size: 1.5rem } article { border: 1px solid #c8ccd2; border-radius: 6px; padding: .75rem 1rem; margin: 1rem 0 }
  h2 { font-size: 1.05rem; margin: 0 } p { margin: .25rem 0 } pre { background: #f3f4f6; padding: .75rem; overflow-x: auto;
  white-space: pre-wrap; overflow-wrap: anywhere; margin: .5rem 0 0 } .none { color: #59616b }`;

export function escape_html(text) {
    return String(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/**
 * `peer` = {title, introduction, received: array, describe(entry) -> {heading, detail, text}, control(object)}.
 * `control` throws an Error if it cannot do what it is told; that is answered with 400.
 */
export async function start_control_page(peer, { port = 0 } = {}) {
    const render = () => {
        const articles = peer.received
            .map((entry) => {
                const { heading, detail, text } = peer.describe(entry);
                return `<article><h2>${escape_html(heading)}</h2><p>${escape_html(detail)}</p><pre>${escape_html(text)}</pre></article>`;
            })
            .reverse();
        return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="3"><title>${escape_html(peer.title)}</title><style>${style}</style></head><body><main>
<h1>${escape_html(peer.title)}</h1><p>${escape_html(peer.introduction)}</p>
<p><strong>${articles.length}</strong> arrived. This page refreshes itself; the same as JSON: <a href="/__received">/__received</a></p>
${articles.join('\n') || '<p class="none">Nothing has arrived yet.</p>'}</main></body></html>`;
    };

    const server = http.createServer(async (request, response) => {
        const answer = (status, type, body) => {
            response.writeHead(status, { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'no-store' });
            response.end(body);
        };
        const parts = [];
        for await (const part of request) parts.push(part);
        const route = `${request.method} ${request.url}`;
        try {
            if (route === 'GET /') {
                answer(200, 'text/html', render());
            } else if (route === 'GET /__received') {
                answer(200, 'application/json', JSON.stringify(peer.received, null, 1));
            } else if (route === 'POST /__control') {
                const result = await peer.control(JSON.parse(Buffer.concat(parts).toString('utf8')));
                answer(200, 'application/json', JSON.stringify(result ?? {}));
            } else if (route === 'POST /__forget') {
                peer.received.length = 0;
                answer(200, 'application/json', '{}');
            } else {
                answer(404, 'text/plain', 'not found\n');
            }
        } catch (error) {
            answer(400, 'text/plain', `${error.message}\n`);
        }
    });
    await new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen({ host: '127.0.0.1', port }, resolve);
    });
    return {
        url: `http://127.0.0.1:${server.address().port}`,
        stop: () =>
            new Promise((resolve) => {
                server.close(() => resolve());
                server.closeAllConnections();
            }),
    };
}
