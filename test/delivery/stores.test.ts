import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Azurite, startAzurite } from '../../local/azurite.ts';
import { noWrites } from '../../src/delivery/customer/write-limit.ts';
import { deliveryIdentity, deliveryIdOf } from '../../src/delivery/record/delivery-id.ts';
import { emptyRecord, pendingRecord } from '../../src/delivery/record/new-record.ts';
import type { DeliveryRecord } from '../../src/delivery/record/record.ts';
import { openStores, type Stores } from '../../src/delivery/store/open-stores.ts';
import type { NewRecord, RecordFilter } from '../../src/delivery/store/records.ts';
import type { Change } from '../../src/domain/change.ts';

let azurite: Azurite;
let stores: Stores;
beforeAll(async () => {
  azurite = await startAzurite();
  stores = await openStores({ AzureWebJobsStorage: azurite.connectionString });
});
afterAll(() => azurite.close());

const newId = (at = '2026-11-23T12:00:00.000Z'): string =>
  deliveryIdOf(new Date(at), deliveryIdentity('test', randomUUID()));

const changeOf = (customerId: string): Change => ({
  customer: { customerId },
  occurredAt: '2026-11-23T11:00:00.000Z',
  fields: { FirstName: 'Anna' },
});

function entry(deliveryId: string, index = 0, customerId = '7', source = 'shop'): NewRecord {
  const change = changeOf(customerId);
  return { record: pendingRecord({ deliveryId, index, source }, change), change };
}

describe('records', () => {
  test('a change is read as it was written', async () => {
    const { record, change } = entry(newId());
    await stores.records.create([{ record, change }]);
    expect(await stores.records.read(record)).toEqual({ record, change, etag: expect.any(String) });
  });

  test('what names a record to be read is kept in place of a change', async () => {
    const record = emptyRecord({ deliveryId: newId(), index: 0, source: 'crm' });
    const thin = { objectId: 123, properties: ['email', null] };
    await stores.records.create([{ record, thin }]);
    expect(await stores.records.read(record)).toEqual({ record, thin, etag: expect.any(String) });
  });

  test('a record that is not there', async () => {
    expect(await stores.records.read({ deliveryId: newId(), index: 0 })).toBeUndefined();
    expect(await stores.records.ofDelivery(newId())).toEqual([]);
  });

  test('created again, everything stays as it is', async () => {
    const { record, change } = entry(newId());
    await stores.records.create([{ record, change }]);
    await stores.records.create([{ record: { ...record, status: 'parked' }, change }]);
    expect((await stores.records.read(record))?.record).toEqual(record);
  });

  test('of two updates of the same state one is lost', async () => {
    const { record, change } = entry(newId());
    await stores.records.create([{ record, change }]);
    const etag = (await stores.records.read(record))?.etag ?? '';
    const applied: DeliveryRecord = { ...record, status: 'applied' };
    const updates = [applied, { ...record, turn: 1 }].map((news) => stores.records.update(news, etag));
    expect((await Promise.all(updates)).toSorted()).toEqual([false, true]);
  });

  test('an update keeps the change, or replaces it', async () => {
    const { record, change } = entry(newId());
    await stores.records.create([{ record, change }]);
    const first = await stores.records.read(record);
    await stores.records.update({ ...record, turn: 1 }, first?.etag ?? '');
    const second = await stores.records.read(record);
    expect(second).toMatchObject({ record: { turn: 1 }, change });
    await stores.records.update(record, second?.etag ?? '', { change: changeOf('8') });
    const third = await stores.records.read(record);
    expect(third?.change).toEqual(changeOf('8'));
    await stores.records.update(record, third?.etag ?? '', { thin: { id: 'contact-1' } });
    const fourth = await stores.records.read(record);
    expect([fourth?.change, fourth?.thin]).toEqual([undefined, { id: 'contact-1' }]);
  });

  test('a record that was deleted is not updated', async () => {
    const { record, change } = entry(newId());
    await stores.records.create([{ record, change }]);
    const etag = (await stores.records.read(record))?.etag ?? '';
    await stores.records.removeCustomer(record.deliveryId, '7');
    expect(await stores.records.update(record, etag)).toBe(false);
    expect(await stores.records.read(record)).toBeUndefined();
  });

  test('a delivery of more changes than a transaction holds, by position', async () => {
    const deliveryId = newId();
    const entries = Array.from({ length: 250 }, (_, index) => entry(deliveryId, index, String(index + 1)));
    await stores.records.create(entries, { headers: new Headers(), body: Buffer.from('[]') });
    await stores.records.create([entry(newId())]);
    const stored = await stores.records.ofDelivery(deliveryId);
    expect(stored.map(({ change }) => change)).toEqual(entries.map(({ change }) => change));
  });
});

