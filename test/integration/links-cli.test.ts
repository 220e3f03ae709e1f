import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Stack } from '../../local/stack.ts';
import { progressBar } from '../../scripts/links/progress-bar.ts';
import { isForgotten } from '../../src/delivery/store/links.ts';
import { openTables } from '../../src/delivery/store/open-tables.ts';
import type { Tables } from '../../src/delivery/store/stores.ts';
import { type Ran, runScript } from '../scripts/run-script.ts';
import { functionKey, startRelay } from './relay-under-test.ts';

let stack: Stack;
let stores: Tables;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'links-'));
  stack = await startRelay();
  stores = await openTables(stack.env);
});
afterAll(async () => {
  await stack?.stop();
  await rm(folder, { recursive: true });
});

const run = (args: readonly string[], settings: Readonly<Record<string, string>>) =>
  runScript('links', args, settings);

/** `npm run links -- …` of an operator who has the key. */
function links(...args: string[]): Promise<Ran> {
  return run(args, { RELAY_URL: stack.host.url, RELAY_KEY: functionKey });
}

/** A file of its own with this content. */
async function fileOf(content: string | Uint8Array): Promise<string> {
  const path = join(folder, `${randomUUID()}.csv`);
  await writeFile(path, content);
  return path;
}

/** A relay that answers POST /api/links by itself. */
async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // listening on TCP, so the address is not a pipe's
  return `http://127.0.0.1:${port}`;
}

const customerOf = async (source: string, recordId: string) => {
  const link = await stores.links.find(source, recordId);
  return isForgotten(link) ? undefined : link?.customerId;
};

let lastRecord = 0;
const newRecord = (): string => `rec-${++lastRecord}`;

