import { randomUUID } from 'node:crypto';
import { odata, TableClient } from '@azure/data-tables';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Azurite, startAzurite } from '../../local/azurite.ts';
import { watchSurroundings } from '../../local/forwarding-proxy.ts';
import { deliveryIdentity } from '../../src/delivery/record/delivery-id.ts';
import type { DeliveryRecord, Status } from '../../src/delivery/record/record.ts';
import type { RecordFilter } from '../../src/delivery/record/record-filter.ts';
import { noWrites } from '../../src/delivery/record/write-limit.ts';
import { type OpenChanges, tableOpenChanges } from '../../src/delivery/store/open-changes.ts';
import { openTables } from '../../src/delivery/store/open-tables.ts';
import { changeKeys } from '../../src/delivery/store/record-rows.ts';
import { tableRecords } from '../../src/delivery/store/records.ts';
import type { Tables } from '../../src/delivery/store/stores.ts';
import { newDeliveryId, recorded, smallRequest } from './recorded.ts';

let azurite: Azurite;
let tables: Tables;
/** The index of open changes by itself. */
let open: OpenChanges;
let openTable: TableClient;
let recordTable: TableClient;
beforeAll(async () => {
  azurite = await startAzurite();
  tables = await openTables({ AzureWebJobsStorage: azurite.connectionString });
  const client = (name: string) =>
    TableClient.fromConnectionString(azurite.connectionString, name, { allowInsecureConnection: true });
  openTable = client('relayopen');
  recordTable = client('relaydeliveries');
  open = tableOpenChanges(openTable);
});
afterAll(() => azurite.close());

const newSource = (): string => `s-${randomUUID()}`;

/** The delivery ids of all records that match, page by page. */
async function listAll(filter: RecordFilter, pageSize = 50): Promise<string[]> {
  const found: string[] = [];
  let from: string | undefined;
  do {
    const page = await tables.records.list(filter, pageSize, from);
    expect(page.records.length).toBeLessThanOrEqual(pageSize);
    found.push(...page.records.map(({ deliveryId }) => deliveryId));
    from = page.next;
  } while (from);
  return found;
}

/** How many rows of the index are about a delivery. */
async function copiesOf(deliveryId: string): Promise<number> {
  const { rowKey } = changeKeys({ deliveryId, index: 0 });
  let copies = 0;
  const rows = openTable.listEntities({ queryOptions: { filter: odata`RowKey eq ${rowKey}` } });
  for await (const _ of rows) copies++;
  return copies;
}

async function update(deliveryId: string, news: Partial<DeliveryRecord>): Promise<boolean> {
  const stored = await tables.records.read({ deliveryId, index: 0 });
  if (!stored) throw new Error('there is no such record');
  return tables.records.update({ record: { ...stored.record, ...news } }, stored);
}

const times = [
  '2026-11-21T08:00:00.000Z',
  '2026-11-22T08:00:00.000Z',
  '2026-11-22T08:59:59.999Z',
  '2026-11-22T09:00:00.000Z',
];

/** Four deliveries of a source that no other test has, oldest first, all of one status; one has another reason. */
async function fourDeliveries(status: Status) {
  const source = newSource();
  const ids = times.map((time) => newDeliveryId(time));
  for (const [place, deliveryId] of ids.entries())
    await tables.records.create(
      [recorded(deliveryId, { source, status, reason: place === 1 ? 'rejected' : 'poison' })],
      smallRequest(),
    );
  return { source, ids };
}

