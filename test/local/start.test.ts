import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { run, type Started, start } from './start-stack.ts';

let folder = '';
let running: Started[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'start of it-'));
  await writeRelayFile({ portal: { kind: 'canonical', secrets: ['portal-webhook-secret'] } });
});
afterEach(async () => {
  await Promise.all(running.map((one) => one.stop()));
  running = [];
  await rm(folder, { recursive: true, force: true });
});

const relayFile = () => join(folder, 'relay.json');
const writeRelayFile = (sources: object) => writeFile(relayFile(), JSON.stringify({ sources }));

function begin(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Started {
  const started = start(folder, args, { RELAY_CONFIG: relayFile(), ...env });
  running.push(started);
  return started;
}

async function send(...args: string[]): Promise<{ code: number | null; output: string }> {
  const sent = run('local/send.ts', folder, args);
  const code = await sent.ended();
  return { code, output: sent.output() };
}

/** Writes as editors do that put a new file in the place of the old one. */
async function replace(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}

const statusesOf = (output: string): string[] =>
  [...output.matchAll(/"status": "([a-z]+)"/g)].map(([, status = '']) => status);

test('what was sent is kept over a restart, in storage and in the sandbox; --fresh forgets both', async () => {
  const first = begin();
  await first.relay();
  // The lines after the relay's may come a moment later.
  await vi.waitFor(() => expect(first.output()).toContain(join(folder, 'state', 'stack')), 15_000);
  const sent = await send('portal');
  expect(sent).toMatchObject({ code: 0 });
  expect(statusesOf(sent.output)).toContain('applied');
  expect(await first.stop()).toBe(0);

  const second = begin();
  const kept = await (await fetch(`${await second.sandbox()}/_control/customers`)).text();
  const repeat = await send('portal');
  expect(repeat.output).toMatch(/"status": "(unchanged|stale)"/);
  expect(await second.stop()).toBe(0);

  const third = begin(['--fresh']);
  const fresh = await (await fetch(`${await third.sandbox()}/_control/customers`)).text();
  expect(fresh).not.toBe(kept);
  expect(statusesOf((await send('portal')).output)).toContain('applied');
}, 120_000);

test('a second start says that there is one, and leaves the first one alone', async () => {
  const first = begin();
  const relay = await first.relay();
  const second = begin();
  expect(await second.ended()).toBe(2);
  expect(second.output()).toBe(
    `A stack runs in this folder already at ${relay} (process ${first.process.pid}): stop it first.\n`,
  );
  expect((await send('portal')).code).toBe(0);
  // One that was killed does not count.
  first.process.kill('SIGKILL');
  await first.ended();
  await begin().relay();
}, 120_000);

test("the host's death ends the stack and is said", async () => {
  const started = begin();
  await started.relay();
  const children = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(started.process.pid)], {
    encoding: 'utf8',
  });
  const host = Number(/(\d+) .*host.main\.ts/.exec(children)?.[1]);
  process.kill(host, 'SIGKILL');
  expect(await started.ended()).toBe(2);
  expect(started.output()).toContain('The function host ended by itself (SIGKILL).');
}, 60_000);

describe('--watch', () => {
  const mapping = (name: string) =>
    `{"customer": {"customerId": "10542"}, "recordId": "${name}", "fields": {"FirstName": "${name}"}}`;
  const shop = { kind: 'shopify', secrets: ['s'], mapping: 'own.jsonata' };

  async function firstName(relay: string): Promise<string> {
    const headers = { 'X-Shopify-Topic': 'customers/update' };
    const answer = await fetch(`${relay}/api/preview/shop`, {
      method: 'POST',
      headers,
      body: '{"id":1}',
    }).catch(() => undefined);
    return answer ? await answer.text() : '';
  }

  test('sees every change of a mapping that is replaced, and of relay.json; a broken one is said and can be mended', async () => {
    await writeFile(join(folder, 'own.jsonata'), mapping('Zero'));
    await writeRelayFile({ shop });
    const port = await freePort();
    const started = start(folder, ['--port', String(port), '--watch'], { RELAY_CONFIG: relayFile() });
    running.push(started);
    const relay = await started.relay();
    for (const name of ['One', 'Two', 'Three']) {
      await replace(join(folder, 'own.jsonata'), mapping(name));
      await expect.poll(() => firstName(relay), { timeout: 20_000 }).toContain(name);
    }
    await replace(relayFile(), '{ "sources": { ');
    await expect.poll(started.output, { timeout: 20_000 }).toMatch(/relay\.json is not JSON: /);
    const portal = { kind: 'canonical', secrets: ['p'] };
    await replace(relayFile(), JSON.stringify({ sources: { shop, portal } }));
    await expect
      .poll(
        async () =>
          (await fetch(`${relay}/api/webhooks/portal`, { method: 'POST' }).catch(() => undefined))?.status,
        { timeout: 20_000 },
      )
      .toBe(401);
    expect((await send('portal')).code).toBe(0);
    expect(started.output()).not.toMatch(/^ {4}at /m);
  }, 180_000);
});

