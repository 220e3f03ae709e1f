import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Stack } from '../../local/stack.ts';
import { deliveryIdentity, deliveryIdOf } from '../../src/delivery/record/delivery-id.ts';
import { type Ran, runScript } from '../scripts/run-script.ts';
import { untilNothingIsPending } from './operator.ts';
import {
  functionKey,
  newCustomer,
  outcomeOf,
  postCanonical,
  postShopify,
  startRelay,
} from './relay-under-test.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await startRelay({ RETRY_SCHEDULE: '200 ms, 300 ms', DIRECTSCALE_SETTLE_MS: '200' });
});
afterAll(() => stack?.stop());

const run = (args: readonly string[], settings: Readonly<Record<string, string>>) =>
  runScript('deliveries', args, settings);

/** `npm run deliveries -- …` of an operator who has the key. */
function deliveries(...args: string[]): Promise<Ran> {
  return run(args, { RELAY_URL: stack.host.url, RELAY_KEY: functionKey });
}

/** A change that is applied, or parked as `customer-not-found`; its delivery's id. */
async function send(customerId: string, firstName = 'Ada', minutesAgo = 0): Promise<string> {
  const occurredAt = new Date(Date.now() - minutesAgo * 60_000).toISOString();
  const fields = { FirstName: firstName, LastName: 'Byron' };
  const response = await postCanonical(stack, { customer: { customerId }, occurredAt, fields });
  return (await outcomeOf(stack, response)).deliveryId;
}

function addCustomer(customerId: string): void {
  const model = stack.sandbox.customers.get('10542');
  if (!model) throw new Error('the sandbox has no customer 10542');
  stack.sandbox.customers.set(customerId, { ...structuredClone(model), CustomerId: Number(customerId) });
}

const linesOf = ({ out }: Ran): string[] => out.trimEnd().split('\n');