describe('import', () => {
  test('10,000 links; again: nothing changes', { timeout: 300_000 }, async () => {
    const rows = Array.from({ length: 10_000 }, (_, i) => `many-${i},${100_000 + i}\n`);
    const file = await fileOf(`recordId,customerId\n${rows.join('')}`);
    const importAll = async (): Promise<Ran> => {
      const start = performance.now();
      const result = await links('import', file, '--source', 'shopify');
      const seconds = (performance.now() - start) / 1000;
      process.stdout.write(`import of 10,000 links: ${seconds.toFixed(1)} s. ${result.out}`);
      return result;
    };
    const summary = 'Written: 10000. Unchanged: 0. Rejected: 0.\n';
    expect(await importAll()).toEqual({ code: 0, out: summary, err: '' });
    const before = await stores.links.find('shopify', 'many-4711');
    expect((await importAll()).out).toBe('Written: 0. Unchanged: 10000. Rejected: 0.\n');
    expect(await stores.links.find('shopify', 'many-4711')).toEqual(before);
    expect(await customerOf('shopify', 'many-0')).toBe('100000');
    expect(await customerOf('shopify', 'many-9999')).toBe('109999');
  });

  test.each([
    ['a byte order mark and CRLF', '\uFEFFsource,recordId,customerId\r\n$,"a,1",7\r\n$,b,8\r\n'],
    ['quotes and spaces', '"source","recordId","customerId"\n$, "a,1" ,7\n"$",b , 8'],
    ['columns in another order, empty lines', 'customerId,source,recordId\n7,$,"a,1"\n\n8,$,b\n\n'],
  ])('%s', async (_, content) => {
    for (const recordId of ['a,1', 'b']) await stores.links.remove('in-house', recordId);
    const file = await fileOf(content.replaceAll('$', 'in-house'));
    expect(await links('import', file)).toEqual({
      code: 0,
      out: 'Written: 2. Unchanged: 0. Rejected: 0.\n',
      err: '',
    });
    expect(await customerOf('in-house', 'a,1')).toBe('7');
    expect(await customerOf('in-house', 'b')).toBe('8');
  });

  test('wrong lines are listed and kept for correction; the others are imported', async () => {
    const [first, last] = [newRecord(), newRecord()];
    const wrong = [
      'shopify,only-two',
      'shopify,too,many,columns',
      'shopify,x,B7',
      'nobody,x,7',
      'nobody,,B7',
      'shopify,"open,7',
      'shopify,stray"quote,7',
      `shopify,${first},8`,
      'shopify,\uFFFD,7',
    ];
    const lines = [`shopify,${first},7`, ...wrong, `shopify,${last},7`, `shopify,${first},7`];
    const file = await fileOf(`source,recordId,customerId\n${lines.join('\n')}\n`);
    const errors = join(folder, 'rejected.csv');
    const result = await links('import', file, '--errors', errors);
    expect(result).toMatchObject({ code: 1, out: 'Written: 2. Unchanged: 1. Rejected: 9.\n' });
    const listed = result.err.trimEnd().split('\n');
    expect(listed).toEqual([
      'line 3: has 2 columns instead of 3',
      'line 4: has 4 columns instead of 3',
      'line 5: customerId must be a DirectScale customer id: a positive whole number',
      'line 6: source is no source that relay.json lists',
      expect.stringMatching(/^line 7: source is no source .*; recordId .*; customerId must be /),
      'line 8: is not CSV: a quotation mark is open, or out of place',
      'line 9: is not CSV: a quotation mark is open, or out of place',
      'line 10: line 2 has another customerId',
      'line 11: is not UTF-8',
    ]);
    expect(await readFile(errors, 'utf8')).toBe(`source,recordId,customerId\n${wrong.join('\n')}\n`);
    expect(await customerOf('shopify', first)).toBe('7');
    expect(await customerOf('shopify', last)).toBe('7');

    const corrected = await fileOf(`source,recordId,customerId\nshopify,${first},8\n`);
    expect(await links('import', corrected, '--errors', errors)).toMatchObject({ code: 0, err: '' });
    expect(await readFile(errors, 'utf8')).toBe('source,recordId,customerId\n');
    expect(await customerOf('shopify', first)).toBe('8');
  });

  test('a wrong line costs no other line of its batch', async () => {
    const rows = Array.from(
      { length: 2500 },
      (_, i) => `batch-${i},${i % 500 === 7 ? 'wrong' : 200_000 + i}`,
    );
    const file = await fileOf(['recordId,customerId', ...rows].join('\n'));
    const result = await links('import', file, '--source', 'in-house');
    expect(result).toMatchObject({ code: 1, out: 'Written: 2495. Unchanged: 0. Rejected: 5.\n' });
    expect(result.err.match(/^line \d+/gm)).toEqual([9, 509, 1009, 1509, 2009].map((n) => `line ${n}`));
    expect(await customerOf('in-house', 'batch-2499')).toBe('202499');
  });

  test('stops when the relay cannot take more, says how far it came, and can be run again', async () => {
    let calls = 0;
    const server = createServer((request, response) => {
      request.resume().on('end', () => {
        calls++;
        if (calls > 1) response.writeHead(503).end();
        else response.end(JSON.stringify({ written: 1000, unchanged: 0 }));
      });
    });
    const url = await listen(server);
    const rows = Array.from({ length: 20_000 }, (_, i) => `${i},7\n`);
    const file = await fileOf(`recordId,customerId\n${rows.join('')}`);
    const result = await run(['import', file, '--source', 'shopify', '--url', url], {});
    server.close();
    expect(result).toMatchObject({ code: 1, out: 'Written: 1000. Unchanged: 0. Rejected: 0.\n' });
    expect(result.err).toMatch(/^Stopped before the end of the file\. .*\n.*503/);
    // Of twenty: one that is taken, and four side by side, each tried three times.
    expect(calls).toBeLessThanOrEqual(13);
  });

  test('sends at most four calls at a time, each of at most 1000 links', async () => {
    let open = 0;
    let most = 0;
    let sent = 0;
    const server = createServer((request, response) => {
      open++;
      most = Math.max(most, open);
      void text(request).then((body) => {
        const { length } = JSON.parse(body) as unknown[];
        expect(length).toBeLessThanOrEqual(1000);
        sent += length;
        setImmediate(() => {
          open--;
          response.end(JSON.stringify({ written: length, unchanged: 0 }));
        });
      });
    });
    const url = await listen(server);
    const rows = Array.from({ length: 12_345 }, (_, i) => `${i},7\n`);
    const file = await fileOf(`recordId,customerId\n${rows.join('')}`);
    const result = await run(['import', file, '--source', 'shopify', '--url', url], {});
    server.close();
    expect(result).toEqual({ code: 0, out: 'Written: 12345. Unchanged: 0. Rejected: 0.\n', err: '' });
    expect(sent).toBe(12_345);
    expect(most).toBeLessThanOrEqual(4);
  });

  test.each([
    ['no header', 'shopify,1,7\n', []],
    ['an empty file', '', []],
    ['no source', 'recordId,customerId\n1,7\n', []],
    ['a source twice', 'source,recordId,customerId\nshopify,1,7\n', ['--source', 'shopify']],
  ])('exit code 2 for %s', async (_, content, options) => {
    const result = await links('import', await fileOf(content), ...options);
    expect(result).toMatchObject({ code: 2, out: '' });
    expect(result.err).toMatch(/^The first line must be .*Nothing was imported\.\n$/);
  });

  test.each([
    ['a file that is not there', 'nothing.csv'],
    ['a folder', '.'],
  ])('exit code 2 for %s', async (_, name) => {
    const result = await links('import', join(folder, name));
    expect(result).toMatchObject({ code: 2, out: '', err: expect.stringContaining('cannot be read') });
  });
});

describe('the progress bar', () => {
  test.each([
    [{ bytesDone: 0, done: 0, rejected: 0 }, `[${'-'.repeat(30)}] 0 %  0 links`],
    [
      { bytesDone: 50, done: 1000, rejected: 2 },
      `[${'#'.repeat(15)}${'-'.repeat(15)}] 50 %  1000 links, 2 rejected`,
    ],
    [{ bytesDone: 101, done: 2000, rejected: 0 }, `[${'#'.repeat(30)}] 100 %  2000 links`],
  ])('%j', (progress, bar) => {
    expect(progressBar(progress, 100)).toBe(bar);
  });
});

