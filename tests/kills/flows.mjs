// The flows, step by step as a client sees them. Each flow is
//   prepare(world, number)      the learner in whose name the steps are made, with whatever comes before them
//   steps [{phase, span, instance, is_prelude, is_wait, attempt(person, world)}]
// `attempt` returns when the step is acknowledged and throws Unacknowledged when it is not; the client then repeats it,
// as often as it takes. Steps of one `span` follow each other too closely for strace to be attached between them; one
// without a span, or with `is_prelude`, is not a phase to kill in. `instance` is the worker that has a part in the step.
// With `is_wait` the client has nothing to do but wait.
import assert from 'node:assert/strict';
import { join } from 'node:path';

import { write_statement } from '../browser/harness/bank.mjs';
import { wait_for } from '../browser/harness/child.mjs';
import { Unacknowledged, paid_course, register } from './person.mjs';

export const ANALYTICS = 'analytics/xapi';
// A plugin that works for several purposes has a worker for each of them.
const STATEMENTS = `${ANALYTICS} (analytics.reporting.content_performance)`;
const CASES = 'support/mail (essential.service.operations.support)';

/** Waits until the queue holds nothing that has come since `person` was last at it; less if the server dies. */
async function await_queue({ platform, database }, person) {
    const waiting = `select count(*) from outbox where state in ('queued', 'claimed') and created_at >= ${person.since}`;
    const is_over = async () => !platform.is_running() || (await database.query(waiting)) === '0';
    await wait_for('the queue to be empty', is_over, { seconds: 90, pause: 100 });
    if (!platform.is_running()) throw new Unacknowledged('the server is gone');
}

const now_us = () => Date.now() * 1000;

/** A learner under consent. The first statement shows the pseudonym, which nobody but the store knows. */
async function allow_analytics({ platform, statements }, number) {
    const person = await register(platform.url, number);
    await person.allow(ANALYTICS);
    await person.enrol();
    const [first_lesson, lesson, late_lesson] = await person.lessons();
    const known = new Set((await statements()).map(({ actor }) => actor.account.name));
    await person.complete(first_lesson);
    const is_new = ({ actor }) => !known.has(actor.account.name);
    const first = await wait_for('a first statement', async () => (await statements()).find(is_new), { seconds: 60 });
    return Object.assign(person, { pseudonym: first.actor.account.name, lesson, late_lesson });
}

/** The bank's statement of what the order's page asks for. */
async function write_statement_of(person, platform) {
    const page = await person.read(person.order);
    const [iban, reference] = [...page.matchAll(/<dd><code>([^<]+)<\/code>/g)].map(([, text]) => text);
    assert.ok(reference, `an order that was acknowledged does not say how to pay it:\n${page}`);
    person.reference = reference;
    return write_statement(join(platform.data, `statement-${person.number}.xml`), {
        iban: iban.replaceAll(/\s|&nbsp;/g, ''),
        payments: [{ amount: '19.00', reference, bank_reference: `B-${person.number}` }],
    });
}

export const flows = {
    payment: {
        prepare: ({ platform }, number) => register(platform.url, number),
        steps: [
            {
                phase: 'order',
                span: 'order',
                instance: 'payments/sepa',
                attempt: async (person) => {
                    person.order = await person.submit(`${paid_course}/order`, { method: 'payments/sepa', begin_now: 'yes' });
                },
            },
            {
                phase: 'import of the payment',
                span: 'import',
                instance: 'payments/sepa',
                attempt: async (person, { platform }) => {
                    // Once: the import may have been done although nobody heard of it, and then there is nothing to pay.
                    person.statement ??= await write_statement_of(person, platform);
                    const { code, stderr } = await platform.run(['payments', 'import', person.statement]);
                    if (code !== 0) throw new Unacknowledged(stderr);
                },
            },
        ],
    },

    case: {
        prepare: async ({ platform }, number) => {
            const person = await register(platform.url, number);
            person.subject = `Question ${number}.`;
            return person;
        },
        steps: [
            {
                phase: 'case',
                span: 'case',
                attempt: async (person) => {
                    person.since ??= now_us();
                    person.case = await person.submit('/support', { subject: person.subject, message: 'Nothing happens.' });
                },
            },
            { phase: 'mail of the case', span: 'case', instance: CASES, is_wait: true, attempt: (person, world) => await_queue(world, person) },
        ],
    },

    statement: {
        prepare: allow_analytics,
        steps: [
            {
                phase: 'lesson',
                span: 'lesson',
                attempt: async (person) => {
                    person.since ??= now_us();
                    await person.complete(person.lesson);
                },
            },
            { phase: 'statement', span: 'lesson', instance: STATEMENTS, is_wait: true, attempt: (person, world) => await_queue(world, person) },
        ],
    },

    withdrawal: {
        prepare: allow_analytics,
        steps: [
            // The withdrawal meets a statement that is on its way.
            { phase: 'lesson before it', span: 'withdrawal', is_prelude: true, attempt: (person) => person.complete(person.lesson) },
            {
                phase: 'withdrawal',
                span: 'withdrawal',
                attempt: async (person) => {
                    await person.withdraw(ANALYTICS);
                    person.withdrawn_at = now_us();
                },
            },
            { phase: 'lesson after it', attempt: (person) => person.complete(person.late_lesson) },
        ],
    },
};
