import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Azurite, startAzurite } from '../../local/azurite.ts';
import { storageConnection } from '../../src/azure/storage-connection.ts';
import { reportQueue } from '../../src/delivery/operate/queue-report.ts';
import { deliveryIdentity, deliveryIdOf } from '../../src/delivery/record/delivery-id.ts';
import { type DeliveryRecord, emptyRecord } from '../../src/delivery/record/record.ts';
import { openStores } from '../../src/delivery/store/open-stores.ts';
import type { Stores } from '../../src/delivery/store/stores.ts';

let azurite: Azurite;
let stores: Stores;
beforeAll(async () => {
  azurite = await startAzurite();
  stores = await openStores({ [storageConnection]: azurite.connectionString });
});
afterAll(() => azurite?.close());

const now = new Date('2026-11-23T12:00:00Z');
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1000);

/** A recorded change with a message in the queue. */
async function enqueue(secondsAgo: number, record: Partial<DeliveryRecord> = {}, delayMs = 0): Promise<void> {
  const deliveryId = deliveryIdOf(ago(secondsAgo), deliveryIdentity('crm', String(Math.random())));
  await stores.records.create([
    { record: { ...emptyRecord({ deliveryId, index: 0, source: 'crm' }), ...record } },
  ]);
  await stores.queue.send({ deliveryId, index: 0, turn: 0 }, delayMs);
}

test('the age is that of the change that is due longest, not of what waits for its time', async () => {
  expect(await reportQueue(stores, now)).toEqual({ waiting: 0, oldestDueSeconds: 0, poison: 0 });
  await enqueue(9000, {}, 600_000);
  await enqueue(8000, { status: 'applied' });
  await enqueue(7000, { nextAttemptAt: ago(30).toISOString() });
  await enqueue(20);
  expect(await reportQueue(stores, now)).toEqual({ waiting: 4, oldestDueSeconds: 30, poison: 0 });
  await enqueue(90);
  expect(await reportQueue(stores, now)).toEqual({ waiting: 5, oldestDueSeconds: 90, poison: 0 });
});

test('deliveries that nobody has recorded yet are due since they came', async () => {
  const taken = [100, 200].map((secondsAgo) => ({
    id: deliveryIdOf(ago(secondsAgo), deliveryIdentity('crm', String(secondsAgo))),
    source: 'crm',
    headers: [],
    body: '',
  }));
  const { waiting } = await reportQueue(stores, now);
  await stores.queue.sendTaken(taken);
  expect(await reportQueue(stores, now)).toEqual({
    waiting: waiting + 1,
    oldestDueSeconds: 200,
    poison: 0,
  });
});
