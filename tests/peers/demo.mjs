// ./run --demo-peers: starts the learning record store, the mail server and the video service, then the platform with
// their addresses in its environment, and stops them when the platform ends or a signal comes.
//
//   node demo.mjs PROGRAM [ARGUMENT...]
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';

import { demo_environment } from './demo_environment.mjs';
import { start_lrs } from './lrs.mjs';
import { start_mail_sink } from './mail_sink.mjs';
import { start_video_origin } from './video_origin.mjs';

const [program, ...program_arguments] = process.argv.slice(2);
const peers = [];
const stop_peers = () => Promise.all(peers.splice(0).map((peer) => peer.stop()));

let child = null;
let stopping = null;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
        // Ctrl-C reaches the platform by itself, since the terminal sends it to the whole group; "kill" does not.
        if (child && signal === 'SIGINT' && process.stdin.isTTY) return;
        if (child) child.kill(signal);
        else stopping = signal;
    });
}

async function start(label, peer_start) {
    const peer = await peer_start;
    peers.push(peer);
    console.log(`  ${label.padEnd(24)} ${peer.addresses.page}`);
    return peer.addresses;
}

try {
    console.log('Pages that show what each third party of this demonstration was told:');
    const lrs = await start('learning record store', start_lrs());
    const mail = await start('help desk (mail)', start_mail_sink());
    const video = await start('video service', start_video_origin());
    if (!stopping) {
        child = spawn(program, program_arguments, {
            stdio: 'inherit',
            env: {
                ...process.env,
                // The key signs what lives no longer than this demonstration.
                ...demo_environment({ lrs, mail, video, key: randomBytes(32).toString('hex') }),
            },
        });
        process.exitCode = await new Promise((resolve) => {
            child.once('error', (error) => {
                console.error(`error: ${program}: ${error.message}`);
                resolve(127);
            });
            child.once('exit', (code, signal) => resolve(code ?? (signal ? 1 : 0)));
        });
    }
} finally {
    await stop_peers();
}
process.exit();
