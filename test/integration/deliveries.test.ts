import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { QueueClient } from '@azure/storage-queue';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startFunctionHost } from '../../local/function-host.ts';
import { type Stack, startSurroundings } from '../../local/stack.ts';
import { deliveryIdentity, deliveryIdOf } from '../../src/delivery/record/delivery-id.ts';
import { packRequest } from '../../src/delivery/record/packed-request.ts';
import { poisonQueueName, queueName } from '../../src/delivery/record/queue-names.ts';
import { describe as describeChange, emptyRecord, type Status } from '../../src/delivery/record/record.ts';
import { openStores } from '../../src/delivery/store/open-stores.ts';
import type { Stores } from '../../src/delivery/store/stores.ts';
import type { Change } from '../../src/domain/change.ts';
import { call, changesOf, until } from './operator.ts';
import {
  type DeliveryReport,
  functionKey,
  getDelivery,
  newCustomer,
  outcomeOf,
  patchCustomer,
  patchesOf,
  postCanonical,
  postShopify,
  relayConfig,
  shopifySample,
  startRelay,
} from './relay-under-test.ts';

const quick = {
  RETRY_SCHEDULE: '200 ms, 300 ms',
  DIRECTSCALE_TIMEOUT_MS: '500',
  DIRECTSCALE_SETTLE_MS: '200',
  RETENTION_DAYS: '30',
};
const noSuchDelivery = '20200101-000000000-0123456789abcdef';
const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

let stack: Stack;
let stores: Stores;

beforeAll(async () => {
  stack = await startRelay(quick);
  stores = await openStores(stack.env);
});
afterAll(() => stack?.stop());

/** Posts a change that happened so long ago. */
function post(
  customerId: string,
  fields: Record<string, unknown> = { FirstName: 'Ada' },
  minutesAgo = 0,
): Promise<Response> {
  const occurredAt = new Date(Date.now() - minutesAgo * minuteMs).toISOString();
  return postCanonical(stack, { customer: { customerId }, occurredAt, fields });
}

async function send(...change: Parameters<typeof post>): Promise<DeliveryReport> {
  return outcomeOf(stack, await post(...change));
}

async function idOf(response: Response): Promise<string> {
  const { deliveryId } = (await response.json()) as { deliveryId: string };
  return deliveryId;
}

async function reportOf(deliveryId: string): Promise<DeliveryReport> {
  return (await (await getDelivery(stack, deliveryId)).json()) as DeliveryReport;
}

/** What the list says of a delivery, looked for by its status. */
async function listed(deliveryId: string, status: Status) {
  return (await changesOf(stack.host.url, { status })).filter((change) => change.deliveryId === deliveryId);
}

async function replayed(deliveryId: string): Promise<DeliveryReport> {
  const answer = await call(stack.host.url, `deliveries/${deliveryId}/replay`, { method: 'POST' });
  return outcomeOf(stack, answer);
}

/** Waits for the delivery to become what a status says, and gives it. */
async function whenIt(deliveryId: string, is: (report: DeliveryReport) => boolean): Promise<DeliveryReport> {
  let report = await reportOf(deliveryId);
  await until(async () => {
    report = await reportOf(deliveryId);
    // Nobody has read it yet: there is nothing but its id.
    return report.changes !== undefined && is(report);
  }, 'the delivery is as expected');
  return report;
}

/** A change that was recorded so long ago, without a message in the queue. */
async function recordedAgo(ms: number, customerId: string): Promise<string> {
  const receivedAt = new Date(Date.now() - ms);
  const deliveryId = deliveryIdOf(receivedAt, deliveryIdentity('in-house', `${customerId} ${ms}`));
  const change: Change = {
    customer: { customerId },
    occurredAt: receivedAt.toISOString(),
    fields: { FirstName: 'Grace' },
  };
  const record = {
    ...emptyRecord({ deliveryId, index: 0, source: 'in-house' }),
    ...describeChange(change),
  };
  const body = Buffer.from(JSON.stringify(change));
  await stores.records.create([{ record, change }], packRequest({ headers: new Headers(), body }));
  await stores.states.note(customerId, { deliveryId, index: 0 });
  return deliveryId;
}

const inBase64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64');
const queueOf = (name: string) => new QueueClient(stack.env.AzureWebJobsStorage ?? '', name);

