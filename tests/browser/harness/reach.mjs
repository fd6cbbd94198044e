// What makes a page hard to reach: text that is cut or lies on other text, a window that scrolls sideways, a control that
// something covers, a focus that is not seen, a key that leads nowhere. Each function says what it found, in words.

/** Adds styles as a script may under the pages' policy: for what a reader does to a page, and for what a test spoils in it. */
export const add_styles = (page, css) =>
    page.evaluate((text) => {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(text);
        document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
    }, css);

/** What WCAG 1.4.12 lets a reader do to the spaces in a text. */
export const text_spacing =
    '* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important } p { margin-block-end: 2em !important }';

/** What does not fit: [words]. */
export const find_misfits = (page) =>
    page.evaluate(() => {
        const found = [];
        const name = (element) =>
            `<${element.localName}${element.id && `#${element.id}`}${element.className?.baseVal === undefined && element.className ? `.${element.className.replaceAll(' ', '.')}` : ''}> "${element.textContent.trim().replace(/\s+/g, ' ').slice(0, 40)}"`;
        const root = document.documentElement;
        const may_scroll_sideways = 'pre, .table, .table-scroll, .formula, .formula-within';
        const all = [...document.body.querySelectorAll('*')].filter((one) => one.checkVisibility({ visibilityProperty: true }));
        const within_scroller = (element) => element.parentElement?.closest(may_scroll_sideways);

        if (root.scrollWidth > window.innerWidth) {
            const wide = all.filter((one) => !within_scroller(one) && one.getBoundingClientRect().right + window.scrollX > window.innerWidth + 1);
            found.push(`the window scrolls sideways (${root.scrollWidth} > ${window.innerWidth}): ${wide.slice(0, 4).map(name).join(', ')}`);
        }
        for (const one of all) {
            if (one.scrollWidth <= one.clientWidth + 1 || !/auto|scroll/.test(getComputedStyle(one).overflowX)) continue;
            if (/^(textarea|select)$/.test(one.localName)) continue;
            if (!one.matches(may_scroll_sideways)) found.push(`${name(one)} scrolls sideways`);
            else if (one.tabIndex < 0) found.push(`${name(one)} scrolls and no key reaches it`);
        }

        // Lines of text, each cut to what the boxes around it show.
        const lines = [];
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        for (let node = walker.nextNode(); node; node = walker.nextNode()) {
            const parent = node.parentElement;
            if (!node.data.trim() || !parent.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
            if (parent.closest('.skip-link, svg, option, select, video, iframe')) continue;
            const range = document.createRange();
            range.selectNodeContents(node);
            // Spaces at the ends have boxes of their own.
            range.setStart(node, node.data.length - node.data.trimStart().length);
            range.setEnd(node, node.data.trimEnd().length);
            const style = getComputedStyle(parent);
            for (const rect of range.getClientRects()) {
                if (rect.width < 2 || rect.height < 2) continue;
                // What is drawn is the letters, not the box of the line, which may be taller than the line.
                const extra = Math.max(0, rect.height - Number.parseFloat(style.fontSize)) / 2;
                const line = { node, parent, left: rect.left, right: rect.right, top: rect.top + extra, bottom: rect.bottom - extra };
                let is_cut = null;
                for (let box = parent; box && box !== document.body; box = box.parentElement) {
                    const { overflowX, overflowY, display, position } = getComputedStyle(box);
                    if (display === 'inline') continue;
                    const inside = box.getBoundingClientRect();
                    const hides = (overflow) => overflow === 'hidden' || overflow === 'clip';
                    if (hides(overflowX) && (line.left < inside.left - 1 || line.right > inside.right + 1)) is_cut = box;
                    if (hides(overflowY) && (line.top < inside.top - 1 || line.bottom > inside.bottom + 1)) is_cut = box;
                    if (/auto|scroll/.test(overflowX + overflowY)) {
                        line.left = Math.max(line.left, inside.left);
                        line.right = Math.min(line.right, inside.right);
                        line.top = Math.max(line.top, inside.top);
                        line.bottom = Math.min(line.bottom, inside.bottom);
                    }
                    // A box over the page is not part of its text.
                    if (position === 'fixed' || position === 'sticky' || (position === 'absolute' && box.matches('.menu ul'))) line.layer = box;
                }
                if (is_cut) found.push(`"${node.data.trim().slice(0, 40)}" is cut by ${name(is_cut)}`);
                if (line.right - line.left > 2 && line.bottom - line.top > 2) lines.push(line);
            }
        }
        lines.sort((a, b) => a.top - b.top);
        for (const [index, one] of lines.entries()) {
            for (let next = index + 1; next < lines.length && lines[next].top < one.bottom - 2; ++next) {
                const other = lines[next];
                if (other.node === one.node || other.layer !== one.layer) continue;
                if (Math.min(one.right, other.right) - Math.max(one.left, other.left) > 2 && Math.min(one.bottom, other.bottom) - other.top > 2)
                    found.push(`"${one.node.data.trim().slice(0, 30)}" lies on "${other.node.data.trim().slice(0, 30)}"`);
            }
        }
        return [...new Set(found)].slice(0, 12);
    });

/** Controls that cannot be pressed, since something lies on them or they lie outside: [words]. */
export const find_covered = (page) =>
    page.evaluate(() => {
        const found = [];
        for (const one of document.querySelectorAll('a[href], button, input:not([type="hidden"]), select, textarea, summary')) {
            if (one.matches('.skip-link') || !one.checkVisibility({ visibilityProperty: true })) continue;
            one.scrollIntoView({ block: 'nearest', inline: 'nearest', behavior: 'instant' });
            const label = one.labels?.[0];
            const at_hit = (hit) => hit && (one.contains(hit) || hit.contains(one) || label?.contains(hit) || hit.closest('.card')?.contains(one));
            const is_free = [...one.getClientRects()].some(({ left, top, width, height }) =>
                [0.5, 0.2, 0.8].some((x) => [0.5, 0.2, 0.8].some((y) => {
                    const hit = document.elementFromPoint(left + x * width, top + y * height);
                    return hit !== document.body && hit !== document.documentElement && at_hit(hit);
                })),
            );
            if (!is_free) found.push(`<${one.localName}> "${(one.textContent || one.name || one.id).trim().slice(0, 40)}"`);
        }
        window.scrollTo({ top: 0, behavior: 'instant' });
        return found;
    });

/** Characters in the longest lines of the running text: {longest, of}. Only whole paragraphs have lines. */
export const longest_lines = (page) =>
    page.evaluate(() => {
        let worst = { longest: 0, of: '' };
        for (const paragraph of document.querySelectorAll('main p, main li, main dd')) {
            if (!paragraph.checkVisibility() || paragraph.querySelector('p, ul, ol, table')) continue;
            const range = document.createRange();
            range.selectNodeContents(paragraph);
            const tops = new Set([...range.getClientRects()].filter(({ width }) => width > 2).map(({ bottom }) => Math.round(bottom / 12)));
            if (tops.size < 3) continue;
            const text = paragraph.innerText.replace(/\s+/g, ' ').trim();
            // The last line is half full on average.
            const longest = Math.round(text.length / (tops.size - 0.5));
            if (longest > worst.longest) worst = { longest, of: text.slice(0, 60) };
        }
        return worst;
    });

/** Begins to count how far the page's parts jump by themselves; before the page is opened. */
export const watch_shifts = (page) =>
    page.addInitScript(() => {
        window.shifts = [];
        new PerformanceObserver((list) => {
            for (const entry of list.getEntries())
                if (!entry.hadRecentInput)
                    window.shifts.push({ value: entry.value, what: entry.sources.map(({ node }) => node?.outerHTML?.slice(0, 80) ?? node?.data ?? '?') });
        }).observe({ type: 'layout-shift', buffered: true });
    });

/** Reads the page to its end, and says what has jumped meanwhile: {total, shifts}. */
export async function read_shifts(page) {
    await page.evaluate(async () => {
        await document.fonts.ready;
        const rest = () => new Promise((resolve) => setTimeout(resolve, 100));
        for (let top = 0; top < document.documentElement.scrollHeight; top += window.innerHeight) {
            window.scrollTo({ top, behavior: 'instant' });
            await rest();
        }
        await rest();
    });
    const shifts = await page.evaluate(() => window.shifts);
    return { total: shifts.reduce((sum, { value }) => sum + value, 0), shifts };
}

/** Where the focus is and whether that is seen: null outside of the page. */
export const read_focus = (page) =>
    page.evaluate(() => {
        const one = document.activeElement;
        if (!one || one === document.body || one === document.documentElement) return null;
        window.stops ??= new Map();
        if (!window.stops.has(one)) window.stops.set(one, window.stops.size);
        const problems = [];
        const has_ring = (element) => {
            const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(element);
            return outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2 && !/, 0\)|transparent/.test(outlineColor);
        };
        // A card shows for its link, the browser itself for the parts of a player.
        if (!one.matches('video, iframe') && !has_ring(one) && !(one.closest('.card') && has_ring(one.closest('.card')))) problems.push('shows no focus');
        if (one.tabIndex > 0) problems.push('has an order of its own');
        const rects = [...one.getClientRects()];
        const is_seen = rects.some(({ left, top, width, height }) =>
            [0.5, 0.1, 0.9].some((x) => [0.5, 0.1, 0.9].some((y) => {
                const hit = document.elementFromPoint(left + x * width, top + y * height);
                return hit && (one.contains(hit) || (hit !== document.body && hit.contains(one)) || hit.closest('.card')?.contains(one));
            })),
        );
        if (!is_seen) problems.push('is covered or outside');
        const { left, top, bottom } = one.getBoundingClientRect();
        const words = one.getAttribute('aria-label') || one.innerText || one.name || one.id || one.localName;
        return {
            number: window.stops.get(one),
            what: `<${one.localName}> "${words.trim().replace(/\s+/g, ' ').slice(0, 40)}"`,
            region: one.closest('[data-consent-dialog], header.site-header, main, aside, footer')?.className ?? '',
            column: one.closest('.course-main, .course-side, .recipient, .card, .transfer__columns > *, .search__fields')?.className ?? '',
            // A player's buttons and a date's day, month and year are one element.
            has_parts: one.matches('video, iframe, input[type="date"]'),
            left,
            top: top + window.scrollY,
            bottom: bottom + window.scrollY,
            problems,
        };
    });

