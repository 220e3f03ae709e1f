import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { type Azurite, startAzurite } from '../../local/azurite.ts';
import { type AttemptContext, attemptChange } from '../../src/delivery/attempt/attempt.ts';
import type { Applied, Receipt } from '../../src/delivery/customer/apply.ts';
import { deliveryIdentity, deliveryIdOf } from '../../src/delivery/record/delivery-id.ts';
import { emptyRecord, pendingRecord } from '../../src/delivery/record/new-record.ts';
import { attemptsKept, type DeliveryRecord } from '../../src/delivery/record/record.ts';
import type { ChangeMessage } from '../../src/delivery/store/change-queue.ts';
import { openStores, type Stores } from '../../src/delivery/store/open-stores.ts';
import type { PauseReason } from '../../src/directscale/circuit-breaker.ts';
import type { Change } from '../../src/domain/change.ts';
import { SecretMissing, SecretStoreUnavailable } from '../../src/secrets/secret-store.ts';
import type { Fetched } from '../../src/sources/kind.ts';

const now = new Date('2026-11-23T12:00:00.000Z');
const schedule = [1000, 60_000];
const change: Change = {
  customer: { customerId: '7' },
  occurredAt: '2026-11-23T11:00:00.000Z',
  fields: { FirstName: 'Anna', LastName: 'Berg' },
};

let azurite: Azurite;
let stores: Stores;
beforeAll(async () => {
  azurite = await startAzurite();
  stores = await openStores({ AzureWebJobsStorage: azurite.connectionString });
});
afterAll(() => azurite.close());

/** Yields the given results one after the other; an error among them is thrown. */
function script(...results: (Applied | Error)[]) {
  const calls: [Change, Receipt][] = [];
  const apply = async (...call: [Change, Receipt]): Promise<Applied> => {
    calls.push(call);
    const result = results.shift() ?? new Error('called too often');
    if (result instanceof Error) throw result;
    return result;
  };
  return { apply, calls };
}

interface Setting {
  /** What the record holds beside what a new one does. */
  readonly record?: Partial<DeliveryRecord>;
  readonly turn?: number;
  readonly holdMs?: number;
  /** The change is thin, and this is what the vendor answers. */
  readonly fetched?: Fetched;
}

/** A recorded change, ready for an attempt. */
async function subject(
  apply: AttemptContext['apply'],
  { record, turn = 0, holdMs = 0, fetched }: Setting = {},
) {
  const deliveryId = deliveryIdOf(now, deliveryIdentity('test', randomUUID()));
  const origin = { deliveryId, index: 0, source: 'crm' };
  const message: ChangeMessage = { deliveryId, index: 0, turn };
  await stores.records.create([
    fetched
      ? { record: { ...emptyRecord(origin), ...record }, thin: { id: 'contact-1' } }
      : { record: { ...pendingRecord(origin, change), ...record }, change },
  ]);
  const sent: [ChangeMessage, delayMs: number | undefined][] = [];
  const context: AttemptContext = {
    stores: {
      ...stores,
      queue: {
        ...stores.queue,
        send: async (...call) => {
          await stores.queue.send(...call);
          sent.push([call[0], call[1]]);
        },
      },
    },
    apply,
    async resolve() {
      throw new Error('the tests name the customer');
    },
    schedule,
    now: () => now,
    holdMs,
    fetchTimeoutMs: 1000,
    secrets: { get: async () => 'secret', refresh: async () => 'secret', report: () => [] },
    sources: new Map([['crm', thinSource(fetched ?? { type: 'gone' })]]),
  };
  const recorded = async (): Promise<DeliveryRecord> => {
    const stored = await stores.records.read(message);
    if (!stored) throw new Error('the record is gone');
    return stored.record;
  };
  return { message, context, sent, recorded };
}

function thinSource(fetched: Fetched) {
  return {
    name: 'crm',
    kind: {
      name: 'thin',
      options: z.unknown(),
      headersRead: /^$/,
      trusted: true,
      verify: () => true,
      read: () => ({ id: '', content: { type: 'items' as const, items: [] } }),
      fetch: async () => fetched,
    },
    options: {},
    secretNames: [],
    mode: 'queued' as const,
    lookUp: new Set<never>(),
    ignoreChangedBy: new Set<string>(),
    forbidden: new Set<string>(),
  };
}

