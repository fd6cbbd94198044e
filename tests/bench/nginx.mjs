// nginx with one worker, set up for speed: what the same answers cost where nothing has to be decided.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { find_free_port, start_child, wait_for } from '../browser/harness/child.mjs';

/**
 * Serves `json` (a text) at /state and `asset` (bytes) at /asset.
 * Returns {url, pid (of the worker), stop()}.
 */
export async function start_nginx({ json, asset }) {
    const folder = mkdtempSync(join(tmpdir(), 'calyptenora-bench-'));
    const port = await find_free_port();
    writeFileSync(join(folder, 'asset'), asset, { mode: 0o644 });
    writeFileSync(
        join(folder, 'nginx.conf'),
        `worker_processes 1;
daemon off;
user root;
pid ${folder}/pid;
error_log stderr error;
events { worker_connections 1024; }
http {
    access_log off;
    keepalive_requests 1000000000;
    sendfile on;
    tcp_nopush on;
    open_file_cache max=10;
    client_body_temp_path ${folder}/body;
    proxy_temp_path ${folder}/proxy;
    fastcgi_temp_path ${folder}/fastcgi;
    uwsgi_temp_path ${folder}/uwsgi;
    scgi_temp_path ${folder}/scgi;
    server {
        listen 127.0.0.1:${port};
        location = /state {
            default_type application/json;
            return 200 '${json}';
        }
        location = /asset {
            root ${folder};
            default_type font/woff2;
            add_header Cache-Control "public, max-age=31536000, immutable";
        }
    }
}
`,
    );
    const child = start_child('nginx', ['-e', 'stderr', '-p', folder, '-c', join(folder, 'nginx.conf')]);
    const stop = async () => {
        await child.stop();
        rmSync(folder, { recursive: true, force: true });
    };
    const find_worker = () => readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim();
    try {
        const pid = await wait_for('nginx', find_worker, { while_running: child });
        return { url: `http://127.0.0.1:${port}`, pid: Number(pid), stop };
    } catch (error) {
        await stop();
        throw error;
    }
}
