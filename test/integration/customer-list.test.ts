import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CountedStorage, countStorageCalls } from '../../bench/counting-proxy.ts';
import type { ChangeList } from '../../console/relay/answers.ts';
import { type FunctionHost, startFunctionHost } from '../../local/function-host.ts';
import { type Surroundings, startSurroundings } from '../../local/stack.ts';
import { openTables } from '../../src/delivery/store/open-tables.ts';
import { call, changesOf, functionKey, until, untilNothingIsPending } from './operator.ts';
import {
  newCustomer,
  outcomeOf,
  patchCustomer,
  postCanonical,
  quickRetries,
  relayConfig,
} from './relay-under-test.ts';

let surroundings: Surroundings;
let storage: CountedStorage;
let host: FunctionHost;
let relay: Pick<Surroundings, 'sandbox'> & { readonly host: FunctionHost };

beforeAll(async () => {
  surroundings = await startSurroundings({ relayConfig });
  storage = await countStorageCalls(surroundings.env.AzureWebJobsStorage ?? '');
  const env = { ...surroundings.env, ...quickRetries, AzureWebJobsStorage: storage.connectionString };
  host = await startFunctionHost({ functionKey, env });
  relay = { sandbox: surroundings.sandbox, host };
}, 60_000);
afterAll(async () => {
  await host?.stop();
  await storage?.close();
  await surroundings?.stop();
});

let minute = 0;
/** A change that happened a minute after the one before. */
async function send(customerId: string, fields: object, more: object = {}): Promise<string> {
  const occurredAt = new Date(Date.now() - 3_600_000 + ++minute * 60_000).toISOString();
  const change = { customer: { customerId }, occurredAt, fields, ...more };
  const { deliveryId } = await outcomeOf(relay, await postCanonical(relay, change));
  return deliveryId;
}

/** What the list and the pages of the deliveries say of each change, without the time of an attempt. */
async function saidOf(customerId: string) {
  const answer = await call(host.url, `deliveries?customer=${customerId}`);
  const { changes: listed } = (await answer.json()) as ChangeList; // as the API describes it
  const alone = await Promise.all(
    listed.map(async ({ deliveryId, index }) => {
      const answer = await call(host.url, `deliveries/${deliveryId}`);
      const { changes } = (await answer.json()) as { changes: { index: number; attempts: object[] }[] };
      const { attempts, ...change } = changes.find((one) => one.index === index) ?? { attempts: [] };
      return { ...change, last: attempts.at(-1) };
    }),
  );
  const word = (change: object, last: object | undefined) => {
    const [status, reason, fields, dropped, leftOut] = [
      'status',
      'reason',
      'fields',
      'dropped',
      'leftOut',
    ].map((name) => Reflect.get(change, name));
    return { status, reason, fields, dropped, leftOut, outcome: last && Reflect.get(last, 'outcome') };
  };
  return {
    list: listed.map((change) => word(change, change.lastAttempt)),
    alone: alone.map((change) => word(change, change.last)),
  };
}

async function callsFor(path: string): Promise<number> {
  await (await call(host.url, path)).text();
  const counts: number[] = [];
  for (let time = 0; time < 4; time++) {
    const before = { ...storage.calls };
    await (await call(host.url, path)).text();
    const { tables, pauses } = storage.calls;
    counts.push(tables - before.tables + pauses - before.pauses);
  }
  // A change that is on its way, or waits and comes back, only adds to it.
  return Math.min(...counts);
}

