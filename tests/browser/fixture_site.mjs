#!/usr/bin/env node
// Stands in for the platform in the tests of the harness itself: a small site under a strict CSP.
//   fixture_site.mjs serve ... --port PORT        serves, and prints its address like the platform
//   fixture_site.mjs echo ...                     prints its arguments and its standard input
// With FIXTURE=dies it ends before it is ready.
import http from 'node:http';

const [command, ...rest] = process.argv.slice(2);
if (command === 'echo') {
    let input = '';
    for await (const part of process.stdin) input += part;
    console.log(JSON.stringify({ arguments: rest, input }));
    process.exit(rest.includes('--fail') ? 3 : 0);
}
if (process.env.FIXTURE === 'dies') {
    console.error('the configuration is wrong');
    process.exit(4);
}
const other = process.env.OTHER_ORIGIN ?? 'http://127.0.0.1:9';
const pages = {
    '/good': '<h1>Good</h1><p>Nothing to find.</p>',
    '/no-alt': '<h1>Bad</h1><img src="/dot.svg">',
    '/embeds': `<h1>Embeds</h1><iframe title="A film" src="${other}/embed/film-1"></iframe>`,
    '/refused': `<h1>Refused</h1><iframe title="A film" src="http://127.0.0.1:9/embed/film-1"></iframe>`,
    '/far-away': '<h1>Far away</h1><script src="/far-away.js"></script>',
};
const server = http.createServer((request, response) => {
    const headers = {
        'content-security-policy': `default-src 'none'; img-src 'self'; script-src 'self'; connect-src *; frame-src ${other}`,
        'content-type': 'text/html; charset=utf-8',
    };
    const body = pages[request.url];
    if (body) {
        response.writeHead(200, headers);
        response.end(`<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Page</title></head><body><main>${body}</main></body></html>`);
    } else if (request.url === '/far-away.js') {
        response.writeHead(200, { 'content-type': 'text/javascript' });
        response.end("fetch('http://tracker.invalid/collect').catch(() => (document.title = 'done'));");
    } else if (request.url === '/dot.svg') {
        response.writeHead(200, { 'content-type': 'image/svg+xml' });
        response.end('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
    } else {
        response.writeHead(404);
        response.end();
    }
});
const port = Number(rest[rest.indexOf('--port') + 1]);
server.listen(port, '127.0.0.1', () => console.log(`serving on http://127.0.0.1:${port}/`));