describe('what is wrong is said in a line, with exit code 2', () => {
  test.each([
    ['an unknown option', ['--prot', '1'], /^Unknown option '--prot'[^\n]*\nusage: npm start/],
    ['a port that is none', ['--port', 'http'], /^--port must be a whole number from 0 to 65535, not http\n/],
    ['an argument too many', ['shopify'], /^shopify is one argument too many\n/],
    ['customers that are not there', ['--customers', '/nowhere.json'], /^\/nowhere\.json is not there\.\n$/],
  ])(
    '%s',
    async (_, args, words) => {
      const started = begin(args);
      expect(await started.ended()).toBe(2);
      expect(started.output()).toMatch(words);
      expect(started.output()).not.toMatch(/^ {4}at /m);
    },
    60_000,
  );

  test.each([
    ['is not there', undefined, /relay\.json cannot be read: ENOENT\n$/],
    ['is not JSON', '{', /relay\.json is not JSON: [^\n]+\n$/],
    [
      'names an unknown kind',
      '{"sources":{"a":{"kind":"shopfy","secrets":["s"]}}}',
      /relay\.json is wrong: sources\.a\.kind [^\n]+\n$/,
    ],
    [
      'names a mapping that does not compile',
      '{"sources":{"a":{"kind":"shopify","secrets":["s"],"mapping":"a.jsonata"}}}',
      /sources\.a\.mapping: [^\n]*a\.jsonata:1:\d+ does not compile[^\n]*\n$/,
    ],
  ])(
    'a relay.json that %s',
    async (_, text, words) => {
      await writeFile(join(folder, 'a.jsonata'), '{ "customer": ');
      if (text === undefined) await rm(relayFile());
      else await writeFile(relayFile(), text);
      const started = begin();
      expect(await started.ended()).toBe(2);
      expect(started.output()).toMatch(words);
      expect(started.output()).not.toMatch(/^ {4}at /m);
    },
    60_000,
  );

  test('customers that are wrong', async () => {
    await writeFile(join(folder, 'c.json'), '[{"CustomerId":"x"}]');
    const started = begin(['--customers', join(folder, 'c.json')]);
    expect(await started.ended()).toBe(2);
    expect(started.output()).toMatch(/c\.json is wrong: 0\.CustomerId [^\n]+\n$/);
  });

  test('a port in use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo; // listening on TCP, so the address is not a pipe's
    const started = start(folder, ['--port', String(port)], { RELAY_CONFIG: relayFile() });
    expect(await started.ended()).toBe(2);
    expect(started.output()).toBe(`Port ${port} is in use by another program.\n`);
    server.close();
  }, 60_000);

  test('a folder that cannot be written', async () => {
    await writeFile(join(folder, 'state'), 'a file');
    const started = begin();
    expect(await started.ended()).toBe(2);
    expect(started.output()).toMatch(/^\S[^\n]*state[^\n]*\n$/);
  });

  test('--help is no mistake', async () => {
    const started = begin(['--help']);
    expect(await started.ended()).toBe(0);
    expect(started.output()).toMatch(/^usage: npm start/);
  });
});

