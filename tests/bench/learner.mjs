// A learner with an account, made as a browser makes one: forms, tokens and cookies.
import http from 'node:http';

/** Sends one request and reads the answer: {status, headers, body}. */
export function ask(url, { method = 'GET', headers = {}, body = null } = {}) {
    return new Promise((resolve, reject) => {
        const request = http.request(url, { method, headers, agent: false }, (response) => {
            const parts = [];
            response.on('data', (part) => parts.push(part));
            response.on('error', reject);
            response.on('end', () =>
                resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(parts) }),
            );
        });
        request.on('error', reject);
        request.end(body);
    });
}

/** A browser without scripts: keeps cookies, and sends forms with their token. */
function open_browser(url) {
    const cookies = new Map();
    const cookie_header = () => [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');

    async function visit(path, options = {}) {
        const answer = await ask(url + path, { ...options, headers: { Cookie: cookie_header(), ...options.headers } });
        for (const line of answer.headers['set-cookie'] ?? []) {
            const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
            if (value === '' || /max-age=0\b/i.test(line)) cookies.delete(name);
            else cookies.set(name, value);
        }
        return answer;
    }

    async function submit(page, action, fields) {
        const form = await visit(page);
        const body = form.body.toString();
        const token = /name="csrf" value="([^"]+)"/.exec(body);
        const terms = /name="terms" value="(\d+)"/.exec(body);
        if (!token) throw new Error(`${page} has no form (${form.status})`);
        const answer = await visit(action, {
            method: 'POST',
            headers: {
                'Content-Type': 'application/x-www-form-urlencoded',
                Origin: url,
                'Sec-Fetch-Site': 'same-origin',
            },
            body: new URLSearchParams({ csrf: token[1], ...(terms && { terms: terms[1] }), ...fields }).toString(),
        });
        if (answer.status !== 303) throw new Error(`${action} answered ${answer.status}: ${answer.body}`);
    }

    return {
        get cookie() {
            return cookie_header();
        },
        get: visit,
        submit,
    };
}

/** Registers, and takes a free course. Returns {cookie, get(path)}. */
export async function register(url, { course }) {
    const browser = open_browser(url);
    await browser.submit('/register', '/register', {
        name: 'Mila Messwert',
        email: 'mila.messwert@students.example',
        password: 'gemessen wird mit Uhr und Waage',
        age: 'over',
        return_to: '/',
    });
    await browser.submit(`/courses/${course}`, `/courses/${course}/enrol`, {});
    return browser;
}

/** Signs in somebody who has an account. Returns {cookie, get(path)}. */
export async function sign_in(url, { email, password }) {
    const browser = open_browser(url);
    await browser.submit('/sign-in', '/sign-in', { email, password, return_to: '/' });
    return browser;
}

/** Pages of a learner, and the processor time of Moodle's counterpart (4.5.6, php-fpm with opcache, PostgreSQL). */
export const list_pages = (course) => [
    { name: 'front page', path: '/', moodle_ms: 37 },
    { name: 'account page', path: '/account', moodle_ms: 50 },
    { name: 'course page', path: course, moodle_ms: 69 },
];
