// Posts each of a list of statement batches (standard input, JSON) to a real learning record store and prints the
// list of the statuses it answered with. What it says about a refused statement goes to standard error.
import { start_lrs } from '../../peers/lrs.mjs';

const parts = [];
for await (const part of process.stdin) parts.push(part);
const bodies = JSON.parse(Buffer.concat(parts).toString('utf8'));

const store = await start_lrs();
const { url, username, password } = store.addresses;
const statuses = [];
for (const body of bodies) {
    const answer = await fetch(`${url}/statements`, {
        method: 'POST',
        headers: {
            authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
            'content-type': 'application/json',
            'x-experience-api-version': '1.0.3',
        },
        body: JSON.stringify(body),
    });
    statuses.push(answer.status);
    if (answer.status !== 200) console.error(await answer.text());
}
await store.stop();
console.log(JSON.stringify(statuses));
process.exit(0);
