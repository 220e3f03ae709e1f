import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Azurite, startAzurite } from '../../local/azurite.ts';
import { deliveryIdentity, deliveryIdOf } from '../../src/delivery/record/delivery-id.ts';
import { packRequest, unpackRequest } from '../../src/delivery/record/packed-request.ts';
import { type DeliveryRecord, emptyRecord, type StoredChange } from '../../src/delivery/record/record.ts';
import type { RecordReference } from '../../src/delivery/record/record-filter.ts';
import { noWrites } from '../../src/delivery/record/write-limit.ts';
import { openStores } from '../../src/delivery/store/open-stores.ts';
import type { Stores } from '../../src/delivery/store/stores.ts';
import { Memory, memoryStores } from './model/memory-stores.ts';
import { changeOf, newDeliveryId, recorded } from './recorded.ts';

let azurite: Azurite | undefined;
afterAll(() => azurite?.close());

const kinds: [string, () => Promise<Stores>][] = [
  [
    'of the storage account',
    async () => {
      azurite = await startAzurite();
      return openStores({ AzureWebJobsStorage: azurite.connectionString });
    },
  ],
  [
    'in memory, on which the model of the delivery runs',
    async () => memoryStores(new Memory(), Date.now, async (effect) => effect()),
  ],
];

const notedOf = (deliveryId: string | undefined) =>
  deliveryId === undefined ? undefined : { deliveryId, index: 0 };