test("a customer's list says what each delivery says, and takes at most 5 storage calls", async () => {
  const customerId = newCustomer(relay);
  const fault = (field: string, status: number, times?: number) =>
    relay.sandbox.fault({ status, match: { method: 'PATCH', customerId, field }, ...(times && { times }) });
  await send(customerId, { FirstName: 'Ada' });
  await send(customerId, { FirstName: 'Ada' });
  const occurredAt = new Date(Date.now() - 2 * 3_600_000).toISOString();
  await send(customerId, { FirstName: 'Bea' }, { occurredAt });
  await send(customerId, { LastName: 'Lin', EmailAddress: 'at home' });
  fault('CompanyName', 400);
  await send(customerId, { CompanyName: 'A' });
  await send(customerId, { CompanyName: 'B', LastName: 'Ling' });
  fault('TaxId', 503, 1);
  await send(customerId, { TaxId: '123' });
  fault('Username', 400);
  await patchCustomer(relay, customerId, { Username: 'ada' });
  await untilNothingIsPending(host.url);

  const { list, alone } = await saidOf(customerId);
  expect(list).toEqual(alone);
  expect(list.map(({ status }) => status)).toEqual([
    'returned',
    'applied',
    'applied',
    'parked',
    'applied',
    'stale',
    'unchanged',
    'applied',
  ]);
  expect(await callsFor(`deliveries?customer=${customerId}`)).toBeLessThanOrEqual(5);
  expect(await callsFor(`deliveries?customer=${customerId}&status=parked`)).toBeLessThanOrEqual(5);

  const [parked] = await changesOf(host.url, { customer: customerId, status: 'parked' });
  relay.sandbox.clearFaults();
  await outcomeOf(relay, await call(host.url, `deliveries/${parked?.deliveryId}/replay`, { method: 'POST' }));
  const after = await saidOf(customerId);
  expect(after.list).toEqual(after.alone);
  expect(after.list.map(({ status }) => status)).not.toContain('parked');
  expect(await callsFor(`deliveries?customer=${customerId}`)).toBeLessThanOrEqual(5);
});

test('many changes that wait take no more calls', async () => {
  const customerId = newCustomer(relay);
  const pause = {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json' },
    body: '{"note":"a check"}',
  };
  expect((await call(host.url, `pauses/customer:${customerId}`, pause)).status).toBe(200);
  // The pause is known a moment later: what comes before that is written.
  await until(async () => {
    await postCanonical(relay, { customer: { customerId }, fields: { FirstName: `name ${++minute}` } });
    return (await changesOf(host.url, { customer: customerId, status: 'pending' })).length >= 8;
  }, 'eight of them wait');
  const { list, alone } = await saidOf(customerId);
  expect(list).toEqual(alone);
  expect(await callsFor(`deliveries?customer=${customerId}`)).toBeLessThanOrEqual(5);
  expect(await callsFor(`deliveries?customer=${customerId}&status=pending`)).toBeLessThanOrEqual(5);
  expect((await call(host.url, `pauses/customer:${customerId}`, { method: 'DELETE' })).status).toBe(204);
});

test('what an earlier version has noted without a copy is listed, too', async () => {
  const customerId = newCustomer(relay);
  const ids = [await send(customerId, { FirstName: 'Cy' }), await send(customerId, { LastName: 'Dee' })];
  const { states } = await openTables(surroundings.env);
  for (const deliveryId of ids) await states.note(customerId, { deliveryId, index: 0 });
  const { list, alone } = await saidOf(customerId);
  expect(list).toEqual(alone);
  expect(list).toHaveLength(2);
});

test('pages follow each other, each change once', async () => {
  const customerId = newCustomer(relay);
  const sent: string[] = [];
  for (const name of ['Ed', 'Flo', 'Gus', 'Hal', 'Ida'])
    sent.push(await send(customerId, { FirstName: name }));
  const listed = await changesOf(host.url, { customer: customerId, limit: '2' });
  expect(listed.map(({ deliveryId }) => deliveryId)).toEqual(sent.toReversed());
});

test('of a customer that is forgotten nothing is listed, and no copy is left', async () => {
  const customerId = newCustomer(relay);
  await send(customerId, { FirstName: 'Jo' });
  const answer = await call(host.url, `customers/${customerId}/deliveries`, { method: 'DELETE' });
  expect(answer.status).toBe(200);
  expect(await changesOf(host.url, { customer: customerId })).toEqual([]);
  const { states } = await openTables(surroundings.env);
  expect(await states.changesOf(customerId)).toEqual([]);
});