async function runByHand(name: string): Promise<void> {
  const response = await fetch(`${stack.host.url}/admin/functions/${name}`, {
    method: 'POST',
    headers: { 'x-functions-key': functionKey },
    body: '{}',
  });
  expect(response.status).toBe(202);
}

describe('the status of a change', () => {
  test('pending while DirectScale is down: 202 with Location and Retry-After, then applied', async () => {
    const customerId = newCustomer(stack);
    stack.sandbox.fault({ match: { method: 'PATCH', customerId }, status: 503 });
    const deliveryId = await idOf(await post(customerId));
    const tried = await whenIt(deliveryId, ({ changes }) => changes[0]?.attempts.length === 1);
    expect(tried).toMatchObject({ status: 'pending', changes: [{ status: 'pending' }] });
    const pending = await getDelivery(stack, deliveryId);
    expect(pending.status).toBe(202);
    expect(pending.headers.get('location')).toBe(`${stack.host.url}/api/deliveries/${deliveryId}`);
    expect(Number(pending.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(await listed(deliveryId, 'pending')).toHaveLength(1);

    stack.sandbox.clearFaults();
    const report = await outcomeOf(stack, pending);
    expect(report).toMatchObject({ status: 'applied', changes: [{ fields: ['FirstName'] }] });
    const [first, ...rest] = report.changes[0]?.attempts ?? [];
    expect(first).toMatchObject({ outcome: 'unavailable', reason: 'server-error', status: 503 });
    expect(rest.at(-1)).toMatchObject({ outcome: 'applied', status: 200, requestId: expect.any(String) });
    expect(await listed(deliveryId, 'applied')).toHaveLength(1);
  });

  test('pending while DirectScale is too slow, then applied', async () => {
    const customerId = newCustomer(stack);
    stack.sandbox.fault({ match: { method: 'PATCH', customerId }, delayMs: 800, times: 1 });
    const report = await send(customerId);
    expect(report.status).toBe('applied');
    expect(report.changes[0]?.attempts[0]).toMatchObject({ outcome: 'unavailable', reason: 'timeout' });
  });

  test('applied, unchanged and stale', async () => {
    const customerId = newCustomer(stack);
    const applied = await send(customerId, { FirstName: 'Ada', LastName: 'Byron' }, 10);
    const unchanged = await send(customerId, { FirstName: 'Ada' }, 5);
    const stale = await send(customerId, { FirstName: 'Adah' }, 7);
    expect([applied, unchanged, stale].map(({ status }) => status)).toEqual([
      'applied',
      'unchanged',
      'stale',
    ]);
    expect(stale.changes[0]).toMatchObject({ attempts: [{ outcome: 'stale' }] });
    const ofCustomer = await changesOf(stack.host.url, { customer: customerId });
    expect(ofCustomer.map(({ status }) => status)).toEqual(['stale', 'unchanged', 'applied']);
    expect(patchesOf(stack, customerId)).toHaveLength(1);
  });

  test('ignored: authentic, but about something else', async () => {
    const response = await postShopify(stack, '{"id":1}', {
      headers: { 'X-Shopify-Topic': 'orders/create' },
    });
    expect(response.status).toBe(200);
    const deliveryId = await idOf(response);
    expect(await reportOf(deliveryId)).toMatchObject({
      status: 'ignored',
      topic: 'orders/create',
      changes: [{ status: 'ignored', reason: expect.any(String) }],
    });
    expect(await listed(deliveryId, 'ignored')).toHaveLength(1);
  });

  test('returned: the caller of the direct route was told that it is not possible now', async () => {
    const customerId = newCustomer(stack);
    stack.sandbox.fault({ match: { method: 'PATCH', customerId }, status: 503, times: 1 });
    const response = await patchCustomer(stack, customerId, { FirstName: 'Ada' });
    expect(response.status).toBe(503);
    const deliveryId = await idOf(response);
    expect(await reportOf(deliveryId)).toMatchObject({
      status: 'returned',
      source: 'direct',
      changes: [{ status: 'returned', reason: 'server-error', attempts: [{ status: 503 }] }],
    });
    expect(await listed(deliveryId, 'returned')).toHaveLength(1);
  });
});

describe('the reason why a change is parked', () => {
  /** It is in the list, too, with the same reason. */
  async function expectParked({ deliveryId, changes }: DeliveryReport, reason: string): Promise<void> {
    expect(changes[0]).toMatchObject({ status: 'parked', reason });
    expect(await listed(deliveryId, 'parked')).toMatchObject([{ status: 'parked', reason }]);
  }

  test('unmappable: what is wrong, by path', async () => {
    const report = await send(newCustomer(stack), { LanguageCode: 'Klingon', Nickname: 'A.' });
    await expectParked(report, 'unmappable');
    const paths = report.changes[0]?.violations.map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(['LanguageCode', 'Nickname']));
  });

  test("rejected: DirectScale's status, request id and words, without the values that were sent", async () => {
    const customerId = newCustomer(stack);
    const headers = { 'X-DirectScale-RequestId': 'r-1', 'X-DirectScale-Message': 'Ada is not a name.' };
    stack.sandbox.fault({ match: { method: 'PATCH', customerId }, status: 400, headers, times: 1 });
    const report = await send(customerId);
    await expectParked(report, 'rejected');
    const attempt = {
      outcome: 'rejected',
      status: 400,
      requestId: 'r-1',
      message: '[FirstName] is not a name.',
    };
    expect(report.changes[0]?.attempts).toMatchObject([attempt]);
  });

  test('customer-not-found', async () => {
    await expectParked(await send('99999901'), 'customer-not-found');
  });

  test('retries-exhausted: an attempt for each delay of the schedule, and the first', async () => {
    const customerId = newCustomer(stack);
    stack.sandbox.fault({ match: { method: 'PATCH', customerId }, status: 500, times: 3 });
    const report = await send(customerId);
    await expectParked(report, 'retries-exhausted');
    expect(report.changes[0]?.attempts.map(({ outcome }) => outcome)).toEqual(Array(3).fill('unavailable'));
  });

  test.each(['base64', 'plain'])('unreadable-message, %s: kept whole', async (form) => {
    const since = new Date().toISOString();
    const junk = `{"deliveryId":"${form} junk"}`;
    const inQueue = form === 'base64' ? Buffer.from(junk).toString('base64') : junk;
    await queueOf(queueName).sendMessage(inQueue);
    const found = () => changesOf(stack.host.url, { source: 'queue', status: 'parked', since });
    await until(async () => (await found()).length === 1, 'the message is parked', 10_000);
    const [change] = await found();
    expect(change).toMatchObject({ reason: 'unreadable-message', fields: [] });
    const kept = await call(stack.host.url, `deliveries/${change?.deliveryId}?body=true`);
    const { body } = (await kept.json()) as { body: string };
    expect([junk, inQueue]).toContain(body);
  });

  test('poison: what the host gave up; a replay takes it on', async () => {
    const customerId = newCustomer(stack);
    const deliveryId = await recordedAgo(minuteMs, customerId);
    await queueOf(poisonQueueName).sendMessage(inBase64({ deliveryId, index: 0, turn: 0 }));
    await expectParked(await whenIt(deliveryId, ({ status }) => status !== 'pending'), 'poison');
    expect(await replayed(deliveryId)).toMatchObject({ status: 'applied' });
    expect(patchesOf(stack, customerId)).toEqual([{ FirstName: 'Grace' }]);
  });
});

test('a message may be plain instead of base64', async () => {
  const customerId = newCustomer(stack);
  const deliveryId = await recordedAgo(minuteMs, customerId);
  await queueOf(queueName).sendMessage(JSON.stringify({ deliveryId, index: 0, turn: 0 }));
  await whenIt(deliveryId, ({ status }) => status === 'applied');
  expect(patchesOf(stack, customerId)).toEqual([{ FirstName: 'Grace' }]);
});

describe('the list', () => {
  test('by status, source, customer and time, newest first, page by page', async () => {
    const customerId = newCustomer(stack);
    const before = new Date();
    const ids: string[] = [];
    for (const minutesAgo of [9, 8, 7])
      ids.unshift((await send(customerId, { FirstName: `A${minutesAgo}` }, minutesAgo)).deliveryId);
    const after = new Date();
    const stale = await send(customerId, { FirstName: 'A10' }, 10);
    const direct = await idOf(await patchCustomer(stack, customerId, { FirstName: 'B' }));

    const find = async (query: Record<string, string>) =>
      (await changesOf(stack.host.url, query)).map(({ deliveryId }) => deliveryId);
    const times = { since: before.toISOString(), until: after.toISOString() };
    const customer = customerId;
    expect(await find({ customer })).toEqual([direct, stale.deliveryId, ...ids]);
    expect(await find({ customer, ...times })).toEqual(ids);
    expect(await find({ customer, status: 'stale' })).toEqual([stale.deliveryId]);
    expect(await find({ customer, source: 'direct' })).toEqual([direct]);
    expect(await find({ customer, since: after.toISOString() })).toEqual([direct, stale.deliveryId]);
    expect(await find({ customer, limit: '2' })).toEqual([direct, stale.deliveryId, ...ids]);
    // Of all customers: no other test runs at the same time.
    expect(await find(times)).toEqual(ids);
    expect(await find({ ...times, limit: '1' })).toEqual(ids);
    expect(await find({ since: after.toISOString(), status: 'applied' })).toEqual([direct]);
    expect(await find({ since: before.toISOString(), source: 'in-house', limit: '2' })).toEqual([
      stale.deliveryId,
      ...ids,
    ]);
    expect(await find({ until: '2020-01-01T00:00:00+02:00' })).toEqual([]);

    const page = await (await call(stack.host.url, 'deliveries?limit=2')).json();
    expect(page).toMatchObject({
      changes: [{ deliveryId: direct }, { deliveryId: stale.deliveryId }],
      next: expect.any(String),
    });
  });

  test.each([
    ['status=lost', 'status'],
    ['customer=abc', 'customer'],
    ['since=yesterday', 'since'],
    ['until=2026-11-23', 'until'],
    ['limit=0', 'limit'],
    ['limit=501', 'limit'],
    ['from=elsewhere', 'from'],
    ['customer=10542&from=eyJuZXh0UGFydGl0aW9uS2V5IjoiMSJ9', 'from'],
    [`from=${noSuchDelivery}`, 'from'],
    ['color=red', 'color'],
  ])('422 for the query %s', async (query, path) => {
    for (const [method, route] of [
      ['GET', 'deliveries'],
      ['POST', 'deliveries/replay'],
    ] as const) {
      const response = await call(stack.host.url, `${route}?${query}`, { method });
      expect(response.status).toBe(422);
      expect(response.headers.get('content-type')).toBe('application/problem+json');
      expect(await response.json()).toMatchObject({ code: 'invalid', violations: [{ path }] });
    }
  });
});

test('values are shown only to whom asks for the body', async () => {
  const fields = { FirstName: 'Wilhelmina', LastName: 'Unmistakable' };
  const { deliveryId } = await send(newCustomer(stack), fields);
  const plain = await (await getDelivery(stack, deliveryId)).text();
  expect(plain).toContain('LastName');
  const list = await (await call(stack.host.url, 'deliveries')).text();
  expect(list).toContain(deliveryId);
  for (const answer of [plain, list]) expect(answer).not.toMatch(/Wilhelmina|Unmistakable/);
  const whole = await call(stack.host.url, `deliveries/${deliveryId}?body=true`);
  const { body } = (await whole.json()) as { body: string };
  expect(JSON.parse(body)).toMatchObject({ fields });
});

test.each([noSuchDelivery, 'not-an-id'])('404 for the delivery %s', async (deliveryId) => {
  for (const [method, path] of [
    ['GET', `deliveries/${deliveryId}`],
    ['POST', `deliveries/${deliveryId}/replay`],
  ] as const) {
    const response = await call(stack.host.url, path, { method });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code: 'unknown-delivery' });
  }
});

