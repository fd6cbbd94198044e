// Somebody who uses the platform in a browser: goes to pages, presses buttons, and looks as axe does.
import assert from 'node:assert/strict';

/** Fills in the form at /register of whoever is old enough to consent alone, and accepts the terms if there are any. */
export async function fill_registration(page, { name, email, password }) {
    await page.fill('#name', name);
    await page.fill('#email', email);
    await page.fill('#password', password);
    await page.check('input[name="age"][value="over"]');
    const terms = page.locator('input[name="terms"]');
    if (await terms.count()) await terms.check();
}

/** `prefix` begins the names of this visitor's screenshots. */
export function make_visitor({ browser, url, prefix, page = browser.page }) {
    const look = async (name) => {
        await browser.screenshot(`${prefix}-${name}`, page);
        // Axe itself waits for ever in a page that may not run scripts.
        if (!browser.scripts) return;
        assert.deepEqual(await browser.accessibility(page), [], `axe on ${name}`);
    };
    const visit = async (path, name = null) => {
        const response = await page.goto(url + path);
        assert.equal(response.status(), 200, path);
        if (name) await look(name);
        return response;
    };
    /** Presses the first button that fits, which sends a form, and waits for the page that comes back. */
    const press = async (selector, status = 200) => {
        const answered = page.waitForResponse(
            (response) => response.request().isNavigationRequest() && response.status() !== 303,
        );
        // Of the new page: the old one has been loaded long since.
        const loaded = page.waitForEvent('load');
        await page.locator(selector).first().click();
        const response = await answered;
        await loaded;
        assert.equal(response.status(), status, selector);
    };
    return { page, look, visit, press };
}
