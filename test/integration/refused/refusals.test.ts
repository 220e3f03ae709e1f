import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Stack } from '../../../local/stack.ts';
import { healthDetailsSchema } from '../../../src/health.ts';
import { call, until } from '../operator.ts';
import {
  type DeliveryReport,
  functionKey,
  getDelivery,
  newCustomer,
  patchCustomer,
  patchesOf,
} from '../relay-under-test.ts';
import { allFields, patchesTo, save, startRefusing } from './refusing.ts';

let stack: Stack;
let customerId: string;
beforeAll(async () => {
  stack = await startRefusing();
});
afterAll(() => stack?.stop());
beforeEach(() => {
  stack.sandbox.clearFaults();
  customerId = newCustomer(stack);
});

const refuse = (field: string, status = 400, more: object = {}) =>
  stack.sandbox.fault({ match: { method: 'PATCH', customerId, field }, status, ...more });
const refuseAll = (status: number) => stack.sandbox.fault({ match: { method: 'PATCH', customerId }, status });
const leftOutOf = (told: DeliveryReport) => told.changes[0]?.leftOut?.map(({ path }) => path).toSorted();
const lenient = { headers: { 'x-functions-key': functionKey, Prefer: 'handling=lenient' } };

/** Replays a delivery, and waits for the outcome. */
async function replayed(deliveryId: string): Promise<DeliveryReport> {
  const response = await call(stack.host.url, `deliveries/${deliveryId}/replay`, { method: 'POST' });
  expect(response.status).toBe(202);
  const told = async () => (await (await getDelivery(stack, deliveryId)).json()) as DeliveryReport;
  await until(async () => (await told()).status !== 'pending', 'the replay has ended');
  return told();
}

test('several refused fields: all others are written, each refused one is told', async () => {
  for (const field of ['FirstName', 'TaxId', 'PrimaryAddress.Region']) refuse(field);
  const told = await save(stack, customerId, allFields);
  expect(told.status).toBe('applied');
  expect(leftOutOf(told)).toEqual(['FirstName', 'PrimaryAddress', 'TaxId']);
  const { FirstName, TaxId, PrimaryAddress, ...others } = allFields;
  expect(Object.assign({}, ...patchesOf(stack, customerId))).toEqual(others);
  const calls = patchesTo(stack, customerId).length;
  expect(calls).toBeLessThanOrEqual(20);
  expect(leftOutOf(await save(stack, customerId, allFields))).toEqual([
    'FirstName',
    'PrimaryAddress',
    'TaxId',
  ]);
  expect(patchesTo(stack, customerId)).toHaveLength(calls);
});

test('a custom field stands for itself', async () => {
  refuse('AssociateCustom.Field2');
  const told = await save(stack, customerId, {
    FirstName: 'Rosa',
    AssociateCustom: { Field1: 'gold', Field2: 'bad', Field3: 'north' },
  });
  expect(leftOutOf(told)).toEqual(['AssociateCustom.Field2']);
  expect(stack.sandbox.customFields.get(customerId)).toEqual({ Field1: 'gold', Field3: 'north' });
});

test("DirectScale's words are told without the values that were sent", async () => {
  refuse('LastName', 422, {
    headers: { 'X-DirectScale-Message': 'LastName Lind-Unique is not allowed for Rosa-Unique' },
  });
  const told = await save(stack, customerId, { FirstName: 'Rosa-Unique', LastName: 'Lind-Unique' });
  const reason = 'DirectScale refuses it (422): LastName [LastName] is not allowed for [FirstName]';
  // The last refused call had no other field.
  expect(told.changes[0]?.leftOut).toEqual([{ path: 'LastName', reason }]);
});

describe('everything is refused', () => {
  test('the change is parked, with each field; the same values are not sent again; a replay tries them', async () => {
    refuseAll(400);
    const fields = { FirstName: 'Rosa', LastName: 'Lind', CompanyName: 'Lind & Co' };
    const told = await save(stack, customerId, fields);
    expect(told).toMatchObject({ status: 'parked', changes: [{ reason: 'rejected' }] });
    expect(told.changes[0]?.violations.map(({ path }) => path).toSorted()).toEqual(
      Object.keys(fields).toSorted(),
    );
    const calls = patchesTo(stack, customerId).length;
    expect(calls).toBeLessThanOrEqual(6);

    const again = await save(stack, customerId, fields);
    expect(again).toMatchObject({
      status: 'parked',
      changes: [{ reason: 'rejected', attempts: [{ outcome: 'rejected', reason: 'refused-before' }] }],
    });
    expect(patchesTo(stack, customerId)).toHaveLength(calls);

    stack.sandbox.clearFaults();
    expect(await replayed(again.deliveryId)).toMatchObject({ status: 'applied' });
    expect(stack.sandbox.customers.get(customerId)).toMatchObject(fields);
  });

  test('a single field: parked after one call', async () => {
    refuseAll(422);
    const told = await save(stack, customerId, { FirstName: 'Rosa' });
    expect(told).toMatchObject({ status: 'parked', changes: [{ reason: 'rejected' }] });
    expect(patchesTo(stack, customerId)).toHaveLength(1);
  });
});

