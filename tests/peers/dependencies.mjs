// The peers' npm packages are installed with the browser tests' own (tests/browser/package.json).
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const anchor = new URL('../browser/package.json', import.meta.url);

export const load_dependency = createRequire(anchor);

/** The path of a file inside tests/browser/node_modules. */
export function dependency_path(path) {
    return fileURLToPath(new URL(`../browser/node_modules/${path}`, import.meta.url));
}
