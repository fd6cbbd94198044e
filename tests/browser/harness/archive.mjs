// What is inside a ZIP file, as a program reads it that shares no code with the platform.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const program = `
import json, sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
assert archive.testzip() is None
print(json.dumps({name: archive.read(name).decode("utf-8") for name in archive.namelist()}))`;

/** {name: text} of all its files. */
export async function read_zip(path) {
    const { stdout } = await promisify(execFile)('python3', ['-c', program, path], { maxBuffer: 64 * 1024 * 1024 });
    return JSON.parse(stdout);
}