/** One attempt, and everything that it left behind. */
async function attempt(results: readonly (Applied | Error)[], setting?: Setting) {
  const { apply, calls } = script(...results);
  const { message, context, sent, recorded } = await subject(apply, setting);
  const attempted = await attemptChange(message, context);
  const record = await recorded();
  return { attempted, message, sent, calls, record };
}

const down: Applied = {
  type: 'failed',
  answer: { outcome: 'unavailable', reason: 'server-error', inDoubt: true, status: 503, requestId: 'r-1' },
};
const inDoubt: Applied = { type: 'waiting', fields: ['FirstName'] };
const paused = (reason: PauseReason, waitMs = 2000): Applied => ({ type: 'paused', reason, waitMs });

describe('what ends a change', () => {
  test.each<[string, Applied, Partial<DeliveryRecord>]>([
    [
      'written, with one field dropped',
      { type: 'applied', dropped: ['LastName'], answer: { outcome: 'applied' } },
      { status: 'applied', dropped: ['LastName'] },
    ],
    ['DirectScale holds the values', { type: 'unchanged', dropped: [] }, { status: 'unchanged' }],
    ['something newer was applied', { type: 'stale', dropped: [] }, { status: 'stale' }],
    [
      'DirectScale refuses the data',
      { type: 'refused', answer: { outcome: 'rejected', status: 400, message: 'no such state' } },
      { status: 'parked', reason: 'rejected' },
    ],
    [
      'there is no such customer',
      { type: 'refused', answer: { outcome: 'customer-not-found', status: 404 } },
      { status: 'parked', reason: 'customer-not-found' },
    ],
  ])('%s', async (_, result, end) => {
    const waited = { reason: 'key-rejected', nextAttemptAt: now.toISOString(), failedAttempts: 1 };
    const { attempted, record, sent } = await attempt([result], { record: waited });
    expect(record).toMatchObject(end);
    expect(record.reason).toBe(end.reason);
    expect(record.nextAttemptAt).toBeUndefined();
    expect(record.attempts).toMatchObject([{ at: now.toISOString() }]);
    expect(attempted?.record).toEqual(record);
    expect(sent).toEqual([]);
  });
});

test('the change is applied as it was received', async () => {
  const { calls, message } = await attempt([{ type: 'stale', dropped: [] }]);
  expect(calls).toEqual([[change, { receivedAt: now.getTime(), changeId: `${message.deliveryId}/0` }]]);
});

test('the words of DirectScale are kept in the timeline', async () => {
  const { record } = await attempt([down]);
  expect(record.attempts).toEqual([
    { at: now.toISOString(), outcome: 'unavailable', reason: 'server-error', status: 503, requestId: 'r-1' },
  ]);
});

describe('what uses up the schedule', () => {
  const failures: [string, Applied][] = [
    ['a failure', down],
    ['a newer change in doubt', inDoubt],
    ['a pause after server errors', paused('server-error')],
    ['a pause without answers', paused('no-answer')],
    ['a pause after timeouts', paused('timeout')],
  ];

  test.each(failures)('%s: again after the next delay, in a new turn', async (_, result) => {
    const { record, sent, message } = await attempt([result]);
    expect(record).toMatchObject({ status: 'pending', failedAttempts: 1, turn: 1 });
    const delayMs = sent[0]?.[1] ?? 0;
    expect(sent).toEqual([[{ ...message, turn: 1 }, delayMs]]);
    expect(delayMs).toBeGreaterThanOrEqual(1000);
    expect(delayMs).toBeLessThanOrEqual(1200);
    expect(Date.parse(record.nextAttemptAt ?? '')).toBe(now.getTime() + delayMs);
  });

  test.each(failures)('%s: parked when it is used up', async (_, result) => {
    const { record, sent } = await attempt([result], { record: { failedAttempts: 2, turn: 2 }, turn: 2 });
    expect(record).toMatchObject({ status: 'parked', reason: 'retries-exhausted' });
    expect(record.attempts).toHaveLength(1);
    expect(sent).toEqual([]);
  });

  test('Retry-After counts when it is longer', async () => {
    const answer = {
      outcome: 'unavailable',
      reason: 'throttled',
      inDoubt: false,
      retryAfterMs: 30_000,
    } as const;
    const { sent } = await attempt([{ type: 'failed', answer }]);
    expect(sent[0]?.[1]).toBeGreaterThanOrEqual(30_000);
  });

  test('a turn that the record missed is not given again', async () => {
    const { record, sent } = await attempt([down], { record: { turn: 1 }, turn: 4 });
    expect(record.turn).toBe(5);
    expect(sent[0]?.[0].turn).toBe(5);
  });
});

