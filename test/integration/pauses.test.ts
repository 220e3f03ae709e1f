import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Stack } from '../../local/stack.ts';
import type { ActList, PauseList } from '../../src/http/operator-answers.ts';
import { call, changesOf, until } from './operator.ts';
import {
  getDelivery,
  newCustomer,
  patchCustomer,
  patchesOf,
  postCanonical,
  quickRetries,
  reportOf,
  startRelay,
} from './relay-under-test.ts';

let stack: Stack;
beforeAll(async () => {
  // The tests below write to a customer until it is paused.
  stack = await startRelay({ ...quickRetries, CUSTOMER_WRITES_PER_MINUTE: '10000' });
});
afterAll(() => stack?.stop());

/** What the relay read of the pauses before counts for so long. */
const readAgainMs = 6000;
const as = (name: string) => ({ 'x-relay-operator': name });

async function pause(subject: string, body: object): Promise<Response> {
  return call(stack.host.url, `pauses/${subject}`, {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json', ...as('Ben') },
    body: JSON.stringify(body),
  });
}

const resume = (subject: string) =>
  call(stack.host.url, `pauses/${subject}`, { method: 'DELETE', headers: as('Ben') });

async function send(customerId: string, source = 'in-house') {
  const answer = await postCanonical(
    stack,
    { customer: { customerId }, fields: { FirstName: `Ada ${Math.random()}` } },
    { source },
  );
  expect(answer.status).toBe(202);
  const { deliveryId } = (await answer.clone().json()) as { deliveryId: string };
  return { answer, deliveryId };
}

/** Sends changes of new customers until one is held: the pause is read then. */
async function untilHeld(
  source: string,
): Promise<{ readonly answer: Response; readonly customerId: string }> {
  const end = Date.now() + readAgainMs + 10_000;
  for (;;) {
    const customerId = newCustomer(stack);
    const { answer, deliveryId } = await send(customerId, source);
    let report: { status?: string; changes?: { reason?: string; failedAttempts?: number }[] } = {};
    await until(async () => {
      report = (await (await getDelivery(stack, deliveryId)).json()) as typeof report;
      return report.changes !== undefined;
    }, 'it is recorded');
    if (report.status === 'pending') {
      expect(report.changes).toMatchObject([{ reason: 'paused-by-hand', failedAttempts: 0 }]);
      return { answer, customerId };
    }
    if (Date.now() > end) throw new Error('nothing was held');
  }
}

test('a source that is paused is taken and waits, others go on; resumed, it is applied, and nothing was parked', async () => {
  expect((await pause('source:in-house', { note: 'the mapping is wrong' })).status).toBe(200);
  const { answer, customerId } = await untilHeld('in-house');
  const other = newCustomer(stack);
  expect((await patchCustomer(stack, other, { FirstName: 'Bo' })).status).toBe(200);
  expect(patchesOf(stack, customerId)).toEqual([]);

  const health = await (await call(stack.host.url, 'health/details')).json();
  expect(health).toMatchObject({ status: 'degraded', paused: [{ subject: 'source:in-house', by: 'Ben' }] });
  expect((await resume('source:in-house')).status).toBe(204);
  expect(await reportOf(stack, answer)).toMatchObject({ status: 'applied' });
  expect(patchesOf(stack, customerId)).toHaveLength(1);
  expect(await changesOf(stack.host.url, { status: 'parked' })).toEqual([]);
}, 60_000);

test('a pause ends by itself', async () => {
  const end = new Date(Date.now() + 9000).toISOString();
  expect((await pause('source:in-house', { note: 'for a moment', until: end })).status).toBe(200);
  const { answer } = await untilHeld('in-house');
  expect(await reportOf(stack, answer)).toMatchObject({ status: 'applied' });
  const { pauses } = (await (await call(stack.host.url, 'pauses')).json()) as PauseList;
  expect(pauses).toEqual([]);
}, 60_000);

test('of one customer, and of everything, the direct route says so', async () => {
  const [paused, other] = [newCustomer(stack), newCustomer(stack)];
  const patch = async (customerId: string) =>
    patchCustomer(stack, customerId, { FirstName: `C ${Math.random()}` });
  await pause(`customer:${paused}`, { note: 'two systems fight' });
  await until(
    async () => (await patch(paused)).status === 503,
    'the customer is paused',
    readAgainMs + 10_000,
  );
  const refused = await patch(paused);
  expect(await refused.json()).toMatchObject({ code: 'paused-by-hand' });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await patch(other)).status).toBe(200);
  await pause('all', { note: 'maintenance of DirectScale' });
  await until(async () => (await patch(other)).status === 503, 'all is paused', readAgainMs + 10_000);
  await resume('all');
  await resume(`customer:${paused}`);
  await until(async () => (await patch(other)).status === 200, 'all goes on', readAgainMs + 10_000);
  expect((await patch(paused)).status).toBe(200);
}, 60_000);

test.each([
  ['everything', { note: 'why' }],
  ['source:nobody', { note: 'why' }],
  ['customer:Maria', { note: 'why' }],
  ['all', {}],
  ['all', { note: ' ' }],
  ['all', { note: 'why', until: '2020-01-01T00:00:00Z' }],
])('nothing is paused by %s with %j', async (subject, body) => {
  expect((await pause(subject, body)).status).toBe(422);
});

test('who paused and who resumed is noted', async () => {
  await pause('source:shopify', { note: 'of anna@example.com' });
  const { pauses } = (await (await call(stack.host.url, 'pauses')).json()) as PauseList;
  expect(pauses.find(({ subject }) => subject === 'source:shopify')?.note).toBe('of [e-mail address]');
  await resume('source:shopify');
  const { acts } = (await (await call(stack.host.url, 'acts?limit=2')).json()) as ActList;
  expect(acts).toMatchObject([
    { act: 'resume', subject: 'source:shopify', by: 'Ben' },
    { act: 'pause', subject: 'source:shopify', by: 'Ben' },
  ]);
});
