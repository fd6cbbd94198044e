// wrk, and what the asked server spent on it.
import { execFile, execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const script = fileURLToPath(new URL('report.lua', import.meta.url));
const ticks_per_second = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** Servers share one processor and wrk has another, so that each server is measured with one core. */
export const is_pinned = availableParallelism() >= 2;

export function pin_server(pid) {
    if (is_pinned) execFileSync('taskset', ['-a', '-c', '-p', '0', String(pid)]);
}

/** Seconds of processor time that a process has used, all threads, user and kernel. */
function processor_seconds(pid) {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ');
    return (Number(fields[11]) + Number(fields[12])) / ticks_per_second;
}

/**
 * Asks for `url` for a while.
 *   pid       whose processor time counts
 *   rate      requests per second; without it as many as are answered
 *   headers   {name: value}
 *
 * Returns {requests, per_second, p50_ms, p99_ms, cpu_us (per request)}. Throws if any request failed.
 */
export async function put_load(url, { pid, seconds, connections = 32, rate = null, headers = {} }) {
    const wrk = ['-t1', '--timeout', '20s', `-c${connections}`, `-d${seconds}s`, '-s', script];
    for (const [name, value] of Object.entries(headers)) wrk.push('-H', `${name}: ${value}`);
    wrk.push(url, '--');
    if (rate) wrk.push(rate.toFixed(3), String(connections));
    const [program, ...program_arguments] = is_pinned ? ['taskset', '-c', '1', 'wrk', ...wrk] : ['wrk', ...wrk];

    const before = processor_seconds(pid);
    const { stdout } = await promisify(execFile)(program, program_arguments);
    const spent = processor_seconds(pid) - before;
    const line = /^report (.*)$/m.exec(stdout);
    if (!line) throw new Error(`wrk printed no report:\n${stdout}`);
    const report = JSON.parse(line[1]);
    if (report.failed > 0) throw new Error(`${url}: ${report.failed} of ${report.requests} requests failed`);
    if (report.requests === 0) throw new Error(`${url}: no request was answered`);
    return {
        requests: report.requests,
        per_second: report.requests / report.seconds,
        p50_ms: report.p50_ms,
        p99_ms: report.p99_ms,
        cpu_us: (spent * 1e6) / report.requests,
    };
}