describe('list', () => {
  test('is a table of aligned columns, newest first', async () => {
    const customerId = newCustomer(stack);
    const parked = await send('99999801');
    const applied = await send(customerId);
    const result = await deliveries('list', '--since', '30min', '--limit', '2');
    expect(result.code).toBe(0);
    const [heading = '', ...rows] = linesOf(result);
    expect(heading.split(/ {2,}/)).toEqual([
      'received at',
      'delivery',
      'source',
      'customer',
      'status',
      'reason',
      'fields',
    ]);
    expect(rows.map((row) => row.split(/ {2,}/).slice(1))).toEqual([
      [applied, 'in-house', customerId, 'applied', '-', 'FirstName, LastName'],
      [parked, 'in-house', '99999801', 'parked', 'customer-not-found', 'FirstName, LastName'],
    ]);
    for (const [row, status] of [
      [rows[0], 'applied'],
      [rows[1], 'parked'],
    ] as const) {
      expect(row?.indexOf(status)).toBe(heading.indexOf('status'));
    }
  });

  test('--left-out and --field: of which something was left out, and which field', async () => {
    const customerId = newCustomer(stack);
    const change = { customer: { customerId }, fields: { FirstName: 'Ada', LanguageCode: 'klingon' } };
    const { deliveryId } = await outcomeOf(stack, await postCanonical(stack, change));
    await send(customerId, 'Grace');
    const listed = async (...filter: string[]) => {
      const { code, out } = await deliveries('list', '--customer', customerId, '--json', ...filter);
      expect(code).toBe(0);
      return (JSON.parse(out) as { deliveryId: string }[]).map((one) => one.deliveryId);
    };
    expect(await listed('--left-out')).toEqual([deliveryId]);
    expect(await listed('--field', 'LanguageCode')).toEqual([deliveryId]);
    expect(await listed('--field', 'PrimaryPhone')).toEqual([]);
    expect((await deliveries('list', '--field', 'Shoesize')).code).toBe(1);
    expect((await deliveries('replay', '--left-out', '--field', 'LanguageCode')).out).toContain(
      'Replayed: 1.',
    );
  });

  test('follows the pages up to the limit, and says when there is more', async () => {
    const customerId = newCustomer(stack);
    const ids: string[] = [];
    for (const name of ['A', 'B', 'C']) ids.unshift(await send(customerId, name));
    const all = await deliveries('list', '--customer', customerId, '--json');
    const idsIn = ({ out }: Ran) =>
      (JSON.parse(out) as { deliveryId: string }[]).map(({ deliveryId }) => deliveryId);
    expect(idsIn(all)).toEqual(ids);
    expect(all.err).toBe('');
    const two = await deliveries('list', '--customer', customerId, '--limit', '2', '--json');
    expect(idsIn(two)).toEqual(ids.slice(0, 2));
    expect(two).toMatchObject({ code: 0, err: expect.stringContaining('There is more') });
  });

  test('asks page after page, each with the next of the one before', async () => {
    const asked: string[] = [];
    const pages = new Map([
      [null, { changes: [{ deliveryId: 'a' }, { deliveryId: 'b' }], next: 'page 2' }],
      ['page 2', { changes: [{ deliveryId: 'c' }] }],
    ]);
    const server = createServer((request, response) => {
      const { searchParams } = new URL(request.url ?? '', 'http://relay');
      asked.push(searchParams.get('limit') ?? '');
      response.end(JSON.stringify(pages.get(searchParams.get('from'))));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo; // listening on TCP, so the address is not a pipe's
    const result = await run(['list', '--limit', '3', '--json', '--url', `http://127.0.0.1:${port}/`], {});
    server.close();
    expect(result).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse(result.out)).toHaveLength(3);
    expect(asked).toEqual(['3', '1']);
  });

  test('takes times as an operator writes them', async () => {
    const customerId = newCustomer(stack);
    const id = await send(customerId);
    const today = new Date().toISOString().slice(0, 10);
    const list = async (...times: string[]) =>
      (await deliveries('list', '--customer', customerId, ...times)).out;
    for (const since of [
      'yesterday',
      '2h',
      '3d',
      '2020-01-01',
      `${today}T00:00:00Z`,
      '2020-01-01T10:00+02:00',
    ]) {
      expect(await list('--since', since), since).toContain(id);
      expect(await list('--until', since), since).toBe('Nothing matches.\n');
    }
    expect(await list('--since', 'yesterday', '--until', '30min')).toBe('Nothing matches.\n');
  });

  test('filters by reason', async () => {
    const id = await send('99999998');
    const list = async (reason: string) =>
      (await deliveries('list', '--status', 'parked', '--reason', reason)).out;
    expect(await list('customer-not-found')).toContain(id);
    expect(await list('rejected')).not.toContain(id);
  });

  test('filters by status and source', async () => {
    const customerId = newCustomer(stack);
    const id = await send(customerId);
    const list = async (...filter: string[]) =>
      (await deliveries('list', '--customer', customerId, ...filter)).out;
    expect(await list('--status', 'applied', '--source', 'in-house')).toContain(id);
    expect(await list('--status', 'parked')).toBe('Nothing matches.\n');
    expect(await list('--source', 'shopify')).toBe('Nothing matches.\n');
  });
});

describe('show', () => {
  test('prints the delivery, its changes and the timeline, the body only on request', async () => {
    const customerId = newCustomer(stack);
    stack.sandbox.fault({ match: { method: 'PATCH', customerId }, status: 503, times: 1 });
    const id = await send(customerId, 'Wilhelmina');
    const result = await deliveries('show', id);
    expect(result).toMatchObject({ code: 0, err: '' });
    for (const line of [
      new RegExp(`^delivery +${id}$`, 'm'),
      /^status +applied$/m,
      /^source +in-house$/m,
      /^change 0: applied$/m,
      new RegExp(`^ {2}customer +${customerId}$`, 'm'),
      /^ {2}fields +FirstName, LastName$/m,
      /^ {2}\S+Z +unavailable: server-error +DirectScale 503/m,
      /^ {2}\S+Z +applied +DirectScale 200, request \S+$/m,
    ]) {
      expect(result.out).toMatch(line);
    }
    expect(result.out).not.toContain('Wilhelmina');
    expect((await deliveries('show', id, '--body')).out).toContain('"FirstName":"Wilhelmina"');
  });

  test('prints what was left out, and why', async () => {
    const fields = { FirstName: 'Ada', EmailAddress: 'at home' };
    const customer = { customerId: newCustomer(stack) };
    const { deliveryId } = await outcomeOf(stack, await postCanonical(stack, { customer, fields }));
    const { out } = await deliveries('show', deliveryId);
    expect(out).toMatch(/^change 0: applied$/m);
    expect(out).toMatch(/^ {2}left out +EmailAddress: \S/m);
    expect(out).not.toContain('at home');
  });

  test('says of a delivery that nobody has read yet that it is in the queue', async () => {
    // The relay takes every new id for one that is in the queue.
    const id = deliveryIdOf(new Date(), deliveryIdentity('in-house', 'not read yet'));
    for (const options of [[], ['--body']]) {
      expect(await deliveries('show', id, ...options)).toEqual({
        code: 0,
        out: `delivery  ${id}\nstatus    pending: in the queue, not read yet\n`,
        err: '',
      });
    }
  });

  test('prints what cannot be mapped, and nothing that steers a terminal', async () => {
    const payload = { customer: { customerId: '10542' }, fields: { 'Nick\u001b[31m': 'x' } };
    const { deliveryId } = await outcomeOf(stack, await postCanonical(stack, payload));
    const { out } = await deliveries('show', deliveryId);
    expect(out).toMatch(/^change 0: parked \(unmappable\)$/m);
    expect(out).toMatch(/^ {2}wrong +Nick\uFFFD\[31m: /m);
    expect(out).not.toContain('\u001b');
  });
});

describe('replay', () => {
  test('of one', async () => {
    const id = await send('99999802');
    addCustomer('99999802');
    const result = await deliveries('replay', id);
    expect(result).toMatchObject({ code: 0, err: '' });
    expect(result.out).toMatch(/ customer-not-found .*\n.* replayed$/m);
    await untilNothingIsPending(stack.host.url);
    expect((await deliveries('show', id)).out).toMatch(/^status +applied$/m);
  });

  test('of all that match: prints how many', async () => {
    for (const name of ['First', 'Second']) await send('99999803', name);
    await send('99999804');
    addCustomer('99999803');
    const result = await deliveries('replay', '--customer', '99999803', '--since', 'yesterday');
    expect(result).toEqual({ code: 0, out: 'Replayed: 2. Could not be replayed: 0.\n', err: '' });
    await untilNothingIsPending(stack.host.url);
    expect(stack.sandbox.customers.get('99999803')).toMatchObject({ FirstName: 'Second' });
    expect((await deliveries('list', '--customer', '99999804')).out).toContain('customer-not-found');
  });

  test('of what cannot be replayed: counted', async () => {
    const since = new Date().toISOString();
    const payload = { customer: { customerId: '10542' }, fields: { Nickname: 'x' } };
    await outcomeOf(stack, await postCanonical(stack, payload));
    const result = await deliveries('replay', '--status', 'parked', '--since', since);
    expect(result).toMatchObject({ code: 0, out: 'Replayed: 0. Could not be replayed: 1.\n' });
  });
});

test('forget: nothing of the customer is left', async () => {
  const customerId = newCustomer(stack);
  const id = await send(customerId);
  expect(await deliveries('forget', customerId)).toEqual({
    code: 0,
    out: `Customer ${customerId} is forgotten. Records deleted: 1.\n`,
    err: '',
  });
  expect((await deliveries('list', '--customer', customerId)).out).toBe('Nothing matches.\n');
  expect(await deliveries('show', id)).toMatchObject({ code: 1, out: '' });
});

describe('exit code 1: the relay says no', () => {
  test('a problem is printed as title, detail and violations', async () => {
    const result = await deliveries('list', '--status', 'lost', '--customer', 'Ada');
    expect(result).toMatchObject({ code: 1, out: '' });
    const [title, detail, ...violations] = result.err.trimEnd().split('\n');
    expect(title).toBe('The request is invalid (422 invalid)');
    expect(detail).toBe('Correct what is listed under violations.');
    expect(violations).toHaveLength(2);
    expect(violations[0]).toMatch(/^ {2}status: /);
    expect(violations[1]).toMatch(/^ {2}customer: must be /);
  });

  test('an unknown delivery', async () => {
    for (const command of ['show', 'replay']) {
      const result = await deliveries(command, '20200101-000000000-0123456789abcdef');
      expect(result).toMatchObject({ code: 1, out: '' });
      expect(result.err).toMatch(/^No such delivery \(404 unknown-delivery\)\n/);
    }
  });

  test('a delivery of which nothing is kept', async () => {
    const ignored = await postShopify(stack, '{}', { headers: { 'X-Shopify-Topic': 'orders/create' } });
    const { deliveryId } = (await ignored.json()) as { deliveryId: string };
    const result = await deliveries('replay', deliveryId);
    expect(result).toMatchObject({ code: 1, err: expect.stringContaining('(409 nothing-to-replay)') });
  });

  test.each([{}, { RELAY_KEY: 'wrong' }])(
    'without the right key, and says which variable it is: %o',
    async (env) => {
      const result = await run(['list', '--url', stack.host.url], env);
      expect(result).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/401.*RELAY_KEY/) });
    },
  );

  test('a relay that cannot be reached', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo; // listening on TCP, so the address is not a pipe's
    await new Promise((resolve) => server.close(resolve));
    const result = await run(['list', '--url', `http://127.0.0.1:${port}`], {});
    expect(result).toMatchObject({ code: 1, err: expect.stringMatching(/cannot be reached: ECONNREFUSED/) });
  });

  test('a redirect is not followed: it would take the key elsewhere', async () => {
    const server = createServer((request, response) => {
      expect(request.url).toBe('/api/deliveries?limit=50');
      response.writeHead(301, { Location: `${stack.host.url}/api/deliveries` }).end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo; // listening on TCP, so the address is not a pipe's
    const env = { RELAY_KEY: functionKey };
    const result = await run(['list', '--url', `http://127.0.0.1:${port}`], env);
    server.close();
    expect(result).toMatchObject({ code: 1, out: '', err: expect.stringContaining('301') });
  });
});

