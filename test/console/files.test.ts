import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stack, startStack } from '../../local/stack.ts';
import { buildConsole } from '../../scripts/build/console.ts';
import { appFolder } from '../../src/app-folder.ts';
import { functionKey } from '../integration/operator.ts';

let stack: Stack;
let bytes: number;
beforeAll(async () => {
  bytes = await buildConsole(appFolder);
  stack = await startStack({ relayConfig: 'test/console/relay.json', host: { functionKey } });
});
afterAll(() => stack?.stop());

const get = (path: string, headers: Readonly<Record<string, string>> = {}) =>
  fetch(`${stack.host.url}/api/console${path}`, { headers });

const files = [
  ['', 'text/html; charset=utf-8'],
  ['/', 'text/html; charset=utf-8'],
  ['/console.js', 'text/javascript; charset=utf-8'],
  ['/console.css', 'text/css; charset=utf-8'],
  ['/icon.svg', 'image/svg+xml'],
] as const;

test.each(files)('/api/console%s is %s, without a key', async (path, type) => {
  const answer = await get(path);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe(type);
  expect(await answer.text()).not.toBe('');
});

test('only what comes from the relay itself may run, be shown or be asked', async () => {
  const { headers } = await get('');
  const policy = Object.fromEntries(
    (headers.get('content-security-policy') ?? '').split('; ').map((part) => part.split(/ (.*)/s)),
  );
  expect(policy).toMatchObject({
    'default-src': "'none'",
    'script-src': "'self'",
    'style-src': "'self'",
    'connect-src': "'self'",
    'base-uri': "'none'",
    'form-action': "'none'",
    'frame-ancestors': "'none'",
  });
  expect(headers.get('content-security-policy')).not.toMatch(/unsafe|https?:|data:|\*/);
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('referrer-policy')).toBe('no-referrer');
});

test('is at most 60 kB, gzipped, and comes gzipped to whoever takes it', async () => {
  expect(bytes).toBeLessThan(60_000);
  const answer = await get('/console.js', { 'Accept-Encoding': 'gzip' });
  expect(answer.headers.get('content-encoding')).toBe('gzip');
  expect((await get('/console.js', { 'Accept-Encoding': 'identity' })).headers.has('content-encoding')).toBe(
    false,
  );
});

test('is sent once: the same version again is a 304', async () => {
  const { headers } = await get('/console.js');
  const again = await get('/console.js', { 'If-None-Match': headers.get('etag') ?? '' });
  expect(again.status).toBe(304);
  expect(await again.text()).toBe('');
  expect((await get('/console.js', { 'If-None-Match': '"another"' })).status).toBe(200);
});

test.each([
  '/../package.json',
  '/..%2f..%2frelay.json',
  '/%2e%2e/host.json',
  '/index.html/x',
  '/constructor',
])('nothing else is there: %s', async (path) => {
  const answer = await get(path);
  await answer.body?.cancel();
  expect(answer.status).toBe(404);
});

test('names no other host, and holds nothing of this relay', async () => {
  const texts = await Promise.all(
    ['', '/console.js', '/console.css'].map(async (path) => (await get(path)).text()),
  );
  const all = texts.join('\n');
  // Names of XML's languages, which nobody calls.
  const addresses = [...all.matchAll(/https?:\/\/[^\s"'`)]+/g)].map(([address]) => address);
  expect(addresses.filter((address) => !address.startsWith('http://www.w3.org/'))).toEqual([]);
  expect(all).not.toMatch(/shopify|in-house|DIRECTSCALE/);
});

test('CONSOLE=off: there is none', async () => {
  const off = await startStack({
    relayConfig: 'test/console/relay.json',
    host: { functionKey, env: { CONSOLE: 'off' } },
  });
  try {
    for (const [path] of files) {
      const answer = await fetch(`${off.host.url}/api/console${path}`);
      await answer.body?.cancel();
      expect(answer.status).toBe(404);
    }
  } finally {
    await off.stop();
  }
});
