// Looks for a person's data in all that a platform leaves, with its keys at hand.
import { execFileSync } from 'node:child_process';
import { closeSync, cpSync, mkdtempSync, openSync, readdirSync, readFileSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Where `texts` are found in the files below `paths`: [{text, how, file}]. `how` is "clear", "system" (under the key of
 * the installation), or the owner of the key under which it is encrypted, among the keys that are left in `data`.
 */
export function search_canaries(program, data, texts, paths) {
    const found = execFileSync(program, [`sqlite:${join(data, 'keys.db')}`, join(data, 'master.key'), ...paths], {
        input: texts.join('\n'),
        encoding: 'utf8',
        maxBuffer: 64 * 1024 * 1024,
    });
    return found.split('\n').filter(Boolean).map((line) => {
        const [text, how, file] = line.split('\t');
        return { text, how, file };
    });
}

/** A backup of the data as operators should make it: without the key store and the master key. */
export function copy_without_keys(data) {
    const backup = mkdtempSync(join(tmpdir(), 'calyptenora-backup-'));
    cpSync(data, backup, { recursive: true, filter: (path) => !/keys\.db|master\.key|\.sock$|control/.test(path) });
    return { folder: backup, remove: () => rmSync(backup, { recursive: true, force: true }) };
}

const children_of = (pid) =>
    readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
        readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    );

/** Writes what the processes that `pid` has started hold in memory into files below `folder`; how many there are. */
export function dump_workers(pid, folder) {
    const workers = children_of(pid);
    for (const worker of workers) {
        const memory = openSync(`/proc/${worker}/mem`, 'r');
        const file = openSync(join(folder, `worker-${worker}`), 'w');
        for (const line of readFileSync(`/proc/${worker}/maps`, 'utf8').split('\n')) {
            const area = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line);
            if (!area) continue;
            const [begin, end] = [BigInt(`0x${area[1]}`), BigInt(`0x${area[2]}`)];
            const bytes = Buffer.alloc(Number(end - begin));
            try {
                writeSync(file, bytes, 0, readSync(memory, bytes, 0, bytes.length, begin));
            } catch (error) {
                // An area that is mapped and cannot be read holds nothing of anybody's.
                if (error.code !== 'EIO') throw error;
            }
        }
        closeSync(memory);
        closeSync(file);
    }
    return workers.length;
}
