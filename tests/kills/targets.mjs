// Where to kill: which process in which phase at which call, spread over all that a run without kills has shown.
import { kinds } from './strace.mjs';

const golden_ratio = 0.6180339887498949;

/** One process in one phase, and the places at which it may die there. */
class Target {
    kills = { write: 0, fsync: 0, send: 0 };
    tries = 0;
    #places = { write: [], fsync: [], send: [] };

    /** `start` in [0, 1) is where among its places to begin, `first_kind` with which kind of call. */
    constructor(key, start, first_kind) {
        Object.assign(this, key);
        this.start = start;
        this.first_kind = first_kind;
    }

    add(place) {
        this.#places[place.kind].push(place);
    }

    get known_places() {
        return Object.values(this.#places).flat().length;
    }

    get total() {
        return Object.values(this.kills).reduce((sum, count) => sum + count, 0);
    }

    /** The kinds take turns; within one, multiples of the golden ratio spread evenly, however many there will be. */
    next_place() {
        const present = Object.values(this.#places).filter((places) => places.length > 0);
        const places = present[(this.first_kind + this.tries) % present.length];
        const turn = Math.floor(this.tries / present.length);
        ++this.tries;
        return places[Math.floor(((this.start + turn * golden_ratio) % 1) * places.length)];
    }
}

export class Targets {
    #seed;
    #targets = new Map();

    /** The same seed means the same places, as far as the server makes the same calls. */
    constructor(seed) {
        this.#seed = seed;
    }

    add(key, place) {
        const name = `${key.phase} ${key.victim}`;
        if (!this.#targets.has(name)) {
            const number = this.#targets.size;
            const start = ((this.#seed + 1) * golden_ratio + number * Math.SQRT2) % 1;
            this.#targets.set(name, new Target(key, start, this.#seed + number));
        }
        this.#targets.get(name).add(place);
    }

    get #all() {
        return [...this.#targets.values()];
    }

    get #kills() {
        return this.#all.reduce((sum, target) => sum + target.total, 0);
    }

    /** The target with the fewest kills; null once there are enough, or when it is in vain to go on. */
    next(kills_wanted) {
        const most_tries = 5 + (3 * kills_wanted) / this.#all.length;
        const open = this.#all.filter(({ tries }) => tries < most_tries);
        if (this.#kills >= kills_wanted && this.#all.every(({ total }) => total > 0)) return null;
        return open.sort((a, b) => a.total - b.total || a.tries - b.tries)[0] ?? null;
    }

    /** A kill counts where it happened, which need not be where it was meant to. */
    count(target, place, died_in) {
        const hit = this.#targets.get(`${died_in} ${target.victim}`);
        if (hit) ++hit.kills[place.kind];
    }

    /** What is missing of a run that proves something. */
    shortfalls(kills_wanted) {
        const missing = this.#all.filter(({ total }) => total === 0).map(({ phase, victim }) => `no kill of ${victim} in: ${phase}`);
        if (this.#kills < kills_wanted) missing.push(`${this.#kills} kills instead of ${kills_wanted}`);
        return missing;
    }

    table() {
        const head = ['phase', 'killed', 'before a', ...Object.keys(kinds), 'kills', 'runs', 'places'];
        const rows = this.#all.map(({ phase, victim, kills, total, tries, known_places }) =>
            [phase, victim, '', ...Object.values(kills), total, tries, known_places].map(String),
        );
        const sums = Object.keys(kinds).map((kind) => this.#all.reduce((sum, { kills }) => sum + kills[kind], 0));
        rows.push(['', '', 'together', ...sums, this.#kills, '', ''].map(String));
        const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i].length)));
        return [head, ...rows].map((row) => row.map((cell, i) => (i < 3 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  ')).join('\n');
    }
}
