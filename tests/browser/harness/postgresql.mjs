// A PostgreSQL of the test's own: a new cluster in a temporary folder, on a Unix socket only.
import { execFileSync } from 'node:child_process';
import { chownSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { start_child, wait_for } from './child.mjs';

function programs_folder() {
    const versions = readdirSync('/usr/lib/postgresql').sort((a, b) => Number(b) - Number(a));
    return `/usr/lib/postgresql/${versions[0]}/bin`;
}

/** PostgreSQL refuses to run as root; Debian's package brings a user for it. */
function server_user() {
    if (process.getuid() !== 0) return null;
    const line = readFileSync('/etc/passwd', 'utf8').split('\n').find((entry) => entry.startsWith('postgres:'));
    const [, , uid, gid] = line.split(':');
    return { uid: Number(uid), gid: Number(gid) };
}

/** {url (of an empty database, for libpq), folder (of its files), query(sql) -> text, stop()} */
export async function start_postgresql() {
    const programs = programs_folder();
    const folder = mkdtempSync(join(tmpdir(), 'calyptenora-pg-'));
    const user = server_user();
    if (user) chownSync(folder, user.uid, user.gid);
    const environment = { PATH: process.env.PATH, LC_ALL: 'C.UTF-8' };
    const remove = () => rmSync(folder, { recursive: true, force: true });
    const options = { env: environment, cwd: folder, as_user: user, death_signal: 'QUIT' };

    // prettier-ignore
    const initdb = start_child(`${programs}/initdb`, [
        '-D', join(folder, 'data'), '-U', 'calyptenora', '--auth=trust', '--encoding=UTF8', '--no-sync',
    ], options);
    if ((await initdb.ended) !== 0) {
        remove();
        throw new Error(`initdb failed:\n${initdb.output()}`);
    }
    // prettier-ignore
    const server = start_child(`${programs}/postgres`, [
        '-D', join(folder, 'data'), '-k', folder, '-c', 'listen_addresses=', '-c', 'fsync=off', '-c', 'max_connections=50',
    ], options);
    const query = (sql, database = 'calyptenora') =>
        execFileSync(`${programs}/psql`, ['-h', folder, '-U', 'calyptenora', '-d', database, '-AtXqc', sql], {
            env: environment,
            encoding: 'utf8',
            stdio: ['ignore', 'pipe', 'pipe'],
        }).trim();
    const stop = async () => {
        await server.stop('SIGINT');
        remove();
    };
    const is_up = () => {
        try {
            return query('select 1', 'postgres') === '1';
        } catch {
            return false;
        }
    };
    try {
        await wait_for('PostgreSQL', is_up, { seconds: 30, while_running: server });
        query('create database calyptenora', 'postgres');
    } catch (error) {
        await stop();
        throw error;
    }
    return { url: `postgresql://calyptenora@/calyptenora?host=${encodeURIComponent(folder)}`, folder, query, stop };
}
