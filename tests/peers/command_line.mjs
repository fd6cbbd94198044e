// Lets a peer be started as a program by tests written in other languages:
//   node lrs.mjs '{"password":"secret"}'
// prints one line of JSON with its addresses when it is ready, and ends when its standard input is closed or on a
// signal, so that it does not outlive a test that was killed.
import { fileURLToPath } from 'node:url';

export async function run_if_main(meta_url, start) {
    if (!process.argv[1] || fileURLToPath(meta_url) !== process.argv[1]) return;
    const peer = await start(process.argv[2] ? JSON.parse(process.argv[2]) : {});
    const end = async () => {
        await peer.stop();
        process.exit(0);
    };
    process.on('SIGINT', end);
    process.on('SIGTERM', end);
    process.stdin.on('end', end);
    process.stdin.resume();
    console.log(JSON.stringify(peer.addresses));
}
