import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { localCertificate } from '../../local/certificate.ts';

let parent: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'certificate-test-'));
});
afterEach(() => rm(parent, { recursive: true, force: true }));

test('is for localhost, fits its key and lasts', async () => {
  const { cert, key } = await localCertificate(join(parent, 'certificate'));
  const x509 = new X509Certificate(cert);
  expect(x509.checkHost('localhost')).toBe('localhost');
  expect(x509.checkIP('127.0.0.1')).toBe('127.0.0.1');
  expect(x509.checkPrivateKey(createPrivateKey(key))).toBe(true);
  expect(x509.verify(x509.publicKey)).toBe(true);
  expect(Date.parse(x509.validTo) - Date.now()).toBeGreaterThan(300 * 24 * 60 * 60 * 1000);
});

test('is kept, with a key that only its owner may read', async () => {
  const folder = join(parent, 'certificate');
  const first = await localCertificate(folder);
  expect(await localCertificate(folder)).toEqual(first);
  expect((await stat(join(folder, 'key.pem'))).mode & 0o077).toBe(0);
});

test('is one for all who ask at once', async () => {
  const folder = join(parent, 'new', 'certificate');
  const all = await Promise.all([1, 2, 3, 4].map(() => localCertificate(folder)));
  expect(new Set(all.map(({ cert, key }) => cert + key)).size).toBe(1);
  expect(await readdir(join(parent, 'new'))).toEqual(['certificate']);
});
