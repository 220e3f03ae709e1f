import { expect, test } from 'vitest';
import { deliverRead, type Read } from '../../src/delivery/attempt/deliver-read.ts';
import type { CallResult } from '../../src/directscale/client.ts';
import { crm, noon, setUp } from './relay-in-memory.ts';

/** What a file says that is imported at noon. */
const imported = {
  source: crm,
  payload: {
    customer: { customerId: '7' },
    occurredAt: '2026-11-23T11:00:00.000Z',
    fields: { FirstName: 'Anna' },
  },
  readAt: new Date(noon),
  foundBy: 'import',
  mayLookUp: true,
} satisfies Read;
const ill: CallResult = { outcome: 'unavailable', reason: 'server-error', inDoubt: true, status: 500 };

test('a file that is imported once more after its retries were used up: its change is tried as before', async () => {
  const { context, records, answers, workOff } = setUp();
  answers.push(ill, ill, ill);
  await deliverRead(imported, context, () => undefined);
  await workOff();
  expect(records()).toMatchObject([{ status: 'parked', reason: 'retries-exhausted' }]);

  answers.push(ill, ill);
  await deliverRead(imported, context, () => undefined);
  expect(records()).toMatchObject([{ status: 'pending' }]);
  await workOff();
  expect(records()).toMatchObject([{ status: 'applied', failedAttempts: 2 }]);
});

test('the same, and its next turn comes before the record says so: nothing is lost', async () => {
  const { context, contextOn, stores, records, answers, workOff } = setUp();
  answers.push(ill, ill, ill);
  await deliverRead(imported, context, () => undefined);
  await workOff();
  const [record] = records();
  const stored = record && (await stores.records.read(record));
  if (!stored) throw new Error('nothing is recorded');
  // As if it had been parked at its first attempt.
  await stores.records.update({ record: { ...stored.record, turn: 0 } }, stored);

  answers.push(ill);
  const update: typeof stores.records.update = async (...given) => {
    await workOff();
    return stores.records.update(...given);
  };
  await deliverRead(
    imported,
    contextOn({ ...stores, records: { ...stores.records, update } }),
    () => undefined,
  );
  await workOff();
  expect(records()).toMatchObject([{ status: 'applied' }]);
});

test('a file that is imported once more: of two customers the second is kept only now, and nothing of it is lost', async () => {
  const { context, records, answers, workOff } = setUp();
  const payload = ['7', '8'].map((customerId) => ({ ...imported.payload, customer: { customerId } }));
  const unknown: CallResult = { outcome: 'customer-not-found', status: 404 };
  answers.push({ outcome: 'applied', status: 200 }, unknown);
  await deliverRead({ ...imported, payload }, context, () => undefined);
  expect(records()).toMatchObject([{ customerId: '7', status: 'applied' }]);

  answers.push(ill);
  await deliverRead({ ...imported, payload }, context, () => undefined);
  await workOff();
  expect(records()).toMatchObject([
    { customerId: '7', status: 'applied' },
    { customerId: '8', status: 'applied' },
  ]);
});

test('a field that is left out of what is read is told once, though nothing else changed', async () => {
  const { context, records, calls } = setUp();
  let walks = 0;
  const walk = (fields: Readonly<Record<string, string>>) => {
    const readAt = new Date(noon + walks++ * 60_000);
    const payload = { ...imported.payload, fields };
    return deliverRead({ ...imported, payload, readAt, foundBy: 'catch-up' }, context, () => undefined);
  };
  await walk({ FirstName: 'Anna' });
  expect(records()).toMatchObject([{ status: 'applied' }]);
  const again = { FirstName: 'Anna', EmailAddress: 'none' };
  for (let times = 0; times < 2; times++)
    expect(await walk(again)).toMatchObject({ records: [{ status: 'unchanged' }] });
  await walk({ FirstName: 'Anna' });
  expect(calls).toHaveLength(1);
  const [, ...others] = records();
  expect(others).toMatchObject([{ status: 'unchanged', leftOut: [{ path: 'EmailAddress' }] }]);
});