describe('what does not use up the schedule', () => {
  const wrongKey = { outcome: 'misconfigured', reason: 'key-rejected', status: 401 } as const;
  test.each<[string, Applied | Error, reason: string, delays: [from: number, to: number]]>([
    ['a wrong key', { type: 'failed', answer: wrongKey }, 'key-rejected', [15_000, 20_000]],
    ['a pause by a wrong key', paused('key-rejected'), 'key-rejected', [15_000, 20_000]],
    ['a pause by a forbidden product', paused('forbidden'), 'forbidden', [15_000, 20_000]],
    ['a pause by a wrong address', paused('not-the-api'), 'not-the-api', [15_000, 20_000]],
    ['a pause by throttling', paused('throttled'), 'throttled', [2000, 3000]],
    ['a pause by the quota', paused('quota'), 'quota', [2000, 3000]],
    ['a missing secret', new SecretMissing('x'), 'secret-missing', [15_000, 20_000]],
    ['a vault that is down', new SecretStoreUnavailable('x'), 'secret-store-unavailable', [15_000, 20_000]],
  ])('%s', async (_, result, reason, [from, to]) => {
    const used = { failedAttempts: 2, turn: 2 };
    const { record, sent, message } = await attempt([result], { record: used, turn: 2 });
    expect(record).toMatchObject({ status: 'pending', reason, ...used, attempts: [{ reason }] });
    const delayMs = sent[0]?.[1] ?? 0;
    expect(sent).toEqual([[message, delayMs]]);
    expect(delayMs).toBeGreaterThanOrEqual(from);
    expect(delayMs).toBeLessThanOrEqual(to);
  });

  test('a customer to whom somebody else writes; of that nothing is recorded', async () => {
    const { record, sent, message } = await attempt([{ type: 'busy', waitMs: 1000 }]);
    expect(record).toMatchObject({ status: 'pending', failedAttempts: 0, turn: 0, attempts: [] });
    expect(sent).toMatchObject([[message, expect.toSatisfy((ms) => ms >= 1000 && ms <= 1500)]]);
  });

  test('waiting on for the same is recorded once', async () => {
    const { record, sent } = await attempt([paused('quota')], { record: { reason: 'quota' } });
    expect(record.attempts).toEqual([]);
    expect(sent).toHaveLength(1);
  });
});

describe('a short wait in place', () => {
  const done: Applied = { type: 'unchanged', dropped: [] };

  test('for the end of a quota, instead of the way through the queue', async () => {
    const { record, sent } = await attempt([paused('quota', 5), paused('quota', 5), done], { holdMs: 1000 });
    expect(record.status).toBe('unchanged');
    expect(record.attempts).toHaveLength(1);
    expect(sent).toEqual([]);
  });

  test.each<[string, Applied]>([
    ['not for longer than allowed', paused('quota', 1001)],
    ['not for an outage', paused('server-error', 5)],
  ])('%s', async (_, result) => {
    const { record, calls } = await attempt([result, done], { holdMs: 1000 });
    expect(record.status).toBe('pending');
    expect(calls).toHaveLength(1);
  });
});

