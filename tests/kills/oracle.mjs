// What must be there in the end: everything that was acknowledged, and nothing twice. Every step of every flow has been
// acknowledged by then, since the client repeats it until it is.
import { ANALYTICS } from './flows.mjs';
import { paid_course } from './person.mjs';

/** A withdrawal's answer and a statement's first byte reach this process by different sockets. */
const tolerance_us = 500_000;

const count = (text, pattern) => [...text.matchAll(pattern)].length;

async function count_statements({ statements }, { pseudonym }, lesson) {
    const about_it = ({ actor, object }) => actor.account.name === pseudonym && object.id.endsWith(lesson);
    return (await statements()).filter(about_it).length;
}

/** What anybody can see of the learner's doings: on the learner's pages, at the third parties, in the books. */
export const looks = {
    payment: async (person, { database }) => ({
        paid: /state--big/.test(await person.read(person.order)),
        lessons: (await person.lessons(paid_course)).length,
        // One whose start failed is cancelled, and the learner was told so.
        orders: await database.query(
            `select count(*) from orders where state <> 'cancelled' and learner = (select learner from orders where reference = '${person.reference}')`,
        ),
        books: await database.query(
            `select count(*), min(state), sum(captured_minor) - sum(amount_minor) from orders where reference = '${person.reference}'`,
        ),
        events: await database.query(`select count(*) from inbound_events where object_ref = '${person.reference}'`),
        enrolments: await database.query(
            `select count(*) from enrolments where learner = (select learner from orders where reference = '${person.reference}')`,
        ),
    }),
    case: async (person, { mails }) => {
        const sent = mails().filter(({ raw, subject }) => raw && subject.includes(person.subject));
        return {
            cases: count(await person.read('/support'), /href="\/support\/cases\//g),
            messages: count(await person.read(person.case), /class="message /g),
            mails: new Set(sent.map(({ message_id }) => message_id)).size,
            // SMTP has no way to say whether a mail that broke off has arrived, so a copy is possible. It has the same
            // Message-ID, by which mail programs know it for one and the same.
            copies: sent.length,
        };
    },
    statement: async (person, world) => ({
        completed: !(await person.read(person.lesson)).includes(`${person.lesson}/complete`),
        statements: await count_statements(world, person, person.lesson),
        allowed: await person.has_allowed(ANALYTICS),
    }),
    withdrawal: async (person, world) => ({
        statements: await count_statements(world, person, person.lesson),
        late: await count_statements(world, person, person.late_lesson),
        allowed: await person.has_allowed(ANALYTICS),
        sent_afterwards: world
            .requests_to_store()
            .filter(({ method, body }) => method === 'POST' && body.includes(person.pseudonym))
            .filter(({ first_byte_at }) => first_byte_at > person.withdrawn_at + tolerance_us).length,
    }),
};

const wanted = {
    payment: {
        paid: (is) => is === true,
        orders: (is) => is === '1',
        lessons: (is) => is > 0,
        books: (is) => is === '1|paid|0',
        events: (is) => is === '1',
        enrolments: (is) => is === '1',
    },
    case: {
        cases: (is) => is === 1,
        messages: (is) => is === 1,
        mails: (is) => is === 1,
        copies: (is) => is >= 1,
    },
    statement: {
        completed: (is) => is === true,
        statements: (is) => is === 1,
        allowed: (is) => is === true,
    },
    withdrawal: {
        statements: (is) => is <= 1,
        late: (is) => is === 0,
        allowed: (is) => is === false,
        sent_afterwards: (is) => is === 0,
    },
};

/** The facts that should not be so, in words; empty if all is well. */
export const judge = (flow, facts) =>
    Object.entries(wanted[flow])
        .filter(([name, is_right]) => !is_right(facts[name]))
        .map(([name]) => `${name}: ${JSON.stringify(facts[name])}`);
