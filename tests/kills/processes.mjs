// The server's worker processes, as the kernel shows them.
import { readdirSync, readFileSync } from 'node:fs';

function read(path) {
    try {
        return readFileSync(path, 'utf8');
    } catch {
        return ''; // It has ended meanwhile.
    }
}

/** The workers of the server `host`: a map from the worker's name (`family/name (purpose)`) to the process. */
export function workers_of(host) {
    const found = new Map();
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
        if (Number(/^PPid:\s*(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1]) !== host) continue;
        const [program, instance] = read(`/proc/${pid}/cmdline`).split('\0');
        if (program === 'calyptenora-worker') found.set(instance, Number(pid));
    }
    return found;
}

/** Whether the process is there and not merely waiting to be reaped. */
export const is_alive = (pid) => /^State:\s+[^ZX\s]/m.test(read(`/proc/${pid}/status`));