describe('a leftover message does nothing', () => {
  test.each<[string, Setting]>([
    ['the change was applied', { record: { status: 'applied' } }],
    ['the change is parked', { record: { status: 'parked', reason: 'rejected' } }],
    ['a later message has the turn', { record: { turn: 2 }, turn: 1 }],
  ])('%s', async (_, setting) => {
    const { attempted, calls, sent, record } = await attempt([down], setting);
    expect(attempted).toBeUndefined();
    expect(calls).toEqual([]);
    expect(sent).toEqual([]);
    expect(record).toMatchObject({ ...setting.record, attempts: [] });
  });

  test('the record was deleted', async () => {
    const { apply, calls } = script(down);
    const { message, context, sent } = await subject(apply);
    await stores.records.removeCustomer(message.deliveryId, '7');
    expect(await attemptChange(message, context)).toBeUndefined();
    expect([calls, sent]).toEqual([[], []]);
  });
});

describe('nothing is lost', () => {
  test('when the queue does not take the repeat, the message comes back and the record is as before', async () => {
    const { apply } = script(down);
    const { message, context, recorded } = await subject(apply);
    const before = await recorded();
    const queue = { ...stores.queue, send: () => Promise.reject(new Error('queue is down')) };
    const attempting = attemptChange(message, { ...context, stores: { ...stores, queue } });
    await expect(attempting).rejects.toThrow('queue is down');
    expect(await recorded()).toEqual(before);
  });

  test('what storage throws comes out, and the record is as before', async () => {
    const { apply } = script(new Error('table is down'));
    const { message, context, sent, recorded } = await subject(apply);
    await expect(attemptChange(message, context)).rejects.toThrow('table is down');
    expect((await recorded()).attempts).toEqual([]);
    expect(sent).toEqual([]);
  });

  test('who was slower does not overwrite what the other recorded', async () => {
    const { message, context, recorded } = await subject(async () => {
      const stored = await stores.records.read(message);
      if (stored) await stores.records.update({ ...stored.record, status: 'applied' }, stored.etag);
      return { type: 'stale', dropped: [] };
    });
    await attemptChange(message, context);
    expect((await recorded()).status).toBe('applied');
  });

  test('of many attempts the last ones are kept', async () => {
    const old = Array.from({ length: attemptsKept }, () => ({
      at: now.toISOString(),
      outcome: 'unavailable',
    }));
    const { record } = await attempt([{ type: 'stale', dropped: [] }], { record: { attempts: old } });
    expect(record.attempts).toHaveLength(attemptsKept);
    expect(record.attempts.at(-1)?.outcome).toBe('stale');
  });
});

describe('a change that has to be read first', () => {
  test('is read, described, indexed and applied', async () => {
    const customerId = '701';
    const fetched: Fetched = { type: 'found', payload: { ...change, customer: { customerId } } };
    const { record, calls, message } = await attempt([{ type: 'unchanged', dropped: [] }], { fetched });
    expect(calls[0]?.[0]).toEqual({ ...change, customer: { customerId } });
    expect(record).toMatchObject({ status: 'unchanged', customerId, fields: ['FirstName', 'LastName'] });
    expect(await stores.states.deliveriesOf(customerId)).toEqual([message.deliveryId]);
  });

  test.each<[Fetched, Partial<DeliveryRecord>, messages: number]>([
    [{ type: 'gone' }, { status: 'ignored', reason: 'the record is gone' }, 0],
    [
      { type: 'for-a-person', reason: 'deleted' },
      { status: 'parked', reason: 'for-a-person', note: 'deleted' },
      0,
    ],
    [{ type: 'found', payload: { nonsense: 1 } }, { status: 'parked', reason: 'unmappable' }, 0],
    [{ type: 'found', payload: null }, { status: 'ignored' }, 0],
    [{ type: 'unavailable', status: 503 }, { status: 'pending', failedAttempts: 1, turn: 1 }, 1],
    [
      { type: 'refused-by-vendor', status: 401 },
      { status: 'pending', failedAttempts: 0, reason: 'refused-by-vendor' },
      1,
    ],
  ])('without reaching DirectScale: %o', async (fetched, expected, messages) => {
    const { record, calls, sent } = await attempt([], { fetched });
    expect(record).toMatchObject(expected);
    expect(record.attempts).toHaveLength(1);
    expect(sent).toHaveLength(messages);
    expect(calls).toEqual([]);
  });
});
