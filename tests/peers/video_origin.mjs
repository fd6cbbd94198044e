// The second origin of the tests: a video service with a player page for iframes. It behaves as the real ones do, that
// is, it sets a cookie, writes to localStorage, loads parts of its own and reports while it plays; and it logs
// whatever it is asked.
//
//   GET /embed/{id}           the player
//   GET /player.js            its script
//   GET /frames/{id}          what it plays
//   GET /ping/{id}?seconds=n  once per second of film while playing
//
// Messages of the player to its parent: {type: "ready" | "play" | "pause" | "timeupdate" | "ended", seconds, duration}.
// From the parent: {type: "play" | "pause"} and {type: "seek", seconds}. With ?speed=10 the film runs ten times as fast.
//
// POST /__control on the page's port: {"state": "down"} | {"state": "up"}
import { run_if_main } from './command_line.mjs';
import { start_control_page } from './control_page.mjs';
import { start_loopback_server } from './loopback_server.mjs';

const DURATION_SECONDS = 60;

const player_page = (id) => `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Player ${id}</title>
<style>body{margin:0;background:#111;color:#eee;font:16px system-ui;display:grid;place-items:center;height:100vh}
button{font:inherit;padding:.5em 1em}</style></head>
<body data-id="${id}" data-duration="${DURATION_SECONDS}"><main><h1 style="font-size:1rem">Film ${id}</h1>
<canvas width="320" height="120" role="img" aria-label="The film"></canvas>
<p><button type="button" id="play">Play</button> <span id="time">0 s</span></p></main>
<script src="/player.js"></script></body></html>`;

const player_script = `'use strict';
const { id, duration } = document.body.dataset;
const speed = Number(new URLSearchParams(location.search).get('speed') ?? 1);
const canvas = document.querySelector('canvas').getContext('2d');
const button = document.querySelector('#play');
let seconds = 0, timer = null;
// Some browsers deny storage to frames of other sites; players play all the same.
try { localStorage.setItem('viewer', localStorage.getItem('viewer') ?? crypto.randomUUID()); } catch { /* denied */ }
const tell = (type) => parent.postMessage({ type, seconds, duration: Number(duration) }, '*');
function draw() {
  canvas.fillStyle = '#234'; canvas.fillRect(0, 0, 320, 120);
  canvas.fillStyle = '#e8a33d'; canvas.fillRect(0, 100, 320 * seconds / duration, 20);
  document.querySelector('#time').textContent = seconds + ' s';
}
function pause() { clearInterval(timer); timer = null; button.textContent = 'Play'; tell('pause'); }
function tick() {
  seconds = Math.min(Number(duration), seconds + 1); draw(); tell('timeupdate');
  fetch('/ping/' + id + '?seconds=' + seconds);
  if (seconds === Number(duration)) { pause(); tell('ended'); }
}
function play() { if (timer) return; button.textContent = 'Pause'; tell('play'); timer = setInterval(tick, 1000 / speed); }
button.addEventListener('click', () => (timer ? pause() : play()));
addEventListener('message', ({ data, source }) => {
  if (source !== parent || typeof data !== 'object' || data === null) return;
  if (data.type === 'play') play();
  else if (data.type === 'pause' && timer) pause();
  else if (data.type === 'seek' && Number.isFinite(data.seconds)) { seconds = data.seconds; draw(); tell('timeupdate'); }
});
fetch('/frames/' + id).then(() => { draw(); tell('ready'); });
`;

function describe(entry) {
    const time = new Date(entry.first_byte_at / 1000).toISOString();
    if (entry.partial !== undefined) return { heading: 'A connection that broke off', detail: time, text: entry.partial };
    const headers = Object.entries(entry.headers).map(([name, value]) => `${name}: ${value}`);
    return { heading: `${entry.method} ${entry.path}`, detail: time, text: [...headers, '', entry.body].join('\n').trim() };
}

/** Starts the origin. `addresses` = {url, page}. */
export async function start_video_origin({ port = 0, page_port = 0 } = {}) {
    const server = await start_loopback_server(
        (request, response) => {
            const { pathname } = new URL(request.url, 'http://localhost');
            const answer = (status, type, body, headers = {}) => {
                response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store', ...headers });
                response.end(body);
            };
            const embed = /^\/embed\/([A-Za-z0-9_-]{1,64})$/.exec(pathname);
            if (embed) {
                return answer(200, 'text/html; charset=utf-8', player_page(embed[1]), {
                    'set-cookie': `visitor=${Math.random().toString(36).slice(2)}; Max-Age=63072000; Path=/`,
                });
            }
            if (pathname === '/player.js') return answer(200, 'text/javascript', player_script);
            if (/^\/(frames|ping)\/[A-Za-z0-9_-]{1,64}$/.test(pathname)) return answer(200, 'text/plain', 'ok\n');
            answer(404, 'text/plain', 'not found\n');
        },
        { port },
    );
    const control = async (order) => {
        if (order.state === 'down') await server.go_down();
        else if (order.state === 'up') await server.come_up();
        else throw new Error(`not understood: ${JSON.stringify(order)}`);
    };
    const page = await start_control_page(
        {
            title: 'The video service',
            introduction: 'Every request that learners’ browsers made to this other origin.',
            received: server.received,
            describe,
            control,
        },
        { port: page_port },
    );
    return {
        addresses: { url: server.url, page: page.url },
        received: server.received,
        control,
        stop: async () => {
            await server.stop();
            await page.stop();
        },
    };
}

await run_if_main(import.meta.url, start_video_origin);