// Those that are open are found in an index, the others among all records.
describe.each<[Status, sameStatus: Status | undefined]>([
  ['pending', 'pending'],
  ['parked', 'parked'],
  ['applied', 'applied'],
  ['ignored', undefined],
  ['pending', undefined],
])('the list of records that are %s, asked for as %s', (status, asked) => {
  test.each<[string, RecordFilter, places: number[]]>([
    ['everything, newest first', {}, [3, 2, 1, 0]],
    ['by reason', { reason: 'rejected' }, [1]],
    ['since a time, that included', { since: new Date('2026-11-22T08:00:00.000Z') }, [3, 2, 1]],
    ['until a time, that excluded', { until: new Date('2026-11-22T09:00:00.000Z') }, [2, 1, 0]],
    [
      'between two times of an hour',
      { since: new Date('2026-11-22T08:59:00Z'), until: new Date('2026-11-22T08:59:59.999Z') },
      [],
    ],
    [
      'between two times of two hours',
      { since: new Date('2026-11-22T08:59:00Z'), until: new Date('2026-11-22T09:00:00.001Z') },
      [3, 2],
    ],
    ['until midnight', { until: new Date('2026-11-22T00:00:00.000Z') }, [0]],
    ['of another source', { source: 'another' }, []],
    ['nothing', { reason: 'unmappable' }, []],
  ])('%s', async (_, filter, places) => {
    const { source, ids } = await fourDeliveries(status);
    const found = await listAll({ source, status: asked, ...filter });
    expect(found).toEqual(places.map((place) => ids[place]));
  });

  test('page by page', async () => {
    const { source, ids } = await fourDeliveries(status);
    expect(await listAll({ source, status: asked }, 1)).toEqual(ids.toReversed());
  });
});

