// Counts the system calls of a running process, and kills it at the Nth one (strace -e inject=...:signal=KILL:when=N).
import { readFileSync } from 'node:fs';

import { start_child, wait_for } from '../browser/harness/child.mjs';

/** The calls by which an effect leaves the process or becomes durable, under the names that the table has. */
export const kinds = {
    write: ['write', 'writev', 'pwrite64'],
    fsync: ['fsync', 'fdatasync'],
    send: ['sendto', 'sendmsg'],
};
const calls = Object.values(kinds).flat();

/**
 * Follows all threads of the process `pid` and writes their calls to the file `log`. `kill_at` = {call, nth}: before
 * the first thread makes its nth call of this name since now, the process dies of SIGKILL; that call does not happen.
 * Returns {ended (promise: the process is gone), detach()}, with which the process goes on as it was.
 */
export async function attach(pid, log, kill_at = null) {
    const inject = kill_at ? ['-e', `inject=${kill_at.call}:signal=KILL:when=${kill_at.nth}`] : [];
    // prettier-ignore
    const strace = start_child('strace', [
        '-f', '-ttt', '-s', '0', '-e', `trace=${calls}`, '-e', 'signal=KILL', ...inject, '-o', log, '-p', String(pid),
    ], { env: { PATH: process.env.PATH } });
    await wait_for('strace', () => /attached/.test(strace.output()), { while_running: strace });
    return { ended: strace.ended, detach: () => strace.stop('SIGINT') };
}

/**
 * What a log says about where one could kill: for each call and n, when the first thread made its nth one.
 * [{kind, call, nth, at (seconds since 1970)}], in the order of time.
 */
export function places_in(log) {
    const counts = new Map();
    const first = new Map();
    for (const line of readFileSync(log, 'utf8').split('\n')) {
        const [, thread, at, call] = /^(\d+) +(\d+\.\d+) (\w+)\(/.exec(line) ?? [];
        if (!call) continue;
        const nth = (counts.get(thread + call) ?? 0) + 1;
        counts.set(thread + call, nth);
        const kind = Object.keys(kinds).find((name) => kinds[name].includes(call));
        // The log is in the order of time, so the first to come is the first.
        if (!first.has(call + nth)) first.set(call + nth, { kind, call, nth, at: Number(at) });
    }
    return [...first.values()];
}