describe('list, set, remove', () => {
  test('a link from its making to its end', async () => {
    const recordId = 'gid://shop/Customer/1 ü';
    const [customerId, other] = ['300001', '300002'];
    expect(await links('set', 'shopify', recordId, customerId)).toEqual({
      code: 0,
      out: `Linked: shopify ${recordId} is customer 300001.\n`,
      err: '',
    });
    await links('set', 'in-house', 'second', customerId);
    await links('set', 'shopify', 'third', other);
    const listed = await links('list', '--customer', customerId, '--source', 'shopify');
    expect(listed).toMatchObject({ code: 0, err: '' });
    const [heading = '', row = '', ...more] = listed.out.trimEnd().split('\n');
    expect(heading.split(/ {2,}/)).toEqual(['source', 'record', 'customer', 'made by', 'since']);
    expect(row.split(/ {2,}/).slice(0, 4)).toEqual(['shopify', recordId, customerId, 'operator']);
    expect(row.indexOf(customerId)).toBe(heading.indexOf('customer'));
    expect(more).toEqual([]);
    const { out } = await links('list', '--customer', customerId, '--json');
    expect(JSON.parse(out)).toHaveLength(2);

    expect(await links('remove', 'shopify', recordId)).toEqual({
      code: 0,
      out: `Removed: shopify ${recordId} is not linked any more.\n`,
      err: '',
    });
    expect(await customerOf('shopify', recordId)).toBeUndefined();
    expect((await links('list', '--customer', customerId, '--source', 'shopify')).out).toBe(
      'Nothing matches.\n',
    );
  });

  test('a link that a look-up made says by what', async () => {
    await stores.links.set([
      {
        source: 'shopify',
        recordId: newRecord(),
        customerId: '300003',
        origin: 'look-up',
        foundBy: { by: 'emailAddress', hash: 'unseen' },
        since: '2026-11-23T12:00:00.000Z',
      },
    ]);
    const { out } = await links('list', '--customer', '300003');
    expect(out).toMatch(/ 300003 {2,}look-up by emailAddress {2,}2026-11-23T12:00:00\.000Z$/m);
    expect(out).not.toContain('unseen');
  });

  test('follows the pages up to the limit, and says when there is more', async () => {
    const since = new Date().toISOString();
    const all = Array.from({ length: 1200 }, (_, i) => ({
      source: 'cautious',
      recordId: `page-${i}`,
      customerId: '300004',
      origin: 'operator' as const,
      since,
    }));
    await stores.links.set(all);
    const recordIdsIn = ({ out }: Ran) =>
      (JSON.parse(out) as { recordId: string }[]).map(({ recordId }) => recordId).toSorted();
    const whole = await links('list', '--source', 'cautious', '--limit', '5000', '--json');
    expect(recordIdsIn(whole)).toEqual(all.map(({ recordId }) => recordId).toSorted());
    expect(whole).toMatchObject({ code: 0, err: '' });
    const part = await links('list', '--source', 'cautious', '--limit', '1100', '--json');
    expect(recordIdsIn(part)).toHaveLength(1100);
    expect(part).toMatchObject({ code: 0, err: expect.stringContaining('There is more') });
  });
});

describe('exit code 1: the relay says no', () => {
  test.each([
    [['remove', 'shopify', 'nothing'], /^No such link \(404 unknown-link\)\n/],
    [['set', 'nobody', '1', '7'], /^No such source \(404 unknown-source\)\n/],
    [['set', 'shopify', '1', 'B7'], /^The request is invalid \(422 invalid\)\n.*\n {2}customerId: must be /],
    [['list', '--customer', 'Ada'], /\(422 invalid\)\n.*\n {2}customer: must be /],
  ])('%j', async (args, said) => {
    expect(await links(...args)).toEqual({ code: 1, out: '', err: expect.stringMatching(said) });
  });

  test('without the right key, and says which variable it is', async () => {
    const result = await run(['list', '--url', stack.host.url], { RELAY_KEY: 'wrong' });
    expect(result).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/401.*RELAY_KEY/) });
  });
});

describe('exit code 2: the command makes no sense', () => {
  test.each([
    [[], 'no command'],
    [['toString'], 'no command toString'],
    [['list', 'extra'], 'too many'],
    [['list', '--limit', '0'], '--limit'],
    [['import'], 'name a file'],
    [['set', 'shopify', '1'], 'name a customer'],
    [['remove', 'shopify', ''], 'name a source, a record'],
    [['remove', 'shopify', '1', '7'], 'too many'],
    [['list', '--key', 'k'], '--key'],
  ])('%j', async (args, said) => {
    const result = await links(...args);
    expect(result).toMatchObject({ code: 2, out: '' });
    expect(result.err).toContain(said);
    expect(result.err).toContain('usage: ');
  });

  test('the key is not sent in the clear over a network', async () => {
    const result = await run(['list', '--url', 'http://relay.example.com'], { RELAY_KEY: 'k' });
    expect(result).toMatchObject({ code: 2, err: expect.stringContaining('https') });
  });
});
