// Debian's Chromium through Playwright, with a record of everything that it asks anybody for.
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { chromium } from 'playwright-core';

const axe_source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * Starts the browser for a visitor with the given languages.
 *   screenshots   folder for screenshot(); each picture is numbered in the order of its making
 *   scripts       false: a browser without JavaScript
 *   text_size     in pixels, as somebody sets it in the browser; 16 is what it comes with
 *   headers       sent with every request, e.g. {'sec-gpc': '1'}
 *
 * Returns
 *   scripts                 whether pages can run any
 *   page                    the first tab; open_tab() for more with the same cookies
 *   requests                [{url, origin, type, frame, at (ms), failure}] of all tabs and frames, in order
 *   problems                what pages logged as errors, CSP violations among it
 *   origins_but(...urls)    the origins that were asked for anything, without those of `urls`
 *   screenshot(name)        the whole page
 *   accessibility(page)     what axe finds: [{id, impact, help, nodes: [HTML]}]
 *   close()
 */
export async function open_browser({ screenshots, language = 'de-DE', scripts = true, headers = {}, viewport, text_size = 16 } = {}) {
    const browser = await chromium.launch({
        executablePath: '/usr/bin/chromium',
        chromiumSandbox: process.getuid() !== 0,
        // Nothing of a test leaves this machine, and names that it asks for are seen all the same.
        args: ['--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1', `--blink-settings=defaultFontSize=${text_size}`],
    });
    const context = await browser.newContext({
        locale: language,
        timezoneId: 'Europe/Berlin',
        ignoreHTTPSErrors: true,
        javaScriptEnabled: scripts,
        extraHTTPHeaders: headers,
        viewport: viewport ?? { width: 1280, height: 900 },
        // A page that scrolls smoothly is still on its way when a click lands.
        reducedMotion: 'reduce',
    });
    context.setDefaultTimeout(30_000);

    const requests = [];
    const problems = [];
    const by_request = new Map();
    context.on('request', (request) => {
        const url = request.url();
        if (/^(data|blob|about|chrome-extension):/.test(url)) return;
        let frame = '';
        try {
            frame = request.frame().url();
        } catch {
            // A request of a service worker or of a frame that is gone.
        }
        const entry = { url, origin: new URL(url).origin, type: request.resourceType(), frame, at: Date.now(), failure: null };
        by_request.set(request, entry);
        requests.push(entry);
    });
    context.on('requestfailed', (request) => {
        const entry = by_request.get(request);
        if (entry) entry.failure = request.failure()?.errorText ?? 'failed';
    });
    const watch = (page) => {
        page.on('websocket', (socket) => {
            const url = socket.url();
            requests.push({ url, origin: new URL(url).origin, type: 'websocket', frame: '', at: Date.now(), failure: null });
        });
        page.on('console', (message) => {
            if (message.type() === 'error') problems.push(`${page.url()}: ${message.text()}`);
        });
        page.on('pageerror', (error) => problems.push(`${page.url()}: ${error.message}`));
    };
    context.on('page', watch);

    let pictures = 0;
    const page = await context.newPage();
    return {
        page,
        context,
        scripts,
        requests,
        problems,
        open_tab: () => context.newPage(),
        origins_but: (...urls) => {
            const allowed = new Set(urls.map((url) => new URL(url).origin));
            return [...new Set(requests.map(({ origin }) => origin))].filter((origin) => !allowed.has(origin));
        },
        screenshot: async (name, of = page) => {
            mkdirSync(screenshots, { recursive: true });
            const path = join(screenshots, `${String(++pictures).padStart(2, '0')}-${name}.png`);
            await of.screenshot({ path, fullPage: true });
            return path;
        },
        accessibility: async (of = page) => {
            // Not addScriptTag: the pages' CSP forbids inline scripts, as it should.
            await of.evaluate(axe_source);
            const { violations } = await of.evaluate(() => globalThis.axe.run(document, { iframes: false }));
            return violations.map(({ id, impact, help, nodes }) => ({ id, impact, help, nodes: nodes.map((node) => node.html) }));
        },
        close: () => browser.close(),
    };
}