describe.each(kinds)('stores %s', (_, open) => {
  let stores: Stores;
  beforeAll(async () => {
    stores = await open();
  });

  const stored = async (reference: RecordReference): Promise<StoredChange> => {
    const found = await stores.records.read(reference);
    if (!found) throw new Error('there is no such record');
    return found;
  };

  describe('records', () => {
    test('a change is read as it was written', async () => {
      const { record, change } = recorded(newDeliveryId());
      await stores.records.create([{ record, change }]);
      expect(await stores.records.read(record)).toEqual({ record, change, etag: expect.any(String) });
    });

    test('any text of a sender comes back, and keeps no other delivery from being written', async () => {
      const texts = ['\u2028', '\u202e\u2029', '\ud800', '\u0000', '\ufeff', '\r\n--batch', '__proto__'];
      const records = texts.map((topic) => {
        const origin = { deliveryId: newDeliveryId(), index: 0, source: 'crm', topic };
        return { ...emptyRecord(origin), status: 'ignored' as const, reason: `of ${topic}` };
      });
      await Promise.all(records.map((record) => stores.records.create([{ record }])));
      const read = await Promise.all(records.map((record) => stores.records.read(record)));
      expect(read.map((stored) => stored?.record.topic)).toEqual(texts);
    });

    test('what names a record to be read is kept in place of a change', async () => {
      const record = emptyRecord({ deliveryId: newDeliveryId(), index: 0, source: 'crm' });
      const thin = { objectId: 123, properties: ['email', null] };
      await stores.records.create([{ record, thin }]);
      expect(await stores.records.read(record)).toEqual({ record, thin, etag: expect.any(String) });
    });

    test('a record that is not there', async () => {
      expect(await stores.records.read({ deliveryId: newDeliveryId(), index: 0 })).toBeUndefined();
      expect(await stores.records.ofDelivery(newDeliveryId())).toEqual([]);
    });

    test('created again, everything stays as it is', async () => {
      const { record, change } = recorded(newDeliveryId());
      await stores.records.create([{ record, change }]);
      await stores.records.create([{ record: { ...record, status: 'parked' }, change }]);
      expect((await stored(record)).record).toEqual(record);
    });

    test('of deliveries that are created at the same moment, each is there', async () => {
      const deliveries = Array.from({ length: 30 }, () => [
        recorded(newDeliveryId(), { index: 0 }),
        recorded(newDeliveryId(), { index: 1, customerId: '8' }),
      ]);
      const all = deliveries.flat();
      await Promise.all(all.map((change) => stores.records.create([change])));
      const again = all[0];
      if (again)
        await Promise.all([again, recorded(newDeliveryId())].map((one) => stores.records.create([one])));
      const read = await Promise.all(all.map(({ record }) => stores.records.read(record)));
      expect(read.map((one) => one?.record)).toEqual(all.map(({ record }) => record));
    });

    test('of two updates of the same state one is lost', async () => {
      const { record, change } = recorded(newDeliveryId());
      await stores.records.create([{ record, change }]);
      const before = await stored(record);
      const news: DeliveryRecord[] = [
        { ...record, status: 'applied' },
        { ...record, turn: 1 },
      ];
      const updates = news.map((next) => stores.records.update({ record: next }, before));
      expect((await Promise.all(updates)).toSorted()).toEqual([false, true]);
    });

    test('an update keeps the change, or replaces it', async () => {
      const { record, change } = recorded(newDeliveryId());
      await stores.records.create([{ record, change }]);
      await stores.records.update({ record: { ...record, turn: 1 } }, await stored(record));
      const second = await stored(record);
      expect(second).toMatchObject({ record: { turn: 1 }, change });
      await stores.records.update({ record, change: changeOf('8') }, second);
      const third = await stored(record);
      expect(third.change).toEqual(changeOf('8'));
      await stores.records.update({ record, thin: { id: 'contact-1' } }, third);
      const fourth = await stored(record);
      expect([fourth.change, fourth.thin]).toEqual([undefined, { id: 'contact-1' }]);
    });

    test('a record that was deleted is not updated', async () => {
      const { record, change } = recorded(newDeliveryId());
      await stores.records.create([{ record, change }]);
      const before = await stored(record);
      await stores.records.removeOf(record.deliveryId, ({ customerId }) => customerId === '7');
      expect(await stores.records.update({ record }, before)).toBe(false);
      expect(await stores.records.read(record)).toBeUndefined();
    });

    test('a delivery of more changes than a transaction holds, by position', async () => {
      const deliveryId = newDeliveryId();
      const changes = Array.from({ length: 250 }, (_, index) =>
        recorded(deliveryId, { index, customerId: String(index + 1) }),
      );
      await stores.records.create(changes, packRequest({ headers: new Headers(), body: Buffer.from('[]') }));
      await stores.records.create([recorded(newDeliveryId())]);
      const found = await stores.records.ofDelivery(deliveryId);
      expect(found.map(({ record }) => record)).toEqual(changes.map(({ record }) => record));
      expect(found.map(({ change }) => change)).toEqual(changes.map(({ change }) => change));
    });

    test('are deleted for a customer, with the request, which may say more of it', async () => {
      const deliveryId = newDeliveryId();
      const changes = ['7', '8', '7'].map((customerId, index) => recorded(deliveryId, { index, customerId }));
      const request = packRequest({ headers: new Headers(), body: randomBytes(1_000_000) });
      await stores.records.create(changes, request);
      expect(await stores.records.removeOf(deliveryId, ({ customerId }) => customerId === '7')).toBe(2);
      const left = await stores.records.ofDelivery(deliveryId);
      expect(left.map(({ change }) => change)).toEqual([changeOf('8')]);
      expect(await stores.records.request(deliveryId)).toBeUndefined();
    });
  });

  describe('the request of a delivery', () => {
    const headers = new Headers({ 'x-shopify-topic': 'customers/update', 'x-name': 'Zoë' });

    test.each([
      ['a body of 1 MiB that does not compress', randomBytes(1_048_576)],
      ['an empty body', Buffer.alloc(0)],
    ])('%s comes back byte for byte, with its headers', async (_, body) => {
      const deliveryId = newDeliveryId();
      await stores.records.create([recorded(deliveryId)], packRequest({ headers, body }));
      const packed = await stores.records.request(deliveryId);
      const request = packed && unpackRequest(packed);
      expect(Buffer.from(request?.body ?? []).equals(body)).toBe(true);
      expect([...(request?.headers ?? [])]).toEqual([...headers]);
      expect(await stores.records.ofDelivery(deliveryId)).toHaveLength(1);
    });

    test('a delivery without one', async () => {
      const deliveryId = newDeliveryId();
      await stores.records.create([recorded(deliveryId)]);
      expect(await stores.records.request(deliveryId)).toBeUndefined();
    });

    test('is kept ahead of the records, once', async () => {
      const deliveryId = newDeliveryId();
      const packed = packRequest({ headers, body: randomBytes(800_000) });
      await stores.records.keepRequest(deliveryId, packed);
      await stores.records.keepRequest(deliveryId, packed);
      expect(await stores.records.ofDelivery(deliveryId)).toEqual([]);
      await stores.records.create([recorded(deliveryId)]);
      const kept = await stores.records.request(deliveryId);
      expect(Buffer.from(kept?.body ?? []).equals(packed.body)).toBe(true);
      await stores.records.removeRequest(deliveryId);
      expect(await stores.records.request(deliveryId)).toBeUndefined();
      expect(await stores.records.ofDelivery(deliveryId)).toHaveLength(1);
    });
  });

  describe('the state of a customer', () => {
    const position = { occurredAt: 1, receivedAt: 2, changeId: 'c' };
    const fields = { FirstName: { applied: position, hash: 'h' }, LastName: { inDoubt: position } };
    const nothing = { fields: {}, leasedUntil: 0, writes: noWrites, forgottenAt: 0 };
    const state = { ...nothing, fields, leasedUntil: 1_795_000_000_000 };

    test('nobody knows of a new one', async () => {
      expect(await stores.states.read('1000')).toEqual(nothing);
    });

    test.each([undefined, newDeliveryId()])(
      'is read as it was written, for delivery %s',
      async (deliveryId) => {
        const customerId = deliveryId ? '1001' : '1011';
        const etag = await stores.states.write(customerId, state, undefined, notedOf(deliveryId));
        expect(await stores.states.read(customerId)).toEqual({ ...state, etag });
        const again = await stores.states.write(
          customerId,
          { ...state, leasedUntil: 5 },
          etag,
          notedOf(deliveryId),
        );
        expect(await stores.states.read(customerId)).toEqual({ ...state, leasedUntil: 5, etag: again });
        expect(await stores.states.deliveriesOf(customerId)).toEqual(deliveryId ? [deliveryId] : []);
      },
    );

    test('of a customer with every field, long ids and all', async () => {
      const long = { occurredAt: 1_795_000_000_000, receivedAt: 1_795_000_000_000, changeId: 'c'.repeat(40) };
      const many = Object.fromEntries(
        Array.from({ length: 400 }, (_, i) => [
          `AssociateCustom.Field${i}`,
          { applied: long, hash: 'h'.repeat(25), inDoubt: long },
        ]),
      );
      const etag = await stores.states.write('1012', { ...state, fields: many }, undefined);
      expect(await stores.states.read('1012')).toEqual({ ...state, fields: many, etag });
    });

    test.each([
      ['alone', '1002', () => undefined],
      ['each with its delivery', '1003', newDeliveryId],
    ])('of several who want the lease, %s, one gets it: the first time, and later', async (_, id, idOf) => {
      const race = async (etag: string | undefined) => {
        const writes = [1, 2, 3, 4].map(async (leasedUntil) => {
          const deliveryId = idOf();
          const won = await stores.states.write(id, { ...state, leasedUntil }, etag, notedOf(deliveryId));
          return won === undefined ? [] : [{ etag: won, deliveryId }];
        });
        return (await Promise.all(writes)).flat();
      };
      const first = await race(undefined);
      expect(first).toHaveLength(1);
      const second = await race(first[0]?.etag);
      expect(second).toHaveLength(1);
      expect((await stores.states.read(id)).etag).toBe(second[0]?.etag);
      // Who lost has left no trace.
      const noted = [...first, ...second].flatMap(({ deliveryId }) => deliveryId ?? []);
      expect(await stores.states.deliveriesOf(id)).toEqual(noted.toSorted().reverse());
    });

    test('that was forgotten is not written by who still holds it', async () => {
      const etag = await stores.states.write('1004', { ...state, leasedUntil: 1 }, undefined);
      const forgottenAt = new Date('2026-11-23T13:00:00.000Z');
      await stores.states.forget('1004', forgottenAt);
      expect(await stores.states.write('1004', state, etag)).toBeUndefined();
      expect(await stores.states.write('1004', state, undefined)).toBeUndefined();
      const left = { ...nothing, forgottenAt: forgottenAt.getTime(), etag: expect.any(String) };
      expect(await stores.states.read('1004')).toEqual(left);
    });

    test('still says when it was forgotten, after something newer was applied', async () => {
      const forgottenAt = new Date('2026-11-23T13:00:00.000Z');
      await stores.states.forget('1005', forgottenAt);
      const { etag, ...forgotten } = await stores.states.read('1005');
      await stores.states.write('1005', { ...forgotten, fields }, etag, notedOf(newDeliveryId()));
      expect(await stores.states.read('1005')).toMatchObject({ fields, forgottenAt: forgottenAt.getTime() });
    });
  });

  describe("the index of a customer's deliveries", () => {
    const nothing = { fields: {}, leasedUntil: 0, writes: noWrites, forgottenAt: 0 };

    test('newest first, each once', async () => {
      const times = ['2026-11-22T10:00:00Z', '2026-11-23T09:00:00Z', '2025-12-31T23:59:59Z'];
      const [second, newest, oldest] = times.map((time) => newDeliveryId(time)) as [string, string, string];
      for (const id of [second, newest, second])
        await stores.states.note('2000', { deliveryId: id, index: 0 });
      await stores.states.write('2000', nothing, undefined, notedOf(oldest));
      await stores.states.note('20000', { deliveryId: newDeliveryId(), index: 0 });
      expect(await stores.states.deliveriesOf('2000')).toEqual([newest, second, oldest]);
    });

    test('gives the copies of records that are there, of each change of a delivery', async () => {
      const [older, newer] = [newDeliveryId('2026-11-22T10:00:00Z'), newDeliveryId('2026-11-23T10:00:00Z')];
      const { record } = recorded(older, { customerId: '2010', note: 'x\u2028y' });
      const second = { ...record, index: 12 };
      await stores.states.note('2010', { deliveryId: older, index: 0, record });
      await stores.states.write('2010', nothing, undefined, { deliveryId: older, index: 12, record: second });
      await stores.states.note('2010', {
        deliveryId: newer,
        index: 0,
        record: { ...record, deliveryId: newer },
      });
      // Who is writing it takes the copy back.
      await stores.states.note('2010', { deliveryId: newer, index: 0 });
      const changes = await stores.states.changesOf('2010');
      expect(changes).toEqual([
        { deliveryId: newer, index: 0 },
        { deliveryId: older, index: 12 },
        { deliveryId: older, index: 0 },
      ]);
      expect(await stores.states.changesOf('2010', newer)).toEqual(changes.slice(1));
      const copies = await stores.states.copiesOf(
        '2010',
        { deliveryId: older, index: 0 },
        changes[0] ?? record,
      );
      expect(copies.map(({ deliveryId, index, record: copy }) => [deliveryId, index, copy])).toEqual([
        [older, 0, record],
        [older, 12, second],
        [newer, 0, undefined],
      ]);
      expect(await stores.states.deliveriesOf('2010')).toEqual([newer, older]);
      await stores.states.unnote('2010', { deliveryId: older, index: 12 });
      await stores.states.unnote('2010', { deliveryId: older, index: 12 });
      expect(await stores.states.changesOf('2010')).toHaveLength(2);
    });

    test('holds each record that is updated, and says nothing of one that somebody else has written', async () => {
      const deliveryId = newDeliveryId();
      const change = { deliveryId, index: 0 };
      const before = recorded(deliveryId, { status: 'pending', customerId: '2011' });
      await stores.records.create([before]);
      const stored = await stores.records.read(change);
      if (!stored) throw new Error('it was created');
      const copies = async (customerId: string) =>
        (await stores.states.copiesOf(customerId, change, change)).map(({ record }) => record);
      const parked = { ...stored.record, status: 'parked' as const, reason: 'rejected' };
      expect(await stores.records.update({ record: parked }, stored)).toBe(true);
      expect(await copies('2011')).toEqual([parked]);
      // Lost: what it would have said is not told.
      const applied = { ...stored.record, status: 'applied' as const };
      expect(await stores.records.update({ record: applied }, stored)).toBe(false);
      expect(await copies('2011')).toEqual([undefined]);
      // Found to be of another customer: its former one's index does not say otherwise.
      const now = await stores.records.read(change);
      if (!now) throw new Error('it was updated');
      const moved = { ...now.record, customerId: '2012' };
      expect(await stores.records.update({ record: moved }, now)).toBe(true);
      expect(await copies('2011')).toEqual([undefined]);
      expect(await copies('2012')).toEqual([moved]);
      // Forgotten meanwhile: nothing of it comes back.
      const last = await stores.records.read(change);
      if (!last) throw new Error('it was updated');
      await stores.states.forget('2012', new Date());
      await stores.records.removeOf(deliveryId, () => true);
      expect(await stores.records.update({ record: moved }, last)).toBe(false);
      expect(await stores.states.changesOf('2012')).toEqual([]);
    });

    test('is deleted with its state', async () => {
      await stores.states.note('2001', { deliveryId: newDeliveryId(), index: 0 });
      await stores.states.note('2002', { deliveryId: newDeliveryId(), index: 0 });
      await stores.states.write('2001', { ...nothing, leasedUntil: 5 }, undefined);
      await stores.states.forget('2001', new Date());
      expect(await stores.states.deliveriesOf('2001')).toEqual([]);
      expect((await stores.states.read('2001')).leasedUntil).toBe(0);
      expect(await stores.states.deliveriesOf('2002')).toHaveLength(1);
    });
  });

  describe('seen deliveries', () => {
    /** An identity that no other test has, and delivery ids of it. */
    function newIdentity() {
      const identity = deliveryIdentity('shop', randomUUID());
      let minute = 0;
      return {
        identity,
        nextId: () => deliveryIdOf(new Date(1_795_000_000_000 + minute++ * 60_000), identity),
      };
    }

    test('the first one has the identity, and a repeat gets its id', async () => {
      const { identity, nextId } = newIdentity();
      const first = nextId();
      const claim = { deliveryId: first, isForgotten: false };
      expect(await stores.seen.claim(identity, first)).toEqual({ ...claim, isNew: true });
      expect(await stores.seen.claim(identity, first)).toEqual({ ...claim, isNew: false });
      expect(await stores.seen.claim(identity, nextId())).toEqual({ ...claim, isNew: false });
    });

    test('of repeats at the same time, all get the same id, and one is new', async () => {
      const { identity, nextId } = newIdentity();
      const claims = await Promise.all(
        Array.from({ length: 4 }, () => stores.seen.claim(identity, nextId())),
      );
      expect(new Set(claims.map(({ deliveryId }) => deliveryId)).size).toBe(1);
      expect(claims.filter(({ isNew }) => isNew)).toHaveLength(1);
    });

    test('the claim is found by the id of the first one, and by that of a repeat', async () => {
      const { identity, nextId } = newIdentity();
      const first = nextId();
      expect(await stores.seen.claimOf(first)).toBeUndefined();
      await stores.seen.claim(identity, first);
      const claim = { deliveryId: first, isNew: false, isForgotten: false };
      expect(await stores.seen.claimOf(first)).toEqual(claim);
      expect(await stores.seen.claimOf(nextId())).toEqual(claim);
      expect(await stores.seen.claimOf(newIdentity().nextId())).toBeUndefined();
    });

    test('a forgotten one is said to be', async () => {
      const { identity, nextId } = newIdentity();
      const first = nextId();
      await stores.seen.claim(identity, first);
      await stores.seen.markForgotten(first);
      const forgotten = { deliveryId: first, isNew: false, isForgotten: true };
      expect(await stores.seen.claimOf(first)).toEqual(forgotten);
      expect(await stores.seen.claim(identity, nextId())).toEqual(forgotten);
      await stores.seen.markForgotten(newIdentity().nextId());
    });
  });
});