test.each([
  ['GET', 'deliveries'],
  ['GET', `deliveries/${noSuchDelivery}`],
  ['POST', `deliveries/${noSuchDelivery}/replay`],
  ['POST', 'deliveries/replay'],
  ['DELETE', 'customers/10542/deliveries'],
])('401 without the function key, or with a wrong one: %s %s', async (method, path) => {
  for (const headers of [{}, { 'x-functions-key': 'wrong' }]) {
    const response = await fetch(`${stack.host.url}/api/${path}`, { method, headers });
    expect(response.status).toBe(401);
    expect(await response.text()).toBe('');
  }
});

describe('a replay', () => {
  test('of one delivery, when the cause is gone: applied, with its whole timeline', async () => {
    const customerId = '99999902';
    const { deliveryId } = await send(customerId);
    const model = stack.sandbox.customers.get('10542');
    if (!model) throw new Error('the sandbox has no customer 10542');
    stack.sandbox.customers.set(customerId, { ...model, CustomerId: Number(customerId) });
    const report = await replayed(deliveryId);
    expect(report).toMatchObject({ deliveryId, status: 'applied' });
    expect(report.changes[0]?.attempts.map(({ outcome }) => outcome)).toEqual([
      'customer-not-found',
      'replayed',
      'applied',
    ]);
    expect(report.changes[0]?.reason).toBeUndefined();
  });

  test('of something older than what was applied since: stale', async () => {
    const customerId = newCustomer(stack);
    stack.sandbox.fault({ match: { method: 'PATCH', customerId }, status: 400, times: 1 });
    const { deliveryId, status } = await send(customerId, { FirstName: 'Old' }, 10);
    expect(status).toBe('parked');
    await send(customerId, { FirstName: 'New' }, 5);
    expect(await replayed(deliveryId)).toMatchObject({ status: 'stale' });
    expect(patchesOf(stack, customerId)).toEqual([{ FirstName: 'New' }]);
  });

  test('of what was ignored: 409, nothing is kept of it', async () => {
    const response = await postShopify(stack, '{"id":2}', { headers: { 'X-Shopify-Topic': 'orders/paid' } });
    const path = `deliveries/${await idOf(response)}/replay`;
    const answer = await call(stack.host.url, path, { method: 'POST' });
    expect(answer.status).toBe(409);
    expect(await answer.json()).toMatchObject({ code: 'nothing-to-replay' });
  });

  test('of all that match: those are applied, in order, the others stay parked', async () => {
    const customerId = newCustomer(stack);
    const other = newCustomer(stack);
    for (const id of [customerId, other])
      stack.sandbox.fault({ match: { method: 'PATCH', customerId: id }, status: 400 });
    await send(other);
    const since = new Date().toISOString();
    for (const [name, minutesAgo] of [
      ['Second', 2],
      ['Third', 1],
      ['First', 3],
    ] as const) {
      expect(await send(customerId, { FirstName: name }, minutesAgo)).toMatchObject({ status: 'parked' });
    }
    stack.sandbox.clearFaults();
    const parked = () => changesOf(stack.host.url, { customer: customerId, status: 'parked' });
    expect(await parked()).toHaveLength(3);
    const answer = await call(stack.host.url, `deliveries/replay?since=${since}`, { method: 'POST' });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({
      isDryRun: false,
      replayed: 3,
      notReplayed: 0,
      changes: 3,
      customers: 1,
    });
    const pending = () => changesOf(stack.host.url, { customer: customerId, status: 'pending' });
    await until(async () => (await pending()).length === 0, 'nothing is pending');
    expect(await parked()).toEqual([]);
    expect(stack.sandbox.customers.get(customerId)).toMatchObject({ FirstName: 'Third' });
    expect(await changesOf(stack.host.url, { customer: other })).toMatchObject([{ status: 'parked' }]);

    // Safe at any time: what is applied is found to be.
    const again = await call(stack.host.url, `deliveries/replay?status=applied&customer=${customerId}`, {
      method: 'POST',
    });
    expect(await again.json()).toMatchObject({ notReplayed: 0 });
    await until(async () => (await pending()).length === 0, 'nothing is pending');
    expect(stack.sandbox.customers.get(customerId)).toMatchObject({ FirstName: 'Third' });
  });

  test('goes through the mapping of today', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'relay-mapping-'));
    const surroundings = await startSurroundings({ relayConfig });
    // The customer's id is in `note`, where Shopify's own mapping does not look.
    const mapping = '{ "customer": { "customerId": note }, "fields": { "FirstName": first_name } }';
    const source = { kind: 'shopify', secrets: ['shopify-webhook-secret'], mapping: 'note.jsonata' };
    const RELAY_CONFIG = join(folder, 'relay.json');
    await writeFile(join(folder, 'note.jsonata'), mapping);
    await writeFile(RELAY_CONFIG, JSON.stringify({ sources: { shopify: source } }));
    const start = (env: Record<string, string> = {}) =>
      startFunctionHost({ functionKey, env: { ...surroundings.env, ...quick, ...env } });
    let host = await start();
    try {
      const body = await shopifySample('10542', { note: '10543', metafields: [], first_name: 'Remapped' });
      const response = await postShopify({ host }, body);
      const { deliveryId } = await outcomeOf({ host }, response);
      const replay = () => call(host.url, `deliveries/${deliveryId}/replay`, { method: 'POST' });
      expect(await outcomeOf({ host }, await replay())).toMatchObject({
        status: 'parked',
        changes: [{ reason: 'customer-not-found' }],
      });

      await host.stop();
      host = await start({ RELAY_CONFIG });
      const report = await outcomeOf({ host }, await replay());
      expect(report).toMatchObject({
        status: 'applied',
        changes: [{ customerId: '10543', fields: ['FirstName'] }],
      });
      expect(surroundings.sandbox.customers.get('10543')).toMatchObject({ FirstName: 'Remapped' });
      expect(await changesOf(host.url, { customer: '10543' })).toMatchObject([{ deliveryId }]);
    } finally {
      await host.stop();
      await surroundings.stop();
      await rm(folder, { recursive: true });
    }
  });
});

