// A certificate for localhost and 127.0.0.1, made at start, that a client can be told to trust.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** {key, cert (PEM), ca_file (path of the certificate, to verify with), remove()} */
export async function make_certificate(name = 'localhost') {
    const folder = await mkdtemp(join(tmpdir(), 'calyptenora-certificate-'));
    const [key_file, ca_file] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
    // prettier-ignore
    execFileSync('openssl', [
        'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc', '-days', '2',
        '-keyout', key_file, '-out', ca_file, '-subj', `/CN=${name}`,
        '-addext', `subjectAltName=DNS:${name},IP:127.0.0.1`,
    ], { stdio: 'pipe' });
    return {
        key: readFileSync(key_file),
        cert: readFileSync(ca_file),
        ca_file,
        remove: () => rm(folder, { recursive: true, force: true }),
    };
}