describe('what is pending or parked is found', () => {
  const filters = (source: string): RecordFilter[] => [
    { source, status: 'pending' },
    { source, status: 'parked' },
    { source, status: 'applied' },
  ];
  const found = (source: string) => Promise.all(filters(source).map((filter) => listAll(filter)));

  test('as long as it is', async () => {
    const source = newSource();
    const id = newDeliveryId();
    await tables.records.create([recorded(id, { source })]);
    expect(await found(source)).toEqual([[id], [], []]);
    await update(id, { status: 'parked', reason: 'rejected' });
    expect(await found(source)).toEqual([[], [id], []]);
    await update(id, { status: 'pending', turn: 1 });
    expect(await found(source)).toEqual([[id], [], []]);
    await update(id, { status: 'applied' });
    expect(await found(source)).toEqual([[], [], [id]]);
  });

  test('as it stands now', async () => {
    const source = newSource();
    const id = newDeliveryId();
    await tables.records.create([recorded(id, { source })]);
    await update(id, { reason: 'quota', turn: 3 });
    const { records } = await tables.records.list({ source, status: 'pending' }, 50);
    expect(records).toEqual([recorded(id, { source, reason: 'quota', turn: 3 }).record]);
  });

  test('also of many that are recorded at the same moment, of one delivery and of several', async () => {
    const source = newSource();
    const many = newDeliveryId();
    const changes = Array.from({ length: 120 }, (_, index) => recorded(many, { index, source }));
    const others = Array.from({ length: 20 }, () => recorded(newDeliveryId(), { source }));
    await Promise.all([
      tables.records.create(changes),
      ...others.map((change) => tables.records.create([change])),
    ]);
    expect(await listAll({ source, status: 'pending' })).toHaveLength(140);
  });

  test('whichever of two updates is lost', async () => {
    const source = newSource();
    const ids = Array.from({ length: 10 }, () => newDeliveryId());
    for (const id of ids) {
      await tables.records.create([recorded(id, { source })]);
      const won = await Promise.all([update(id, { status: 'parked' }), update(id, { status: 'applied' })]);
      expect(won.filter((isWon) => isWon)).toHaveLength(1);
    }
    const statuses = await Promise.all(
      ids.map((deliveryId) => tables.records.read({ deliveryId, index: 0 })),
    );
    const parked = ids.filter((_, place) => statuses[place]?.record.status === 'parked');
    expect(await listAll({ source, status: 'pending' })).toEqual([]);
    expect((await listAll({ source, status: 'parked' })).toSorted()).toEqual(parked.toSorted());
  });

  test('unless it is deleted for a customer', async () => {
    const source = newSource();
    const id = newDeliveryId();
    const changes = [
      recorded(id, { source }),
      recorded(id, { source, index: 1, status: 'parked' }),
      recorded(id, { source, index: 2, customerId: '8' }),
    ];
    await tables.records.create(changes);
    await tables.records.removeOf(id, ({ customerId }) => customerId === '7');
    const { records } = await tables.records.list({ source, status: 'pending' }, 50);
    expect(records).toEqual([changes[2]?.record]);
    expect(await listAll({ source, status: 'parked' })).toEqual([]);
  });

  test('also if a process died before it could take it out of the index', async () => {
    const source = newSource();
    const id = newDeliveryId();
    await tables.records.create([recorded(id, { source, status: 'applied' })]);
    for (const status of ['pending', 'parked'] as const)
      await open.put(recorded(id, { source, status }).record);
    expect(await found(source)).toEqual([[], [], [id]]);
    expect(await copiesOf(id)).toBe(2);
  });

  test('also if it died when it had recorded that the change is finished', async () => {
    const dying: OpenChanges = { ...open, withdraw: () => Promise.reject(new Error('the process died')) };
    const records = tableRecords(recordTable, dying);
    const source = newSource();
    const id = newDeliveryId();
    await records.create([recorded(id, { source, status: 'parked' })]);
    expect(await found(source)).toEqual([[], [id], []]);
    const stored = await records.read({ deliveryId: id, index: 0 });
    if (!stored) throw new Error('there is no such record');
    const record = { ...stored.record, status: 'applied' as const };
    await expect(records.update({ record }, stored)).rejects.toThrow('died');
    expect(await copiesOf(id)).toBe(1);
    expect(await found(source)).toEqual([[], [], [id]]);
  });

  test('or before it could record it, until it is recorded after all', async () => {
    const source = newSource();
    const id = newDeliveryId();
    await open.put(recorded(id, { source }).record);
    expect(await found(source)).toEqual([[], [], []]);
    await tables.records.create([recorded(id, { source })]);
    expect(await found(source)).toEqual([[id], [], []]);
  });

  test('as the one who was first has recorded it: who comes later leaves nothing in the index', async () => {
    const source = newSource();
    const [ended, waiting] = [newDeliveryId(), newDeliveryId()];
    await tables.records.create([recorded(ended, { source, status: 'applied' })]);
    await tables.records.create([recorded(waiting, { source, turn: 1 })]);
    for (const status of ['pending', 'parked'] as const) {
      expect(await tables.records.create([recorded(ended, { source, status })])).toBe(false);
      expect(await tables.records.create([recorded(waiting, { source, status, turn: 2 })])).toBe(false);
    }
    expect(await copiesOf(ended)).toBe(0);
    expect(await copiesOf(waiting)).toBe(1);
    const { records } = await tables.records.list({ source, status: 'pending' }, 50);
    expect(records).toEqual([recorded(waiting, { source, turn: 1 }).record]);
    expect(await listAll({ source, status: 'parked' })).toEqual([]);
  });

  test('also if who comes later is slow, and the change waits anew by then', async () => {
    const source = newSource();
    const id = newDeliveryId();
    await tables.records.create([recorded(id, { source, status: 'applied' })]);
    const [reached, mayGoOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const slow: OpenChanges = {
      ...open,
      async withdraw(copy) {
        reached.resolve();
        await mayGoOn.promise;
        await open.withdraw(copy);
      },
    };
    const created = tableRecords(recordTable, slow).create([recorded(id, { source })]);
    await reached.promise;
    await update(id, { status: 'pending', turn: 1 });
    mayGoOn.resolve();
    expect(await created).toBe(false);
    expect(await found(source)).toEqual([[id], [], []]);
  });

  test('or when somebody looks and nothing more can come of it', async () => {
    const source = newSource();
    const [left, waiting] = [newDeliveryId(), newDeliveryId()];
    await open.put(recorded(left, { source }).record);
    await tables.records.create([recorded(waiting, { source })]);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 2 * 3_600_000 });
    try {
      expect(await listAll({ source, status: 'pending' })).toEqual([waiting]);
    } finally {
      vi.useRealTimers();
    }
    expect(await copiesOf(left)).toBe(0);
    expect(await listAll({ source, status: 'pending' })).toEqual([waiting]);
  });
});

