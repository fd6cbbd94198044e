// Kills the server and its workers with SIGKILL in the midst of the flows (flows.mjs), again and again on the same
// data, and judges at the end whether anything acknowledged is lost, or anything there twice (oracle.mjs). README.md.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { demo_environment } from '../peers/demo_environment.mjs';
import { start_lrs } from '../peers/lrs.mjs';
import { start_mail_sink } from '../peers/mail_sink.mjs';
import { wait_for } from '../browser/harness/child.mjs';
import { start_platform } from '../browser/harness/platform.mjs';
import { start_database } from './database.mjs';
import { flows } from './flows.mjs';
import { prove_that_it_can_fail } from './negative_controls.mjs';
import { judge, looks } from './oracle.mjs';
import { Unacknowledged } from './person.mjs';
import { Targets } from './targets.mjs';
import { is_alive, workers_of } from './processes.mjs';
import { attach, places_in } from './strace.mjs';

const { CALYPTENORA_PROGRAM: program, CALYPTENORA_CONFIG: config } = process.env;
const kind = process.env.CALYPTENORA_DATABASE ?? 'sqlite';
const kills_wanted = Number(process.env.CALYPTENORA_KILLS || 15);
const seed = Number(process.env.CALYPTENORA_SEED || 1);

const folder = mkdtempSync(join(tmpdir(), 'calyptenora-kills-'));
const log = join(folder, 'strace.log');
const [lrs, mail, database] = await Promise.all([start_lrs(), start_mail_sink(), start_database(kind)]);
const { url: lrs_url, username, password } = lrs.addresses;
const platform = await start_platform({
    program,
    config,
    sections: database.sections,
    env: demo_environment({
        lrs: lrs.addresses,
        mail: mail.addresses,
        video: { url: 'http://127.0.0.1:1' },
        key: 'a key that signs addresses during this test',
    }),
});
database.open(platform.data);

/** Asks the learning record store as anybody with its password may. */
async function ask_store(path, options = {}) {
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    const headers = { authorization, 'x-experience-api-version': '1.0.3', 'content-type': 'application/json' };
    const answer = await fetch(new URL(path, lrs_url), { ...options, headers });
    if (answer.status !== 200) throw new Error(`the store answered ${answer.status}: ${await answer.text()}`);
    return answer.json();
}
const world = {
    platform,
    database,
    mails: () => mail.received,
    requests_to_store: () => lrs.received,
    add_statement: (statement) => ask_store('/xAPI/statements', { method: 'POST', body: JSON.stringify(statement) }),
    /** All that the store holds. */
    statements: async () => {
        const found = [];
        for (let next = '/xAPI/statements?limit=100'; next; ) {
            const page = await ask_store(next);
            found.push(...page.statements);
            next = page.more || null;
        }
        return found;
    },
};

const people = [];
async function begin(flow) {
    const person = await flows[flow].prepare(world, people.length + 1);
    people.push({ flow, person, story: 'nobody was killed' });
    return person;
}

/** Repeats a step until it is acknowledged; after each attempt `look_after` is called. */
async function complete(step, person, look_after = async () => false) {
    let problem = null;
    const attempt = async () => {
        try {
            await step.attempt(person, world);
            await look_after();
            return true;
        } catch (error) {
            if (!(error instanceof Unacknowledged)) throw error;
            problem = error.message;
            return look_after();
        }
    };
    await wait_for(step.phase, attempt, { seconds: 120 }).catch((error) => {
        const who = `learner ${person.number} (${people.at(-1).story}), ${step.phase}`;
        throw new Error(`${who}: ${error.message}\nlast answer: ${problem}\n${platform.output().slice(-3000)}`);
    });
}

/**
 * The step to which a process's doings belong that were seen while the client was at step `then`. A worker works for
 * one step of a span only, and may be at it before the client has heard that the step before is acknowledged.
 */
const step_of = (name, steps, then) => steps.find(({ instance }) => instance === name) ?? then;

/** Goes through a flow with nobody killed, and finds out where the server and the workers could be, in each phase. */
async function count_calls(flow, targets) {
    const person = await begin(flow);
    const spans = [...new Set(flows[flow].steps.flatMap(({ span }) => span ?? []))];
    for (const span of spans) {
        const steps = flows[flow].steps.filter((step) => step.span === span);
        const tracers = [];
        const workers = workers_of(platform.pid);
        const instances = steps.flatMap(({ instance }) => instance ?? []);
        for (const [name, pid] of [['server', platform.pid], ...instances.map((one) => [one, workers.get(one)])]) {
            const file = join(folder, `count-${tracers.length}.log`);
            tracers.push({ name, file, tracer: await attach(pid, file) });
        }
        const began = [];
        for (const step of steps) {
            began.push({ step, at: Date.now() / 1000 });
            await complete(step, person);
        }
        for (const { name, file, tracer } of tracers) {
            await tracer.detach();
            for (const place of places_in(file)) {
                const then = (began.findLast(({ at }) => at <= place.at) ?? began[0]).step;
                const { phase, is_prelude } = step_of(name, steps, then);
                if (!is_prelude) targets.add({ flow, span, phase, victim: name }, place);
            }
        }
    }
    for (const step of flows[flow].steps.filter(({ span }) => !span)) await complete(step, person);
}