describe('send', () => {
  test('says what is wrong in a line: no stack, no such source, no such file, a file that is not JSON', async () => {
    expect(await send('portal')).toEqual({
      code: 2,
      output: 'No stack is running here: start one with npm start.\n',
    });
    await writeRelayFile({
      pipes: { kind: 'pipedrive', secrets: ['p'] },
      shop: { kind: 'shopify', secrets: ['s'] },
    });
    const started = begin();
    await started.relay();
    expect(await send('shopfy')).toMatchObject({
      code: 2,
      output: expect.stringMatching(/^There is no source shopfy in \S.*; there are: pipes, shop\n/),
    });
    expect(await send('pipes', '/nowhere.json')).toMatchObject({
      code: 2,
      output: '/nowhere.json is not there.\n',
    });
    await writeFile(join(folder, 'broken.json'), '{');
    expect(await send('pipes', join(folder, 'broken.json'))).toMatchObject({
      output: expect.stringMatching(/400[\s\S]*The body is not JSON/),
    });
  }, 60_000);

  test('sends the topic that is asked for, and tells a repeat', async () => {
    await writeRelayFile({
      shop: { kind: 'shopify', secrets: ['s'] },
      portal: { kind: 'canonical', secrets: ['p'] },
      pay: { kind: 'stripe', secrets: ['w'] },
    });
    await begin().relay();
    const deletion = await send(
      'shop',
      'test/fixtures/shopify/customers-update.json',
      '--topic',
      'customers/delete',
    );
    expect(deletion.output).toMatch(/"status": "parked"[\s\S]*for-a-person/);
    expect(await send('portal', '--topic', 'x')).toMatchObject({
      code: 2,
      output: 'canonical: what happened is named in the body, not by --topic\n',
    });
    const repeat = /This is a repeat: the same was received at \S+,[\s\S]*deliveries -- replay \d+-/;
    expect((await send('pay')).output).not.toMatch(repeat);
    expect((await send('pay')).output).toMatch(repeat);
  }, 60_000);
});

test("a payload of one's own is not asked of the real vendor", async () => {
  await writeRelayFile({ crm: { kind: 'hubspot', secrets: ['crm-secret'], options: { signature: 'v3' } } });
  await begin(['--trace']).relay();
  const event = {
    eventId: 1,
    portalId: 62515,
    appId: 1,
    occurredAt: Date.now(),
    subscriptionType: 'contact.propertyChange',
    objectId: 987654,
    propertyName: 'phone',
    propertyValue: '1',
  };
  await writeFile(join(folder, 'event.json'), JSON.stringify([event]));
  const sent = await send('crm', join(folder, 'event.json'));
  expect(sent.output).toMatch(/"status": "(parked|ignored)"/);
}, 60_000);

test("one starts with customers of one's own, and settings of one's own", async () => {
  await writeFile(join(folder, 'c.json'), '[{"CustomerId": 20001, "FirstName": "Lea"}]');
  const started = begin(['--customers', join(folder, 'c.json')], { MAX_BODY_BYTES: '2048' });
  const relay = await started.relay();
  expect(await (await fetch(`${await started.sandbox()}/_control/customers`)).text()).toContain('"Lea"');
  const large = await fetch(`${relay}/api/webhooks/portal`, { method: 'POST', body: 'x'.repeat(3000) });
  expect(large.status).toBe(413);
}, 60_000);

test('--func tells the relay its real address: func serves http under a name that Azure has for https', async () => {
  const bin = join(folder, 'bin');
  await mkdir(bin);
  // Azure's own func is not on this machine: this one writes down its settings.
  await writeFile(
    join(bin, 'func'),
    `#!/bin/sh\nenv > '${folder}/func-env'\necho "$*" >> '${folder}/func-env'\nexec sleep 60\n`,
    { mode: 0o755 },
  );
  await writeFile(join(bin, 'npm'), '#!/bin/sh\n', { mode: 0o755 });
  const port = await freePort();
  const started = start(folder, ['--func', '--port', String(port)], {
    RELAY_CONFIG: relayFile(),
    PATH: `${bin}${delimiter}${process.env.PATH}`,
  });
  running.push(started);
  await started.relay();
  await expect
    .poll(() => readFile(join(folder, 'func-env'), 'utf8').catch(() => ''))
    .toContain(`start --port ${port}`);
  expect(await readFile(join(folder, 'func-env'), 'utf8')).toContain(`PUBLIC_URL=http://127.0.0.1:${port}\n`);
  expect(await started.stop()).toBe(0);
}, 60_000);

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo; // listening on TCP, so the address is not a pipe's
  await new Promise((resolve) => server.close(resolve));
  return port;
}