describe('what is old is deleted', () => {
  test('records by the hour, but none that is pending', async () => {
    const source = newSource();
    const [old, waiting, parked, young] = [
      newDeliveryId('2001-05-01T14:59:59.999Z'),
      newDeliveryId('2001-05-01T12:00:00.000Z'),
      newDeliveryId('2001-05-01T13:00:00.000Z'),
      newDeliveryId('2001-05-01T15:00:00.000Z'),
    ];
    await tables.records.create([recorded(old, { source, status: 'applied' })], smallRequest());
    await tables.records.create(
      [recorded(waiting, { source, status: 'applied' }), recorded(waiting, { source, index: 1 })],
      smallRequest(),
    );
    await tables.records.create([recorded(parked, { source, status: 'parked' })]);
    await tables.records.create([recorded(young, { source, status: 'applied' })], smallRequest());

    expect(await tables.records.removeBefore(new Date('2001-05-01T15:30:00Z'))).toBe(3);
    expect(await tables.records.ofDelivery(old)).toEqual([]);
    expect(await tables.records.request(old)).toBeUndefined();
    expect(await tables.records.ofDelivery(waiting)).toHaveLength(2);
    expect(await tables.records.request(waiting)).toBeDefined();
    expect(await tables.records.ofDelivery(parked)).toEqual([]);
    expect(await listAll({ source, status: 'parked' })).toEqual([]);
    expect(await tables.records.ofDelivery(young)).toHaveLength(1);
  });

  test("from the index of a customer's deliveries, but not what is kept", async () => {
    const [old, kept, young] = [
      newDeliveryId('2001-05-01T23:00:00Z'),
      newDeliveryId('2001-05-01T12:00:00Z'),
      newDeliveryId('2001-05-02'),
    ];
    for (const id of [old, kept, young]) await tables.states.note('2003', { deliveryId: id, index: 0 });
    const state = { fields: {}, leasedUntil: 5, writes: noWrites, forgottenAt: 0 };
    await tables.states.write('2003', state, undefined);
    const day = new Date('2001-05-02T15:00:00Z');
    // Other tests have left some, too.
    expect(await tables.states.removeDeliveriesBefore(day, new Set([kept]))).toBeGreaterThan(0);
    expect(await tables.states.deliveriesOf('2003')).toEqual([young, kept]);
    expect((await tables.states.read('2003')).leasedUntil).toBe(5);
  });

  const day = 24 * 3_600_000;
  const tomorrow = () => new Date(Date.now() + day);
  const yesterday = () => new Date(Date.now() - day);

  test('the memory of a seen delivery', async () => {
    const identity = deliveryIdentity('shop', randomUUID());
    const [first, again] = [newDeliveryId(), newDeliveryId()];
    await tables.seen.claim(identity, first);
    expect(await tables.seen.removeBefore(yesterday())).toBe(0);
    expect((await tables.seen.claim(identity, again)).deliveryId).toBe(first);
    expect(await tables.seen.removeBefore(tomorrow())).toBeGreaterThan(0);
    expect(await tables.seen.claim(identity, again)).toMatchObject({ deliveryId: again, isNew: true });
  });

  test('that a customer was forgotten, unless more is known of it since', async () => {
    for (const id of ['2004', '2005']) await tables.states.forget(id, new Date());
    const { etag, ...state } = await tables.states.read('2005');
    await tables.states.write('2005', { ...state, leasedUntil: 5 }, etag);
    expect(await tables.states.removeForgottenBefore(yesterday())).toBe(0);
    expect(await tables.states.removeForgottenBefore(tomorrow())).toBe(1);
    expect(await tables.states.read('2004')).toMatchObject({ forgottenAt: 0 });
    expect((await tables.states.read('2005')).forgottenAt).toBe(state.forgottenAt);
  });
});

test('a pause is open until it ends, then half-open for a minute, unless a call that tries prolongs it', async () => {
  const { pauses } = tables;
  const pause = { reason: 'quota', since: '2026-11-23T12:00:00.000Z', until: '2026-11-23T12:10:00.000Z' };
  const now = new Date('2026-11-23T12:05:00Z');
  await pauses.reportCircuit(undefined);
  expect((await pauses.read(now)).circuit).toBeUndefined();
  await pauses.reportCircuit({ ...pause, until: pause.since });
  await pauses.reportCircuit(pause);
  expect((await pauses.read(now)).circuit).toEqual({ state: 'open', ...pause });
  expect((await pauses.read(new Date('2026-11-23T12:09:59Z'))).circuit).toEqual({ state: 'open', ...pause });
  const halfOpen = { state: 'half-open', ...pause };
  expect((await pauses.read(new Date(pause.until))).circuit).toEqual(halfOpen);
  expect((await pauses.read(new Date('2026-11-23T12:10:59Z'))).circuit).toEqual(halfOpen);
  expect((await pauses.read(new Date('2026-11-23T12:11:00Z'))).circuit).toBeUndefined();
  const prolonged = { ...pause, until: '2026-11-23T12:11:30.000Z' };
  await pauses.reportCircuit(prolonged);
  expect((await pauses.read(new Date('2026-11-23T12:11:00Z'))).circuit).toEqual({
    state: 'open',
    ...prolonged,
  });
  await pauses.reportCircuit(undefined);
  expect((await pauses.read(now)).circuit).toBeUndefined();
});