/** After the server's end: nothing of it is left behind, and it comes back with the same data. */
async function come_back(workers) {
    const are_gone = () => [...workers.values()].every((pid) => !is_alive(pid));
    await wait_for('the workers to end with the server', are_gone, { seconds: 10 });
    await platform.restart();
}

/** After a worker's end: the server lives, and starts another one. */
async function await_successor(instance, victim) {
    const is_there = () => (workers_of(platform.pid).get(instance) ?? victim) !== victim;
    await wait_for(`a new worker of ${instance}`, () => platform.is_running() && is_there());
}

/** Goes through a flow and kills at one place. Returns the phase in which the victim died, or null if it did not. */
async function kill_at({ flow, span, victim: name }, place) {
    const person = await begin(flow);
    const { steps } = flows[flow];
    const in_span = steps.filter((step) => step.span === span);
    let workers = null;
    let victim = null;
    let tracer = null;
    let died_in = null;
    const look_after = async (step) => {
        if (!tracer || is_alive(victim)) return;
        await tracer.ended;
        tracer = null;
        const trace = readFileSync(log, 'utf8');
        assert.match(trace, new RegExp(`^${victim} .*\\+\\+\\+ killed by SIGKILL`, 'm'), `it died of something else:\n${trace.slice(-2000)}`);
        died_in = step_of(name, in_span, step).phase;
        people.at(-1).story = `${name} was killed before ${place.call} ${place.nth}, in: ${died_in}`;
        if (name === 'server') await come_back(workers);
        else await await_successor(name, victim);
    };
    for (const [i, step] of steps.entries()) {
        if (step.span === span && !victim) {
            workers = workers_of(platform.pid);
            victim = name === 'server' ? platform.pid : workers.get(name);
            tracer = await attach(victim, log, place);
        }
        await complete(step, person, async () => {
            await look_after(step);
            // What the dead server had claimed comes back after a minute, which is waited for once, at the end.
            return step.is_wait && died_in !== null && name === 'server';
        });
        if (tracer && steps[i + 1]?.span !== span) {
            await tracer.detach();
            await look_after(step);
            tracer = null;
        }
    }
    // Three strikes within ten minutes, and a plugin stays down: that is for another test.
    if (died_in && name !== 'server') await platform.restart();
    return died_in;
}

/** What is wrong with the doings of these learners. */
async function complaints(examined) {
    const all_statements = world.statements();
    const now = { ...world, statements: () => all_statements };
    const found = [];
    for (const { flow, person, story } of examined)
        for (const complaint of judge(flow, await looks[flow](person, now)))
            found.push(`learner ${person.number}, ${flow}: ${complaint} (${story})`);
    return found;
}

try {
    console.log(`seed ${seed}, ${kind}`);
    const targets = new Targets(seed);
    for (const flow of Object.keys(flows)) await count_calls(flow, targets);
    for (let target; (target = targets.next(kills_wanted)); ) {
        const place = target.next_place();
        const began_at = Date.now();
        const died_in = await kill_at(target, place);
        targets.count(target, place, died_in);
        const seconds = ((Date.now() - began_at) / 1000).toFixed(1);
        console.log(`${target.victim} before ${place.call} ${place.nth} of ${target.phase}: died in ${died_in ?? 'none'} (${seconds} s)`);
    }
    console.log(targets.table());
    // The platform's own letters stay a killed server's for five minutes; they have a test of their own (letters_test.cpp).
    const waiting = "select count(*) from outbox where state in ('queued', 'claimed') and instance <> 'core/mail'";
    await wait_for('the queue to be empty', async () => (await database.query(waiting)) === '0', { seconds: 150, pause: 500 });
    assert.deepEqual(await complaints(people), []);
    const verified = await platform.run(['ledger', 'verify']);
    assert.equal(verified.code, 0, verified.stdout + verified.stderr);
    console.log(`${people.length} flows: nothing lost, nothing doubled`);
    await prove_that_it_can_fail(world, people, complaints);
    assert.deepEqual(targets.shortfalls(kills_wanted), []);
} finally {
    await platform.stop();
    await Promise.all([lrs.stop(), mail.stop(), database.stop()]);
    rmSync(folder, { recursive: true, force: true });
}
process.exit(process.exitCode);
