// A learner with forms, tokens and cookies like a browser's, who outlives the server.
import { ask } from '../bench/learner.mjs';

/** There was no answer, or none that says that it is done: whether it took effect is not known. */
export class Unacknowledged extends Error {}

const free_course = '/courses/karten-lesen';
export const paid_course = '/courses/numbers-you-can-trust';

export async function register(url, number) {
    const cookies = new Map();
    let csrf = null;

    async function visit(path, options = {}) {
        const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
        let answer = null;
        try {
            answer = await ask(url + path, { ...options, headers: { Cookie: cookie, ...options.headers } });
        } catch (error) {
            throw new Unacknowledged(`${path}: ${error.message}`);
        }
        for (const line of answer.headers['set-cookie'] ?? []) {
            const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
            if (value === '' || /max-age=0\b/i.test(line)) cookies.delete(name);
            else cookies.set(name, value);
        }
        return answer;
    }

    async function read(path) {
        const answer = await visit(path);
        if (answer.status !== 200) throw new Unacknowledged(`${path}: ${answer.status}`);
        return answer.body.toString();
    }

    /** Sends a form; what is returned, where the answer leads, is the acknowledgement. */
    async function submit(action, fields, token_page = '/support') {
        const headers = { 'Content-Type': 'application/x-www-form-urlencoded', Origin: url, 'Sec-Fetch-Site': 'same-origin' };
        for (const tries of [1, 2]) {
            csrf ??= /name="csrf" value="([^"]+)"/.exec(await read(token_page))[1];
            const body = new URLSearchParams({ csrf, ...fields }).toString();
            const answer = await visit(action, { method: 'POST', headers, body });
            if (answer.status === 303) return answer.headers.location;
            // The token of a server that has been started again is another one.
            if (answer.status !== 403 || tries === 2) throw new Unacknowledged(`${action}: ${answer.status}`);
            csrf = null;
        }
    }

    /** The privacy page's switch for a recipient: {action, key}, its action "/privacy/withdraw" where data may flow. */
    async function privacy_switch(recipient) {
        const rows = (await read('/privacy')).split('data-recipient-row="');
        const row = rows.find((part) => part.startsWith(`${recipient}"`) && part.includes('action="/privacy/'));
        return { action: /action="(\/privacy\/\w+)"/.exec(row)[1], key: /name="key" value="([^"]+)"/.exec(row)[1] };
    }

    const account = {
        name: 'Mila Messwert',
        email: `learner-${number}@students.example`,
        password: 'gemessen wird mit Uhr und Waage',
        age: 'over',
        terms: '1',
        return_to: '/',
    };
    await submit('/register', account, '/register');
    csrf = null;
    return {
        number,
        read,
        submit,
        enrol: () => submit(`${free_course}/enrol`, {}),
        /** The lessons of a course that this learner may open. */
        lessons: async (course = free_course) => {
            const links = (await read(course)).matchAll(/href="(\/courses\/[^"/]+\/lessons\/[^"/]+)"/g);
            return [...new Set([...links].map(([, path]) => path))];
        },
        complete: (lesson) => submit(`${lesson}/complete`, {}),
        /** Whether data may flow to the recipient, as the privacy page says it. */
        has_allowed: async (recipient) => (await privacy_switch(recipient)).action === '/privacy/withdraw',
        allow: async (recipient) => {
            const { key } = await privacy_switch(recipient);
            return submit('/privacy/choices', { key, choice: 'allow' });
        },
        withdraw: async (recipient) => {
            const { key } = await privacy_switch(recipient);
            return submit('/privacy/withdraw', { key });
        },
    };
}