test('a record that shrinks can be read, and what is to be applied is still there', async () => {
  const deliveryId = newDeliveryId();
  const violations = Array.from({ length: 500 }, (_, index) => ({
    path: `${index}.fields.PrimaryPhone`,
    message: 'is no phone number in any country that the address or the source names'.padEnd(100, '.'),
  }));
  const before = recorded(deliveryId, { status: 'parked', reason: 'unmappable', violations });
  await tables.records.create([before], smallRequest());
  const stored = await tables.records.read({ deliveryId, index: 0 });
  if (!stored) throw new Error('there is no such record');
  const { reason: _, ...rest } = stored.record;
  const record = { ...rest, status: 'ignored' as const, violations: [] };
  expect(await tables.records.update({ record }, stored)).toBe(true);
  expect(await tables.records.read({ deliveryId, index: 0 })).toMatchObject({
    record,
    change: before.change,
  });
  const { partitionKey, rowKey } = changeKeys({ deliveryId, index: 0 });
  expect(await recordTable.getEntity(partitionKey, rowKey)).not.toHaveProperty('reason');
});

test('a record of which far too much is told is kept within its row', async () => {
  const deliveryId = newDeliveryId();
  const name = (index: number) => `${index}.`.padEnd(300, 'x');
  const many = Array.from({ length: 5000 }, (_, index) => name(index));
  const change = recorded(deliveryId, {
    note: 'x'.repeat(100_000),
    violations: many.map((path) => ({ path, message: 'is not a known name' })),
    leftOut: many.map((path) => ({ path, reason: 'is not a known name' })),
  });
  await tables.records.create([change], smallRequest());
  const stored = await tables.records.read({ deliveryId, index: 0 });
  expect(stored).toMatchObject({
    record: { note: 'x'.repeat(500), violations: { length: 50 }, leftOut: { length: 100 } },
    change: change.change,
  });
  expect(stored?.record.leftOut?.[99]?.path).toBe(name(99));
});

test('of a delivery that is written in several transactions nothing is there before it is there whole', async () => {
  const deliveryId = newDeliveryId();
  const changes = Array.from({ length: 150 }, (_, index) => recorded(deliveryId, { index }));
  let transactions = 0;
  const dying: Pick<TableClient, 'submitTransaction'> = {
    submitTransaction: (actions) => {
      if (++transactions > 1) return Promise.reject(new Error('the process died'));
      return recordTable.submitTransaction(actions);
    },
  };
  const records = tableRecords(Object.assign(Object.create(recordTable), dying), open);
  await expect(records.create(changes, smallRequest())).rejects.toThrow('died');
  expect(await tables.records.ofDelivery(deliveryId)).toEqual([]);

  await tables.records.create(changes, smallRequest());
  expect(await tables.records.ofDelivery(deliveryId)).toHaveLength(150);
  expect(await tables.records.request(deliveryId)).toBeDefined();
});

test('an update whose answer is lost, so that it is made twice, is no lost one', async () => {
  const deliveryId = newDeliveryId();
  await tables.records.create([recorded(deliveryId)]);
  const stored = await tables.records.read({ deliveryId, index: 0 });
  if (!stored) throw new Error('there is no such record');
  let answers = 0;
  const watched = await watchSurroundings(
    { env: { AzureWebJobsStorage: azurite.connectionString, DIRECTSCALE_BASE_URL: 'http://127.0.0.1:1' } },
    ({ method, path }, when) =>
      when === 'after' && method === 'PUT' && path.includes('relaydeliveries') && ++answers === 1
        ? 'cut off'
        : 'go on',
  );
  try {
    const { records } = await openTables(watched.env);
    const record = { ...stored.record, status: 'pending' as const, turn: 1 };
    expect(await records.update({ record }, stored)).toBe(true);
    expect(answers).toBe(2);
    // Another one is lost indeed.
    expect(await records.update({ record: { ...record, turn: 2 } }, stored)).toBe(false);
  } finally {
    await watched.close();
  }
});