describe('to forget a customer', () => {
  const forget = (customerId: string) =>
    call(stack.host.url, `customers/${customerId}/deliveries`, { method: 'DELETE' });

  test('deletes her records, their bodies, her state and her index; the others keep theirs', async () => {
    const [hers, his] = [newCustomer(stack), newCustomer(stack)];
    const alone = await send(hers, { LastName: 'Alone' });
    const changes = [his, hers].map((customerId) => ({
      customer: { customerId },
      fields: { TextPhone: '1' },
    }));
    const shared = await outcomeOf(stack, await postCanonical(stack, changes));

    const answer = await forget(hers);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ deletedRecords: 2 });

    expect((await getDelivery(stack, alone.deliveryId)).status).toBe(404);
    const left = await call(stack.host.url, `deliveries/${shared.deliveryId}?body=true`);
    const report = (await left.json()) as DeliveryReport;
    expect(report.changes.map(({ customerId }) => customerId)).toEqual([his]);
    expect(report).not.toHaveProperty('body');
    expect(await changesOf(stack.host.url, { customer: hers })).toEqual([]);
    expect((await changesOf(stack.host.url)).map(({ customerId }) => customerId)).not.toContain(hers);
    expect(await changesOf(stack.host.url, { customer: his })).toHaveLength(1);
    expect(await stores.states.deliveriesOf(hers)).toEqual([]);
    expect(await stores.states.read(hers)).toMatchObject({ fields: {}, leasedUntil: 0 });
    expect((await stores.states.read(his)).fields).toHaveProperty('TextPhone');
    expect(await (await forget(hers)).json()).toEqual({ deletedRecords: 0 });
  });

  test('finds what only names a record that is linked to her, and the request to delete her; others keep theirs', async () => {
    const hers = newCustomer(stack);
    const [recordId, longer] = [`70${hers}`, `70${hers}0`];
    const unknown = async (id: string) => {
      const body = await shopifySample('', {
        id: Number(id),
        metafields: [],
        updated_at: new Date().toISOString(),
      });
      return outcomeOf(stack, await postShopify(stack, body));
    };
    const redact = async (id: string) => {
      const body = JSON.stringify({ shop_id: 1, customer: { id: Number(id), email: 'mary@example.com' } });
      const headers = { 'X-Shopify-Topic': 'customers/redact' };
      return outcomeOf(stack, await postShopify(stack, body, { headers }));
    };
    const meant = [await unknown(recordId), await redact(recordId)];
    const others = [await unknown(longer), await redact(longer)];
    for (const { status } of [...meant, ...others]) expect(status).toBe('parked');
    const link = { method: 'PUT', body: JSON.stringify({ customerId: hers }) };
    expect((await call(stack.host.url, `links/shopify/${recordId}`, link)).ok).toBe(true);

    expect(await (await forget(hers)).json()).toEqual({ deletedRecords: 2 });
    const statusOf = async ({ deliveryId }: DeliveryReport) => (await getDelivery(stack, deliveryId)).status;
    expect(await Promise.all(meant.map(statusOf))).toEqual([404, 404]);
    expect(await Promise.all(others.map(statusOf))).toEqual([200, 200]);
  });

  test('what is left of a delivery of several can be replayed', async () => {
    const [hers, his] = [newCustomer(stack), newCustomer(stack)];
    const changes = [hers, his].map((customerId) => ({
      customer: { customerId },
      fields: { TextPhone: '2' },
    }));
    const { deliveryId } = await outcomeOf(stack, await postCanonical(stack, changes));
    await forget(hers);
    const report = await replayed(deliveryId);
    expect(report.changes).toMatchObject([{ customerId: his, status: 'unchanged' }]);
    expect(patchesOf(stack, hers)).toHaveLength(1);
  });

  test('422 for what is no customer id', async () => {
    const answer = await forget('somebody');
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({ code: 'invalid', violations: [{ path: 'customerId' }] });
  });
});