describe('the request of a delivery', () => {
  const headers = new Headers({ 'x-shopify-topic': 'customers/update', 'x-name': 'Zoë' });

  test.each([
    ['a body of 1 MiB that does not compress', randomBytes(1_048_576)],
    ['an empty body', Buffer.alloc(0)],
  ])('%s comes back byte for byte, with its headers', async (_, body) => {
    const deliveryId = newId();
    await stores.records.create([entry(deliveryId)], { headers, body });
    const request = await stores.records.request(deliveryId);
    expect(Buffer.from(request?.body ?? []).equals(body)).toBe(true);
    expect([...(request?.headers ?? [])]).toEqual([...headers]);
    expect(await stores.records.ofDelivery(deliveryId)).toHaveLength(1);
  });

  test('a delivery without one', async () => {
    const deliveryId = newId();
    await stores.records.create([entry(deliveryId)]);
    expect(await stores.records.request(deliveryId)).toBeUndefined();
  });
});

describe('the list of records', () => {
  const times = ['2026-11-21T08:00:00.000Z', '2026-11-22T08:00:00.000Z', '2026-11-22T09:00:00.000Z'];

  /** Three deliveries of a source that no other test has, oldest first; the second one is parked. */
  async function threeDeliveries() {
    const source = `s-${randomUUID()}`;
    const ids = times.map((time) => newId(time));
    for (const [place, deliveryId] of ids.entries()) {
      const { record, change } = entry(deliveryId, 0, '7', source);
      await stores.records.create(
        [{ record: { ...record, status: place === 1 ? 'parked' : 'pending' }, change }],
        {
          headers: new Headers(),
          body: Buffer.from('{}'),
        },
      );
    }
    return { source, ids };
  }

  test.each<[string, RecordFilter, places: number[]]>([
    ['everything, newest first', {}, [2, 1, 0]],
    ['by status', { status: 'parked' }, [1]],
    ['since a time, that included', { since: new Date('2026-11-22T08:00:00.000Z') }, [2, 1]],
    ['until a time, that excluded', { until: new Date('2026-11-22T09:00:00.000Z') }, [1, 0]],
    [
      'between two times of a day',
      { since: new Date('2026-11-22T07:59:00Z'), until: new Date('2026-11-22T08:01:00Z') },
      [1],
    ],
    ['until midnight', { until: new Date('2026-11-22T00:00:00.000Z') }, [0]],
    ['nothing', { status: 'stale' }, []],
  ])('%s', async (_, filter, places) => {
    const { source, ids } = await threeDeliveries();
    const page = await stores.records.list({ source, ...filter }, 50);
    expect(page.records.map(({ deliveryId }) => deliveryId)).toEqual(places.map((place) => ids[place]));
    expect(page.next).toBeUndefined();
  });

  test('page by page', async () => {
    const { source, ids } = await threeDeliveries();
    const found: string[] = [];
    let from: string | undefined;
    do {
      const page = await stores.records.list({ source }, 1, from);
      expect(page.records.length).toBeLessThanOrEqual(1);
      found.push(...page.records.map(({ deliveryId }) => deliveryId));
      from = page.next;
    } while (from);
    expect(found).toEqual(ids.toReversed());
  });
});

