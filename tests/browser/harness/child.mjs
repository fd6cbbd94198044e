// Processes that end with the test that started them, however that ends.
import { spawn } from 'node:child_process';
import net from 'node:net';

/** A port on loopback that was free a moment ago. */
export async function find_free_port() {
    const server = net.createServer();
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address();
    await new Promise((resolve) => server.close(resolve));
    return port;
}

/**
 * Starts a program that the kernel kills (`death_signal`) if this process dies without stopping it.
 * `as_user`: {uid, gid} to give up root for.
 * Returns {pid, output() (both streams so far), ended (promise of the exit code or the signal's name), stop(signal)}.
 */
export function start_child(program, program_arguments, { env, cwd, as_user = null, death_signal = 'KILL' } = {}) {
    const prefix = ['--pdeathsig', death_signal];
    if (as_user) prefix.push(`--reuid=${as_user.uid}`, `--regid=${as_user.gid}`, '--clear-groups');
    const child = spawn('setpriv', [...prefix, program, ...program_arguments], {
        env,
        cwd,
        stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (bytes) => (output += bytes));
    child.stderr.on('data', (bytes) => (output += bytes));
    let is_running = true;
    const ended = new Promise((resolve) => {
        child.once('error', (error) => resolve(error.message));
        child.once('exit', (code, signal) => resolve(code ?? signal));
    }).finally(() => (is_running = false));
    return {
        pid: child.pid,
        output: () => output,
        ended,
        is_running: () => is_running,
        /** Asks it to end, and kills it if it has not after ten seconds. */
        stop: async (signal = 'SIGTERM') => {
            if (is_running) child.kill(signal);
            const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
            const result = await ended;
            clearTimeout(timer);
            return result;
        },
    };
}

/** Waits until `condition()`, asked again after `pause` ms each time, gives something true, and returns it. */
export async function wait_for(what, condition, { seconds = 30, pause = 25, while_running = null } = {}) {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
        const result = await condition();
        if (result) return result;
        if (while_running && !while_running.is_running()) {
            throw new Error(`${what}: the program has ended (${await while_running.ended}):\n${while_running.output()}`);
        }
        if (Date.now() > deadline) {
            const output = while_running ? `:\n${while_running.output()}` : '';
            throw new Error(`${what}: not within ${seconds} s${output}`);
        }
        await new Promise((resolve) => setTimeout(resolve, pause));
    }
}
