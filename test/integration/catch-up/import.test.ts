import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Stack } from '../../../local/stack.ts';
import { call, changesOf } from '../operator.ts';
import {
  newCustomer,
  outcomeOf,
  patchesOf,
  postCanonical,
  shopifySample,
  startRelay,
} from '../relay-under-test.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await startRelay();
});
afterAll(() => stack?.stop());

interface Imported {
  readonly done: number;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly fields: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly findings: readonly {
    readonly index: number;
    readonly outcome: string;
    readonly reason?: string;
    readonly customerId?: string;
    readonly deliveryId?: string;
    readonly fields: readonly { readonly path: string; readonly verdict?: string }[];
  }[];
}

const post = (body: string, query = '', source = 'in-house') =>
  call(stack.host.url, `import/${source}${query}`, { method: 'POST', body });

async function importing(payloads: readonly unknown[], query = '', source?: string): Promise<Imported> {
  const response = await post(JSON.stringify(payloads), query, source);
  const text = await response.text();
  expect(response.status, text).toBe(200);
  return flat(text);
}

function flat(text: string): Imported {
  const { report, ...rest } = JSON.parse(text);
  return { ...rest, ...report };
}

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

const change = (customerId: string, fields: object, occurredAt = minutesAgo(60)) => ({
  customer: { customerId },
  occurredAt,
  fields,
});

test('what is new is written and recorded; once more it costs no call and leaves no record', async () => {
  const customerId = newCustomer(stack);
  const payloads = [change(customerId, { FirstName: 'Ida' })];
  const query = `?readAt=${minutesAgo(10)}`;
  expect(await importing(payloads, query)).toMatchObject({ done: 1, outcomes: { applied: 1 } });
  expect(await importing(payloads, query)).toMatchObject({ done: 1, outcomes: { unchanged: 1 } });
  expect(await importing(payloads)).toMatchObject({ done: 1, outcomes: { unchanged: 1 } });
  expect(patchesOf(stack, customerId)).toEqual([{ FirstName: 'Ida' }]);
  const records = await changesOf(stack.host.url, { customer: customerId });
  expect(records).toMatchObject([{ status: 'applied', foundBy: 'import', fields: ['FirstName'] }]);
  expect(await changesOf(stack.host.url, { foundBy: 'import', customer: customerId })).toHaveLength(1);
  expect(await changesOf(stack.host.url, { foundBy: 'catch-up', customer: customerId })).toEqual([]);
});

test("a vendor's own payload, mapped as its webhook is; its record can be replayed", async () => {
  const customerId = newCustomer(stack);
  const payload = JSON.parse(await shopifySample(customerId, { first_name: 'Ada' }));
  const imported = await importing([payload], '', 'shopify');
  expect(imported.outcomes).toEqual({ applied: 1 });
  const [{ deliveryId = '' } = {}] = imported.findings;
  const replayed = await call(stack.host.url, `deliveries/${deliveryId}/replay`, { method: 'POST' });
  expect([200, 202]).toContain(replayed.status);
  expect(patchesOf(stack, customerId)).toMatchObject([{ FirstName: 'Ada' }]);
});

test('what was read loses against a webhook that came after the reading began', async () => {
  const customerId = newCustomer(stack);
  const newer = change(customerId, { FirstName: 'Newer' }, minutesAgo(5));
  await outcomeOf(stack, await postCanonical(stack, newer));
  const read = change(customerId, { FirstName: 'Older', LastName: 'Berg' }, minutesAgo(1));
  const imported = await importing([read], `?readAt=${minutesAgo(10)}`);
  expect(imported.outcomes).toEqual({ applied: 1 });
  expect(patchesOf(stack, customerId)).toEqual([{ FirstName: 'Newer' }, { LastName: 'Berg' }]);
});

test('a payload without a time of its own counts as of the reading', async () => {
  const customerId = newCustomer(stack);
  await outcomeOf(
    stack,
    await postCanonical(stack, change(customerId, { FirstName: 'Newer' }, minutesAgo(5))),
  );
  const { occurredAt: _, ...read } = change(customerId, { FirstName: 'Older' });
  expect((await importing([read], `?readAt=${minutesAgo(10)}`)).outcomes).toEqual({ stale: 1 });
  expect((await importing([read], `?readAt=${minutesAgo(1)}`)).outcomes).toEqual({ applied: 1 });
});

test('what is unchanged makes a webhook stale that comes late', async () => {
  const customerId = newCustomer(stack);
  await outcomeOf(
    stack,
    await postCanonical(stack, change(customerId, { FirstName: 'Ida' }, minutesAgo(60))),
  );
  const read = change(customerId, { FirstName: 'Ida' }, minutesAgo(30));
  expect((await importing([read])).outcomes).toEqual({ unchanged: 1 });
  const late = await postCanonical(stack, change(customerId, { FirstName: 'Old' }, minutesAgo(45)));
  expect((await outcomeOf(stack, late)).changes).toMatchObject([{ status: 'stale' }]);
});