describe('upkeep', () => {
  test('deleteExpired: what is older than RETENTION_DAYS goes, unless it is pending', async () => {
    const customerId = newCustomer(stack);
    const pending = await recordedAgo(41 * dayMs, customerId);
    const expired = await recordedAgo(40 * dayMs, customerId);
    const kept = await recordedAgo(20 * dayMs, customerId);
    for (const deliveryId of [expired, kept]) {
      const stored = await stores.records.read({ deliveryId, index: 0 });
      if (!stored) throw new Error('there is no record');
      await stores.records.update({ record: { ...stored.record, status: 'applied' } }, stored);
    }
    await runByHand('deleteExpired');
    await until(
      async () => (await stores.states.deliveriesOf(customerId)).length < 3,
      'old deliveries are gone from the index',
    );
    await until(async () => (await getDelivery(stack, expired)).status === 404, 'the old record is gone');
    expect(await stores.records.request(expired)).toBeUndefined();
    expect((await getDelivery(stack, kept)).status).toBe(200);
    expect((await getDelivery(stack, pending)).status).toBe(202);
    for (const id of [kept, pending]) expect(await stores.records.request(id)).toBeDefined();
    // What stays is found, and can be forgotten.
    expect(await stores.states.deliveriesOf(customerId)).toEqual([kept, pending]);
  });

  test('reportHealth: one line of the log says how everything stands', async () => {
    await runByHand('reportHealth');
    const line = () => /health: (\{.*\})/.exec(stack.host.log())?.[1];
    await until(() => line() !== undefined, 'health is in the log');
    expect(JSON.parse(line() ?? '')).toMatchObject({
      storage: 'ready',
      sources: { shopify: 'ready', broken: 'misconfigured' },
      secrets: expect.arrayContaining([expect.objectContaining({ name: 'shopify-webhook-secret' })]),
      queue: { waiting: expect.any(Number), oldestDueSeconds: expect.any(Number), poison: 0 },
    });
  });

  test('reportLeftOut: one line of the log says which fields were left out, how often and why', async () => {
    const fields = { FirstName: 'Ada', LanguageCode: 'klingon' };
    for (const customerId of [newCustomer(stack), newCustomer(stack)])
      await outcomeOf(stack, await postCanonical(stack, { customer: { customerId }, fields }));
    await runByHand('reportLeftOut');
    const line = () => /left out: (\{.*\})/.exec(stack.host.log())?.[1];
    await until(() => line() !== undefined, 'the report is in the log');
    const report = JSON.parse(line() ?? '');
    expect(report.isAll).toBe(true);
    expect(report.fields).toContainEqual({
      source: 'in-house',
      path: 'LanguageCode',
      reason: expect.stringContaining('language code'),
      changes: 2,
    });
    expect(line()).not.toContain('klingon');
  });

  test('resumeOverdue: a change that lost its message goes on, one that is not due waits', async () => {
    const overdueCustomer = newCustomer(stack);
    const overdue = await recordedAgo(2 * 60 * minuteMs, overdueCustomer);
    const notDue = await recordedAgo(10 * minuteMs, newCustomer(stack));
    await runByHand('resumeOverdue');
    await whenIt(overdue, ({ status }) => status === 'applied');
    expect(patchesOf(stack, overdueCustomer)).toEqual([{ FirstName: 'Grace' }]);
    expect(await reportOf(notDue)).toMatchObject({ status: 'pending', changes: [{ attempts: [] }] });
  });
});
