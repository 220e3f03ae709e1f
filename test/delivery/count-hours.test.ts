import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CountedStorage, countStorageCalls } from '../../bench/counting-proxy.ts';
import { type Azurite, startAzurite } from '../../local/azurite.ts';
import { countHours, hoursCounted, sumUpHours } from '../../src/delivery/operate/count-hours.ts';
import { hourOf, hoursLater } from '../../src/delivery/record/hour-counts.ts';
import type { DeliveryRecord } from '../../src/delivery/record/record.ts';
import { openTables } from '../../src/delivery/store/open-tables.ts';
import type { Tables } from '../../src/delivery/store/stores.ts';
import { newDeliveryId, recorded } from './recorded.ts';

let azurite: Azurite;
let storage: CountedStorage;
let tables: Tables;
const now = new Date();
const current = hourOf(now);
const minutesLater = (minutes: number) => new Date(now.getTime() + minutes * 60_000);
const sources = ['a', 'b', 'c', 'd', 'e'];

beforeAll(async () => {
  azurite = await startAzurite();
  storage = await countStorageCalls(azurite.connectionString);
  tables = await openTables({ AzureWebJobsStorage: storage.connectionString });
});
afterAll(async () => {
  await storage?.close();
  await azurite?.close();
});

/** A record that was received so many minutes after an hour began, and applied so many ms later. */
async function received(
  hoursAgo: number,
  source: string,
  { status, appliedAfterMs, ...news }: Partial<DeliveryRecord> & { readonly appliedAfterMs?: number },
): Promise<string> {
  const receivedAt = new Date(hoursLater(current, -hoursAgo).getTime());
  const deliveryId = newDeliveryId(receivedAt.toISOString());
  const at = new Date(receivedAt.getTime() + (appliedAfterMs ?? 0)).toISOString();
  const attempts = appliedAfterMs === undefined ? [] : [{ at, outcome: 'applied' }];
  await tables.records.create([
    recorded(deliveryId, { source, attempts, ...(status && { status }), ...news }),
  ]);
  return deliveryId;
}

let waiting: string;
let callsBefore: number;

test('what became of changes is counted by source and hour, also before anybody summed it up', async () => {
  for (const appliedAfterMs of [100, 300, 8000])
    await received(3, 'a', { status: 'applied', appliedAfterMs });
  waiting = await received(3, 'a', { status: 'pending' });
  await received(3, 'a', { status: 'stale', leftOut: [{ path: 'PrimaryPhone', reason: 'is none' }] });
  for (const source of sources) await received(1, source, { status: 'parked', reason: 'rejected' });
  await received(0, 'b', { status: 'ignored' });

  const { since, hours } = await countHours(24, tables, now);
  expect(since).toBe(hoursLater(current, -23).toISOString());
  expect(hours).toHaveLength(7);
  expect(hours[0]).toEqual({
    source: 'a',
    hour: hoursLater(current, -3).toISOString(),
    accepted: 5,
    applied: 3,
    leftOut: 1,
    parked: 0,
    pending: 1,
    unchanged: 0,
    stale: 1,
    other: 0,
    medianDelayMs: 300,
    slowestDelayMs: 8000,
    lastReceivedAt: hoursLater(current, -3).toISOString(),
  });
  expect(hours.slice(1).map(({ source, parked, other }) => [source, parked, other])).toEqual([
    ...sources.map((source) => [source, 1, 0]),
    ['b', 0, 1],
  ]);
  // Summed up, they are the same.
  expect(await sumUpHours(tables, minutesLater(-20))).toBe(hoursCounted);
  callsBefore = storage.calls.tables;
  expect((await countHours(24, tables, now)).hours).toEqual(hours);
});

test('a look takes two storage calls: the hours that are over, and the current one', () => {
  expect(storage.calls.tables - callsBefore).toBe(2);
});

test('an hour is counted anew when something of it was written since', async () => {
  const stored = await tables.records.read({ deliveryId: waiting, index: 0 });
  if (!stored) throw new Error('there is no such record');
  await tables.records.update({ record: { ...stored.record, status: 'applied' } }, stored);
  await sumUpHours(tables, minutesLater(6));
  const [first] = (await countHours(24, tables, now)).hours;
  expect(first).toMatchObject({ accepted: 5, applied: 4, pending: 0 });
  expect(await sumUpHours(tables, minutesLater(6))).toBe(0);
});

test('an hour that ends costs less than one storage call for each source', async () => {
  const before = storage.calls.tables;
  expect(await sumUpHours(tables, hoursLater(hourOf(minutesLater(6)), 1))).toBe(1);
  expect(storage.calls.tables - before).toBeLessThan(sources.length);
});

test('what is older than it is kept is deleted', async () => {
  expect(await tables.summedHours.removeBefore(hoursLater(current, -2))).toBeGreaterThan(40);
  const left = await tables.summedHours.since(hoursLater(current, -hoursCounted));
  expect(left.map(({ hour }) => hour).toSorted()[0]).toBe(hoursLater(current, -2).toISOString());
});
