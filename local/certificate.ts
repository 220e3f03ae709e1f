import { X509Certificate } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { generate } from 'selfsigned';

/** A certificate for localhost and 127.0.0.1 with its key, both PEM, and where the certificate lies. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
  /** Path of the certificate, for `NODE_EXTRA_CA_CERTS`. */
  readonly certFile: string;
}

const lifetimeMs = 365 * 24 * 60 * 60 * 1000;
// A stack that starts today must still be trusted tomorrow.
const renewBeforeMs = 7 * 24 * 60 * 60 * 1000;

/**
 * The self-signed certificate kept in `folder`, made there if there is none or it is about to expire.
 * Several processes may ask for the same folder at once: all get the same pair.
 */
export async function localCertificate(folder: string): Promise<Certificate> {
  const cached = await readCertificate(folder);
  if (cached && isFresh(cached.cert)) return cached;
  if (cached) await rm(folder, { recursive: true, force: true });
  await makeCertificate(folder);
  const made = await readCertificate(folder);
  if (!made) throw new Error(`No certificate could be written to ${folder}`);
  return made;
}

async function readCertificate(folder: string): Promise<Certificate | undefined> {
  const certFile = join(folder, 'cert.pem');
  try {
    const [cert, key] = await Promise.all([
      readFile(certFile, 'utf8'),
      readFile(join(folder, 'key.pem'), 'utf8'),
    ]);
    return { cert, key, certFile };
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function isFresh(cert: string): boolean {
  return Date.parse(new X509Certificate(cert).validTo) - Date.now() > renewBeforeMs;
}

async function makeCertificate(folder: string): Promise<void> {
  const pair = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notAfterDate: new Date(Date.now() + lifetimeMs),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  });
  // Renaming a whole folder is atomic, so that nobody ever reads a certificate beside another one's key.
  await mkdir(dirname(folder), { recursive: true });
  const draft = await mkdtemp(join(dirname(folder), `.${basename(folder)}-`));
  try {
    await writeFile(join(draft, 'cert.pem'), pair.cert);
    await writeFile(join(draft, 'key.pem'), pair.private, { mode: 0o600 });
    await rename(draft, folder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    const anotherWasFirst = isCode(error, 'ENOTEMPTY') || isCode(error, 'EEXIST');
    if (!anotherWasFirst) throw error;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