describe('records are deleted', () => {
  test('for a customer: hers, and the body, which may say more of her', async () => {
    const deliveryId = newId();
    const entries = ['7', '8', '7'].map((customerId, index) => entry(deliveryId, index, customerId));
    await stores.records.create(entries, { headers: new Headers(), body: randomBytes(1_000_000) });
    expect(await stores.records.removeCustomer(deliveryId, '7')).toBe(2);
    const left = await stores.records.ofDelivery(deliveryId);
    expect(left.map(({ change }) => change)).toEqual([changeOf('8')]);
    expect(await stores.records.request(deliveryId)).toBeUndefined();
  });

  test('when they are old, but none that is pending', async () => {
    const request = { headers: new Headers(), body: Buffer.from('{}') };
    const [old, waiting, young] = [
      newId('2001-05-01T23:59:59.999Z'),
      newId('2001-05-01T12:00:00.000Z'),
      newId('2001-05-02T00:00:00.000Z'),
    ];
    const done = (deliveryId: string, index = 0): NewRecord => ({
      ...entry(deliveryId, index),
      record: { ...entry(deliveryId, index).record, status: 'applied' },
    });
    await stores.records.create([done(old)], request);
    await stores.records.create([done(waiting), entry(waiting, 1)], request);
    await stores.records.create([done(young)], request);

    expect(await stores.records.removeBefore(new Date('2001-05-02T15:00:00Z'))).toBe(2);
    expect(await stores.records.ofDelivery(old)).toEqual([]);
    expect(await stores.records.request(old)).toBeUndefined();
    expect(await stores.records.ofDelivery(waiting)).toHaveLength(2);
    expect(await stores.records.request(waiting)).toBeDefined();
    expect(await stores.records.ofDelivery(young)).toHaveLength(1);
  });
});

describe('the state of a customer', () => {
  const position = { occurredAt: 1, receivedAt: 2, changeId: 'c' };
  const fields = { FirstName: { applied: position, hash: 'h' }, LastName: { inDoubt: position } };

  test('nobody knows of a new one', async () => {
    expect(await stores.states.read('1000')).toEqual({ fields: {}, leasedUntil: 0, writes: noWrites });
  });

  test('is read as it was written', async () => {
    const etag = await stores.states.write(
      '1001',
      { fields, leasedUntil: 1_795_000_000_000, writes: noWrites },
      undefined,
    );
    expect(await stores.states.read('1001')).toEqual({
      fields,
      leasedUntil: 1_795_000_000_000,
      writes: noWrites,
      etag,
    });
  });

  test('of several who want the lease, one gets it: the first time, and later', async () => {
    const race = (etag: string | undefined) =>
      Promise.all(
        [1, 2, 3, 4].map((leasedUntil) =>
          stores.states.write('1002', { fields, leasedUntil, writes: noWrites }, etag),
        ),
      );
    const first = (await race(undefined)).filter((etag) => etag !== undefined);
    expect(first).toHaveLength(1);
    const second = (await race(first[0])).filter((etag) => etag !== undefined);
    expect(second).toHaveLength(1);
    expect((await stores.states.read('1002')).etag).toBe(second[0]);
  });

  test('that was deleted is not written by who still holds it', async () => {
    const etag = await stores.states.write('1004', { fields, leasedUntil: 1, writes: noWrites }, undefined);
    await stores.states.remove('1004');
    expect(
      await stores.states.write('1004', { fields, leasedUntil: 0, writes: noWrites }, etag),
    ).toBeUndefined();
    expect(await stores.states.read('1004')).toEqual({ fields: {}, leasedUntil: 0, writes: noWrites });
  });
});

