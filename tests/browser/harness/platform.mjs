// The platform under test: "calyptenora serve" with a data folder of its own.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { find_free_port, start_child, wait_for } from './child.mjs';

/** Replaces (or adds) one top-level section of a YAML text; `body` is the whole section or an empty text. */
export function replace_section(yaml, name, body) {
    const kept = [];
    let is_skipping = false;
    for (const line of yaml.split('\n')) {
        if (/^[^\s#]/.test(line)) is_skipping = line.startsWith(`${name}:`);
        if (!is_skipping) kept.push(line);
    }
    return `${kept.join('\n').trimEnd()}\n${body}`;
}

/**
 * Starts it and waits until it prints its address.
 *   program    path of calyptenora
 *   config     path of its YAML file; relative paths in it count from there
 *   sections   {name: YAML text}: sections that take the place of the file's own
 *   env        what it sees of the environment, besides PATH and the language
 *   options    more words for "serve"
 *   data       a data folder to go on with; otherwise a new one, removed at the end
 *
 * Returns {url, data, pid, is_running(), output(), run(arguments, stdin) -> {code, stdout, stderr}, reload(), stop(), restart()}.
 */
export async function start_platform({ program, config, sections = {}, env = {}, options = [], data = null }) {
    const folder = mkdtempSync(join(tmpdir(), 'calyptenora-test-'));
    const data_folder = data ?? join(folder, 'data');
    let config_file = config;
    if (Object.keys(sections).length > 0) {
        let yaml = readFileSync(config, 'utf8');
        for (const [name, body] of Object.entries(sections)) yaml = replace_section(yaml, name, body);
        // Beside the original, since its relative paths count from there.
        config_file = `${config.replace(/\.yaml$/, '')}.test-${process.pid}.yaml`;
        writeFileSync(config_file, yaml);
    }
    const environment = { PATH: process.env.PATH, LANG: 'C.UTF-8', TZ: 'UTC', ...env };
    const port = await find_free_port();
    // prettier-ignore
    const serve_arguments = ['serve', '--config', config_file, '--data', data_folder, '--port', String(port), ...options];

    let child = null;
    let url = null;
    const start = async () => {
        child = start_child(program, serve_arguments, { env: environment, cwd: folder });
        const address = new RegExp(`https?://[^\\s/]+:${port}\\b`);
        url = (await wait_for('the platform', () => address.exec(child.output()), { seconds: 30, while_running: child }))[0];
    };
    const remove = () => {
        rmSync(folder, { recursive: true, force: true });
        if (config_file !== config) rmSync(config_file, { force: true });
    };
    try {
        await start();
    } catch (error) {
        await child.stop('SIGKILL');
        remove();
        throw error;
    }

    return {
        get url() {
            return url;
        },
        get pid() {
            return child.pid;
        },
        data: data_folder,
        is_running: () => child.is_running(),
        output: () => child.output(),
        /** One of the operator's commands, beside the running server. */
        run: (command_arguments, stdin = '') =>
            new Promise((resolve) => {
                const command = execFile(
                    program,
                    [...command_arguments, '--config', config_file, '--data', data_folder],
                    { env: environment, cwd: folder, timeout: 60_000 },
                    (error, stdout, stderr) => resolve({ code: error ? (error.code ?? 1) : 0, stdout, stderr }),
                );
                command.stdin.end(stdin);
            }),
        reload: () => process.kill(child.pid, 'SIGHUP'),
        restart: async () => {
            await child.stop();
            await start();
        },
        stop: async () => {
            const result = await child.stop();
            remove();
            return result;
        },
    };
}