test('a dry run says which fields would change, and writes nothing', async () => {
  const [one, two] = [newCustomer(stack), newCustomer(stack)];
  const held = stack.sandbox.customers.get(two);
  const payloads = [
    change(one, { FirstName: 'Ida', LastName: 'Berg' }),
    change(two, { FirstName: held?.FirstName ?? '' }),
    change('99999999', { FirstName: 'Nobody' }),
  ];
  const calls = stack.sandbox.history.length;
  expect(await importing(payloads, '?mode=dry-run')).toMatchObject({
    done: 3,
    outcomes: { 'would-change': 1, unchanged: 1, 'not-found': 1 },
    fields: { FirstName: { 'would-change': 1 }, LastName: { 'would-change': 1 } },
  });
  const methods = stack.sandbox.history.slice(calls).map(({ method }) => method);
  expect(methods).not.toContain('PATCH');
  expect(await changesOf(stack.host.url, { customer: one })).toEqual([]);
  expect((await importing(payloads)).outcomes).toEqual({ applied: 1, unchanged: 1, 'not-found': 1 });
  expect(await changesOf(stack.host.url, { customer: two })).toEqual([]);
});

test('JSON Lines; one row that cannot be used costs itself only', async () => {
  const customerId = newCustomer(stack);
  const rows = [
    change(customerId, { FirstName: 'Ida' }),
    { customer: { customerId: 'x' }, fields: { FirstName: 'Ida' } },
  ];
  const response = await post(`\uFEFF${rows.map((row) => JSON.stringify(row)).join('\r\n')}\n\n`);
  const imported = flat(await response.text());
  expect(imported).toMatchObject({ done: 2, outcomes: { applied: 1, parked: 1 } });
  expect(imported.findings).toMatchObject([
    { index: 0, outcome: 'applied' },
    { index: 1, outcome: 'parked', reason: 'unmappable', violations: [{ path: 'customer.customerId' }] },
  ]);
});

test.each([
  ['no JSON', '{"a":', 400],
  ['a broken line', '{"a":1}\n{"a"\n', 400],
  ['too many payloads', `[${Array(1001).fill('{}').join()}]`, 422],
  ['too large', JSON.stringify(['x'.repeat(1_100_000)]), 413],
])('%s is refused', async (_, body, status) => {
  expect((await post(body)).status).toBe(status);
});

test('an unknown source, a time in the future, no key', async () => {
  expect((await post('[]', '', 'nobody')).status).toBe(404);
  expect((await post('[]', '?readAt=2999-01-01T00:00:00Z')).status).toBe(422);
  expect((await fetch(`${stack.host.url}/api/import/in-house`, { method: 'POST', body: '[]' })).status).toBe(
    401,
  );
});

test('what somebody changed inside DirectScale is told, not overwritten, and repaired on demand', async () => {
  const customerId = newCustomer(stack);
  await outcomeOf(
    stack,
    await postCanonical(stack, change(customerId, { FirstName: 'Ida', LastName: 'Berg' })),
  );
  const customer = stack.sandbox.customers.get(customerId);
  if (customer) customer.FirstName = 'By hand';
  const payloads = [change(customerId, { FirstName: 'Ida', LastName: 'Berg' }, minutesAgo(120))];
  expect(await importing(payloads, '?mode=compare')).toMatchObject({
    outcomes: { differs: 1 },
    fields: { FirstName: { drifted: 1 }, LastName: { agrees: 1 } },
    findings: [{ customerId, fields: [{ path: 'FirstName', verdict: 'drifted' }, { path: 'LastName' }] }],
  });
  await importing(payloads);
  expect(stack.sandbox.customers.get(customerId)?.FirstName).toBe('By hand');
  expect(await importing(payloads, '?repair=true')).toMatchObject({ outcomes: { applied: 1 } });
  expect(stack.sandbox.customers.get(customerId)?.FirstName).toBe('Ida');
  expect(patchesOf(stack, customerId).at(-1)).toEqual({ FirstName: 'Ida' });
  expect((await importing(payloads, '?mode=compare')).outcomes).toEqual({ agrees: 1 });
});

test('of a walk over all customers nobody is kept but whom it changed', async () => {
  const ids = Array.from({ length: 40 }, () => newCustomer(stack));
  const payloads = ids.map((id) => change(id, { FirstName: stack.sandbox.customers.get(id)?.FirstName }));
  expect((await importing(payloads)).outcomes).toEqual({ unchanged: 40 });
  expect(await importing(payloads)).toMatchObject({ done: 40, outcomes: { unchanged: 40 } });
  for (const id of ids.slice(0, 3)) expect(await changesOf(stack.host.url, { customer: id })).toEqual([]);
});

test('while DirectScale does not take the key, nothing piles up: the rest is for later', async () => {
  const ids = Array.from({ length: 12 }, () => newCustomer(stack));
  const payloads = ids.map((id) => change(id, { FirstName: 'Later' }));
  stack.sandbox.fault({ status: 401, match: { method: 'PATCH' } });
  const refused = await importing(payloads);
  expect(refused).toMatchObject({ done: 0, stopped: { reason: 'key-rejected' } });
  expect(await changesOf(stack.host.url, { status: 'pending' })).toEqual([]);
  stack.sandbox.clearFaults();
  // The circuit breaker looks again after some seconds.
  await expect
    .poll(async () => (await importing(payloads)).done, { timeout: 20_000, interval: 500 })
    .toBe(12);
  for (const id of ids) expect(stack.sandbox.customers.get(id)?.FirstName).toBe('Later');
});