/**
 * Goes through the whole page with Tab, from its beginning to its end, and back by one with Shift+Tab.
 * Returns {stops: [words], problems: [words]}.
 */
export async function walk(page) {
    await page.evaluate(() => {
        window.stops = new Map();
        window.scrollTo({ top: 0, behavior: 'instant' });
        document.activeElement?.blur();
        // The next Tab begins where the last click or focus was: at the beginning.
        const start = document.createElement('span');
        start.tabIndex = -1;
        document.body.prepend(start);
        start.focus();
        start.remove();
    });
    const problems = [];
    const stops = [];
    let before = null;
    for (let presses = 0; ; ++presses) {
        if (presses > 400) {
            problems.push(`no end after ${presses} presses; at ${before?.what}`);
            break;
        }
        await page.keyboard.press('Tab');
        const stop = await read_focus(page);
        if (!stop) break;
        // Without a window around it, the end leads to the beginning.
        if (stop.number === 0 && stops.length > 1) break;
        if (before && stop.number < before.number) {
            problems.push(`${before.what} leads back to ${stop.what}`);
            break;
        }
        if (before && stop.number === before.number) {
            if (!stop.has_parts) {
                problems.push(`${stop.what} holds the focus`);
                break;
            }
            continue;
        }
        for (const problem of stop.problems) problems.push(`${stop.what} ${problem}`);
        if (before && before.region === stop.region && before.column === stop.column && stop.bottom < before.top - 4 && stop.left <= before.left + 4)
            problems.push(`${before.what} leads up to ${stop.what}`);
        stops.push(stop.what);
        before = stop;
    }
    await page.keyboard.press('Shift+Tab');
    let back = await read_focus(page);
    if (!back) {
        await page.keyboard.press('Shift+Tab');
        back = await read_focus(page);
    }
    if (stops.length > 0 && back?.what !== stops.at(-1)) problems.push(`Shift+Tab leads to ${back?.what}, not back to ${stops.at(-1)}`);
    const missed = await page.evaluate(() => {
        const controls = 'a[href], button, input:not([type="hidden"]), select, textarea, summary, [tabindex="0"]';
        return [...document.querySelectorAll(controls)]
            .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.disabled && one.tabIndex >= 0 && !window.stops.has(one))
            .filter((one) => one.type !== 'radio' || ![...document.getElementsByName(one.name)].some((other) => window.stops.has(other)))
            .map((one) => `<${one.localName}> "${(one.innerText || one.name || one.id).trim().slice(0, 40)}" is not reached`);
    });
    return { stops, problems: [...problems, ...missed] };
}

/** Presses Tab (or Shift+Tab) until `selector` has the focus; each stop on the way has to be seen. */
export async function tab_to(page, selector, { back = false, most = 120 } = {}) {
    for (let presses = 0; presses < most; ++presses) {
        await page.keyboard.press(back ? 'Shift+Tab' : 'Tab');
        const stop = await read_focus(page);
        if (stop?.problems.length) throw new Error(`on the way to ${selector}: ${stop.what} ${stop.problems.join(', ')}`);
        if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector)) return;
    }
    throw new Error(`${most} times Tab do not lead to ${selector} on ${page.url()}`);
}