test('a replay tries what was refused again, alone, and what is refused still is left out again', async () => {
  refuse('LastName');
  const fields = { FirstName: 'Rosa', LastName: 'Lind', CompanyName: 'Lind & Co' };
  const told = await save(stack, customerId, fields);
  const calls = patchesTo(stack, customerId).length;
  const still = await replayed(told.deliveryId);
  expect(leftOutOf(still)).toEqual(['LastName']);
  expect(patchesTo(stack, customerId).slice(calls)).toEqual([{ LastName: 'Lind' }]);

  stack.sandbox.clearFaults();
  const mended = await replayed(told.deliveryId);
  expect(mended).toMatchObject({ status: 'applied' });
  expect(mended.changes[0]).not.toHaveProperty('leftOut');
  expect(stack.sandbox.customers.get(customerId)).toMatchObject(fields);
});

test('a strict source: the whole change is parked after one call, each time', async () => {
  refuse('LastName');
  const fields = { FirstName: 'Rosa', LastName: 'Lind' };
  for (const calls of [1, 2]) {
    const told = await save(stack, customerId, fields, 'strict');
    expect(told).toMatchObject({ status: 'parked', changes: [{ reason: 'rejected' }] });
    expect(patchesTo(stack, customerId)).toHaveLength(calls);
  }
  expect(patchesOf(stack, customerId)).toEqual([]);
});

describe('the direct route', () => {
  const fields = { FirstName: 'Rosa', LastName: 'Lind', CompanyName: 'Lind & Co' };

  test('is strict: 422 after one call', async () => {
    refuse('LastName');
    const response = await patchCustomer(stack, customerId, fields);
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ code: 'rejected' });
    expect(patchesTo(stack, customerId)).toEqual([fields]);
  });

  test('handling=lenient: 200, and the refused field is told; not sent again', async () => {
    refuse('LastName');
    const response = await patchCustomer(stack, customerId, fields, lenient);
    expect(response.status).toBe(200);
    const leftOut = [{ path: 'LastName', reason: 'DirectScale refuses it (400): LastName is not valid.' }];
    expect(await response.json()).toMatchObject({ status: 'applied', leftOut, dropped: [] });
    expect(stack.sandbox.customers.get(customerId)).toMatchObject({
      FirstName: 'Rosa',
      CompanyName: 'Lind & Co',
    });
    const calls = patchesTo(stack, customerId).length;
    const again = await patchCustomer(stack, customerId, fields, lenient);
    expect(await again.json()).toMatchObject({ status: 'unchanged', leftOut });
    expect(patchesTo(stack, customerId)).toHaveLength(calls);
  });

  test('handling=lenient, and nothing of it is taken: 422 with every field', async () => {
    refuseAll(400);
    const response = await patchCustomer(stack, customerId, fields, lenient);
    expect(response.status).toBe(422);
    const { code, violations = [] } = (await response.json()) as {
      code: string;
      violations?: { path: string }[];
    };
    expect(code).toBe('rejected');
    expect(violations.map(({ path }) => path).toSorted()).toEqual(Object.keys(fields).toSorted());
  });

  test('handling=lenient, and DirectScale answers 500 every time: the caller repeats it until it is known', async () => {
    refuse('LastName', 500);
    let last: Response | undefined;
    const isDone = async () => {
      last = await patchCustomer(stack, customerId, fields, lenient);
      if (last.status !== 200) expect(last.status).toBe(503);
      return last.status === 200;
    };
    await until(isDone, 'the change is written');
    expect(await last?.json()).toMatchObject({ leftOut: [{ path: 'LastName' }] });
    expect(stack.sandbox.customers.get(customerId)).toMatchObject({
      FirstName: 'Rosa',
      CompanyName: 'Lind & Co',
    });
  });
});

test('customers of whom DirectScale fails with a field keep nobody else from being written to', async () => {
  const failing = [customerId, newCustomer(stack), newCustomer(stack), newCustomer(stack)];
  for (const id of failing)
    stack.sandbox.fault({ match: { method: 'PATCH', customerId: id, field: 'LastName' }, status: 500 });
  const told = await Promise.all(
    failing.map((id) => save(stack, id, { FirstName: 'Rosa', LastName: 'Lind', CompanyName: 'Lind & Co' })),
  );
  for (const one of told) expect(leftOutOf(one)).toEqual(['LastName']);
  const health = healthDetailsSchema.parse(await (await call(stack.host.url, 'health/details')).json());
  expect(health.circuitBreaker?.state ?? 'closed').toBe('closed');
}, 60_000);
