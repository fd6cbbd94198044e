// The program with plugins of the tests beside its own, in a folder of its own, as an operator adds a plugin.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Returns {program, remove()}. Of links, so it stands beside what it is made of. */
export function lay_out_site(program, plugins) {
    const build = dirname(dirname(program));
    const folder = mkdtempSync(join(build, 'site-'));
    const link = (from, to) => execFileSync('cp', ['-al', from, to]);
    mkdirSync(join(folder, 'bin'));
    for (const name of ['calyptenora', 'calyptenora-worker']) link(join(build, 'bin', name), join(folder, 'bin', name));
    for (const name of ['plugins', 'share']) link(join(build, name), join(folder, name));
    link(`${plugins}/.`, join(folder, 'plugins'));
    return { program: join(folder, 'bin/calyptenora'), remove: () => rmSync(folder, { recursive: true, force: true }) };
}