describe("the index of a customer's deliveries", () => {
  test('newest first, each once', async () => {
    const times = ['2026-11-22T10:00:00Z', '2026-11-23T09:00:00Z', '2025-12-31T23:59:59Z'];
    const [second, newest, oldest] = times.map((time) => newId(time)) as [string, string, string];
    for (const id of [second, newest, oldest, second]) await stores.states.addDelivery('2000', id);
    await stores.states.write('2000', { fields: {}, leasedUntil: 0, writes: noWrites }, undefined);
    await stores.states.addDelivery('20000', newId());
    expect(await stores.states.deliveriesOf('2000')).toEqual([newest, second, oldest]);
  });

  test('is deleted with her state', async () => {
    await stores.states.addDelivery('2001', newId());
    await stores.states.addDelivery('2002', newId());
    await stores.states.write('2001', { fields: {}, leasedUntil: 5, writes: noWrites }, undefined);
    await stores.states.remove('2001');
    expect(await stores.states.deliveriesOf('2001')).toEqual([]);
    expect((await stores.states.read('2001')).etag).toBeUndefined();
    expect(await stores.states.deliveriesOf('2002')).toHaveLength(1);
  });

  test('forgets what is old, but not what is kept', async () => {
    const [old, kept, young] = [
      newId('2001-05-01T23:00:00Z'),
      newId('2001-05-01T12:00:00Z'),
      newId('2001-05-02'),
    ];
    for (const id of [old, kept, young]) await stores.states.addDelivery('2003', id);
    await stores.states.write('2003', { fields: {}, leasedUntil: 5, writes: noWrites }, undefined);
    const removed = await stores.states.removeDeliveriesBefore(
      new Date('2001-05-02T15:00:00Z'),
      new Set([kept]),
    );
    expect(removed).toBe(1);
    expect(await stores.states.deliveriesOf('2003')).toEqual([young, kept]);
    expect((await stores.states.read('2003')).leasedUntil).toBe(5);
  });
});

describe('seen deliveries', () => {
  const newIdentity = (): string => deliveryIdentity('shop', randomUUID());

  test('a repeat gets the id of the first, and is told when that is safe', async () => {
    const [identity, first] = [newIdentity(), newId()];
    expect(await stores.seen.add(identity, first)).toEqual({ deliveryId: first, isSafe: false });
    expect(await stores.seen.add(identity, newId())).toEqual({ deliveryId: first, isSafe: false });
    await stores.seen.markSafe(identity);
    expect(await stores.seen.add(identity, newId())).toEqual({ deliveryId: first, isSafe: true });
  });

  test('of repeats at the same time, all get the same id', async () => {
    const identity = newIdentity();
    const added = await Promise.all([1, 2, 3, 4].map(() => stores.seen.add(identity, newId())));
    expect(new Set(added.map(({ deliveryId }) => deliveryId)).size).toBe(1);
  });

  test('are forgotten when they are old', async () => {
    const day = 24 * 3_600_000;
    const [identity, first, again] = [newIdentity(), newId(), newId()];
    await stores.seen.add(identity, first);
    expect(await stores.seen.removeBefore(new Date(Date.now() - day))).toBe(0);
    expect((await stores.seen.add(identity, again)).deliveryId).toBe(first);
    expect(await stores.seen.removeBefore(new Date(Date.now() + day))).toBeGreaterThan(0);
    expect((await stores.seen.add(identity, again)).deliveryId).toBe(again);
  });
});

test('a pause is reported until it ends, or its instance is silent for five minutes', async () => {
  const { pauses } = stores;
  const pause = { reason: 'quota', since: '2026-11-23T12:00:00.000Z', until: '2026-11-23T12:10:00.000Z' };
  const now = new Date('2026-11-23T12:05:00Z');
  await pauses.write(undefined);
  expect(await pauses.read(now)).toBeUndefined();
  await pauses.write({ ...pause, until: pause.since });
  await pauses.write(pause);
  expect(await pauses.read(now)).toEqual(pause);
  expect(await pauses.read(new Date('2026-11-23T12:15:00Z'))).toEqual(pause);
  expect(await pauses.read(new Date('2026-11-23T12:15:01Z'))).toBeUndefined();
  await pauses.write(undefined);
  expect(await pauses.read(now)).toBeUndefined();
});
