// Which data a JSON document holds, as paths: {"a": [{"b": 1}]} has the one leaf "a[].b".

export function json_leaves(value, path = '') {
    if (Array.isArray(value)) return unique(value.flatMap((item) => json_leaves(item, `${path}[]`)));
    if (value !== null && typeof value === 'object') {
        return unique(Object.entries(value).flatMap(([key, item]) => json_leaves(item, path ? `${path}.${key}` : key)));
    }
    return [path];
}

const unique = (paths) => [...new Set(paths)];

/**
 * The leaves of `document` for which nobody promised anything. `table` maps each datum's words on the privacy page to
 * the paths in which it may appear; `always` are the paths of the protocol itself, which hold no datum of the learner.
 * A word without a row is an error: the table is written by hand and must know every promise.
 */
export function unpromised_leaves(document, words, table, always) {
    const unknown = words.filter((word) => !(word in table));
    if (unknown.length > 0) throw new Error(`the table of promises has no row for: ${unknown.join('; ')}`);
    const allowed = new Set([...always, ...words.flatMap((word) => table[word])]);
    return json_leaves(document).filter((path) => !allowed.has(path));
}

/** The names of the canaries whose value occurs in `text`, as it is or encoded. */
export function canaries_in(text, canaries) {
    const forms = (value) => [
        value,
        encodeURIComponent(value),
        JSON.stringify(value).slice(1, -1),
        Buffer.from(value).toString('base64').replace(/=+$/, ''),
        Buffer.from(value).toString('hex'),
    ];
    const lower = text.toLowerCase();
    return Object.entries(canaries)
        .filter(([, value]) => forms(value).some((form) => lower.includes(form.toLowerCase())))
        .map(([name]) => name);
}