describe('exit code 2: the command makes no sense', () => {
  test.each([
    [[], 'no command'],
    [['toString'], 'no command toString'],
    [['list', '--colour'], '--colour'],
    [['list', 'extra'], 'too many'],
    [['list', '--since', 'recently'], '--since'],
    [['list', '--until', '2026-02-31'], '--until'],
    [['list', '--limit', '0'], '--limit'],
    [['list', '--key', 'k'], '--key'],
    [['show'], 'name one'],
    [['replay'], 'replay one delivery'],
    [['replay', '20200101-000000000-0123456789abcdef', '--status', 'parked'], 'replay one delivery'],
    [['forget', '1', '2'], 'name one'],
  ])('%j', async (args, said) => {
    const result = await deliveries(...args);
    expect(result).toMatchObject({ code: 2, out: '' });
    expect(result.err).toContain(said);
    expect(result.err).toContain('usage: ');
  });

  test.each(['elsewhere', 'ftp://relay.example.com'])('the address %s', async (url) => {
    expect(await run(['list', '--url', url], {})).toMatchObject({ code: 2, out: '' });
  });

  test('the key is not sent in the clear over a network', async () => {
    const result = await run(['list', '--url', 'http://relay.example.com'], { RELAY_KEY: 'k' });
    expect(result).toMatchObject({ code: 2, err: expect.stringContaining('https') });
  });
});
