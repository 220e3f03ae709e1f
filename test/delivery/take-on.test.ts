import { RestError } from '@azure/data-tables';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { type Azurite, startAzurite } from '../../local/azurite.ts';
import type { AttemptContext, Patience } from '../../src/delivery/attempt/attempt-change.ts';
import { deliver } from '../../src/delivery/attempt/deliver.ts';
import { takeOn } from '../../src/delivery/attempt/take-on.ts';
import type { ApplySubject } from '../../src/delivery/customer/apply.ts';
import { outcomeOfFailure, outcomeOfRefusal } from '../../src/delivery/customer/directscale-outcomes.ts';
import type { ChangeMessage } from '../../src/delivery/record/message.ts';
import { busy, type Outcome, type Retry } from '../../src/delivery/record/outcome.ts';
import {
  type Attempt,
  attemptsKept,
  type DeliveryRecord,
  describe as describeChange,
  emptyRecord,
} from '../../src/delivery/record/record.ts';
import { openStores } from '../../src/delivery/store/open-stores.ts';
import type { Stores } from '../../src/delivery/store/stores.ts';
import type { OpenReason } from '../../src/directscale/circuit-breaker.ts';
import type { Change } from '../../src/domain/change.ts';
import { SecretMissing, SecretStoreUnavailable } from '../../src/secrets/secret-store.ts';
import type { Fetched } from '../../src/sources/kind.ts';
import { newDeliveryId } from './recorded.ts';

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
function script(...results: (Outcome | Error)[]) {
  const calls: ApplySubject[] = [];
  const apply = async (subject: ApplySubject): Promise<Outcome> => {
    calls.push(subject);
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
  readonly patience?: Patience;
  /** The change is thin, and this is what the vendor answers. */
  readonly fetched?: Fetched;
}

const impatient: Patience = { ms: 0, with: 'every hold' };

/** A recorded change, ready for an attempt. */
async function subject(apply: AttemptContext['apply'], { record, turn = 0, fetched }: Setting = {}) {
  const deliveryId = newDeliveryId(now.toISOString());
  const origin = { deliveryId, index: 0, source: 'crm' };
  const message: ChangeMessage = { deliveryId, index: 0, turn };
  await stores.records.create([
    fetched
      ? { record: { ...emptyRecord(origin), ...record }, thin: { id: 'contact-1' } }
      : { record: { ...emptyRecord(origin), ...describeChange(change), ...record }, change },
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
    async find() {
      throw new Error('the tests name the customer');
    },
    async refreshLinks() {
      throw new Error('a recorded change is no reference');
    },
    schedule,
    now: () => now,
    delay: async () => undefined,
    random: Math.random,
    fetchTimeoutMs: 1000,
    heldByHand: async () => undefined,
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
    isStrict: false,
    lookUp: new Set<never>(),
    ignoreChangedBy: new Set<string>(),
    forbidden: new Set<string>(),
  };
}

/** One attempt, and everything that it left behind. */
async function attempt(results: readonly (Outcome | Error)[], setting: Setting = {}) {
  const { apply, calls } = script(...results);
  const { message, context, sent, recorded } = await subject(apply, setting);
  const told: [DeliveryRecord, Attempt | undefined][] = [];
  await takeOn(message, setting.patience ?? impatient, context, (...news) => told.push(news));
  const record = await recorded();
  return { told, message, sent, calls, record };
}

const done = (status: 'applied' | 'unchanged' | 'stale', news: object = {}): Outcome => ({
  follows: 'done',
  status,
  told: { outcome: status },
  ...news,
});
const down = outcomeOfFailure({
  outcome: 'unavailable',
  reason: 'server-error',
  inDoubt: true,
  status: 503,
  requestId: 'r-1',
});
const inDoubt: Retry = {
  follows: 'retry',
  told: { outcome: 'waiting', reason: 'newer-change-in-doubt' },
  behind: [],
};
const paused = (reason: OpenReason, waitMs = 2000, openMs = 3_600_000): Outcome =>
  outcomeOfRefusal({ reason, waitMs, since: now.getTime() - openMs, isHalfOpen: false });
/** Another change probes whether DirectScale works again. */
const probed = (reason: OpenReason, waitMs: number): Outcome =>
  outcomeOfRefusal({ reason, waitMs, since: now.getTime() - 3_600_000, isHalfOpen: true });

describe('what ends a change', () => {
  const leftOut = [{ path: 'PrimaryAddress', reason: 'cannot be completed' }];
  const violations = [{ path: 'PrimaryAddress.City', message: 'is missing' }];

  test.each<[string, Outcome | Error, Partial<DeliveryRecord>]>([
    [
      'written, with one field dropped, one drifted and one left out',
      done('applied', { dropped: ['LastName'], drifted: ['FirstName'], leftOut }),
      { status: 'applied', dropped: ['LastName'], drifted: ['FirstName'], leftOut },
    ],
    [
      'DirectScale holds the values',
      done('unchanged', { dropped: ['FirstName', 'LastName'] }),
      { status: 'unchanged', dropped: [] },
    ],
    ['something newer was applied', done('stale'), { status: 'stale' }],
    [
      'DirectScale refuses the data',
      outcomeOfFailure({ outcome: 'rejected', status: 400, message: 'no such state' }),
      { status: 'parked', reason: 'rejected' },
    ],
    [
      'there is no such customer',
      outcomeOfFailure({ outcome: 'customer-not-found', status: 404 }),
      { status: 'parked', reason: 'customer-not-found' },
    ],
    [
      'several customers are meant',
      {
        follows: 'park',
        reason: 'customer-ambiguous',
        note: '1, 2',
        told: { outcome: 'customer-ambiguous' },
      },
      { status: 'parked', reason: 'customer-ambiguous', note: '1, 2' },
    ],
    [
      'an address cannot be completed',
      { follows: 'park', reason: 'address-incomplete', violations, told: { outcome: 'address-incomplete' } },
      { status: 'parked', reason: 'address-incomplete', violations },
    ],
    [
      'storage refuses what belongs to it',
      // The same call would be refused for ever.
      new RestError('the entity is too large', { statusCode: 400 }),
      { status: 'parked', reason: 'storage-refused' },
    ],
  ])('%s', async (_, result, end) => {
    const waited = { reason: 'key-rejected', nextAttemptAt: now.toISOString(), failedAttempts: 1 };
    const { told, record, sent } = await attempt([result], { record: waited });
    expect(record).toMatchObject(end);
    expect(record.reason).toBe(end.reason);
    expect(record.nextAttemptAt).toBeUndefined();
    expect(record.attempts).toMatchObject([{ at: now.toISOString() }]);
    expect(told).toEqual([[record, record.attempts[0]]]);
    expect(sent).toEqual([]);
  });
});

test('the change is applied as it was received', async () => {
  const { calls, message } = await attempt([done('stale')]);
  const { deliveryId } = message;
  const receipt = { receivedAt: now.getTime(), changeId: `${deliveryId}/0` };
  const recordAfter = expect.any(Function);
  const subject = { change, leftOut: [], deliveryId, index: 0, receipt, isStrict: false, recordAfter };
  expect(calls).toEqual([subject]);
});

test('the words of DirectScale are kept in the timeline', async () => {
  const { record } = await attempt([down]);
  expect(record.attempts).toEqual([
    { at: now.toISOString(), outcome: 'unavailable', reason: 'server-error', status: 503, requestId: 'r-1' },
  ]);
});

describe('what uses up the schedule', () => {
  const failures: [string, Outcome][] = [
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
    const { sent } = await attempt([
      outcomeOfFailure({ outcome: 'unavailable', reason: 'throttled', inDoubt: false, retryAfterMs: 30_000 }),
    ]);
    expect(sent[0]?.[1]).toBeGreaterThanOrEqual(30_000);
  });

  test('what the change waited for before is not said any more', async () => {
    const { record } = await attempt([down], { record: { reason: 'key-rejected' } });
    expect(record).toMatchObject({ status: 'pending', reason: 'server-error' });
  });

  test('a turn that the record missed is not given again', async () => {
    const { record, sent } = await attempt([down], { record: { turn: 1 }, turn: 4 });
    expect(record.turn).toBe(5);
    expect(sent[0]?.[0].turn).toBe(5);
  });
});

describe('what does not use up the schedule', () => {
  const wrongKey = outcomeOfFailure({ outcome: 'misconfigured', reason: 'key-rejected', status: 401 });
  test.each<[string, Outcome | Error, reason: string, delays: [from: number, to: number]]>([
    ['a wrong key', wrongKey, 'key-rejected', [15_000, 20_000]],
    ['a pause by a wrong key', paused('key-rejected'), 'key-rejected', [15_000, 20_000]],
    ['a pause by a forbidden product', paused('forbidden'), 'forbidden', [15_000, 20_000]],
    ['a pause by a wrong address', paused('not-the-api'), 'not-the-api', [15_000, 20_000]],
    ['a pause by throttling', paused('throttled'), 'throttled', [2000, 3000]],
    ['a pause by the quota', paused('quota'), 'quota', [2000, 3000]],
    ['an outage that is too young for it', paused('timeout', 2000, 500), 'timeout', [2000, 3000]],
    ['a probe by another change that goes on', probed('timeout', 250), 'timeout', [5000, 7000]],
    [
      'a probe that is left to other customers first',
      probed('server-error', 5000),
      'server-error',
      [5000, 7000],
    ],
    ['a missing secret', new SecretMissing('x'), 'secret-missing', [15_000, 20_000]],
    ['a vault that is down', new SecretStoreUnavailable('x'), 'secret-store-unavailable', [15_000, 20_000]],
  ])('%s', async (_, result, reason, [from, to]) => {
    const used = { failedAttempts: 1, turn: 1 };
    const { record, sent, message } = await attempt([result], { record: used, turn: 1 });
    expect(record).toMatchObject({ status: 'pending', reason, ...used, attempts: [{ reason }] });
    const delayMs = sent[0]?.[1] ?? 0;
    expect(sent).toEqual([[message, delayMs]]);
    expect(delayMs).toBeGreaterThanOrEqual(from);
    expect(delayMs).toBeLessThanOrEqual(to);
  });

  test('a customer to whom somebody else writes', async () => {
    const { record, sent, message } = await attempt([busy]);
    expect(record).toMatchObject({ status: 'pending', failedAttempts: 0, turn: 0, reason: 'customer-busy' });
    expect(sent).toMatchObject([[message, expect.toSatisfy((ms) => ms >= 1000 && ms <= 1500)]]);
  });

  test('waiting on for the same is recorded once', async () => {
    const { record, sent } = await attempt([paused('quota')], { record: { reason: 'quota' } });
    expect(record.attempts).toEqual([]);
    expect(sent).toHaveLength(1);
  });
});

describe('a short wait in place', () => {
  const patience: Patience = { ms: 1000, with: 'every hold' };

  test('for the end of a quota, instead of the way through the queue', async () => {
    const results = [paused('quota', 5), paused('quota', 5), done('unchanged')];
    const { record, sent } = await attempt(results, { patience });
    expect(record.status).toBe('unchanged');
    expect(record.attempts).toHaveLength(1);
    expect(sent).toEqual([]);
  });

  test.each<[string, Outcome, Patience]>([
    ['not for longer than allowed', paused('quota', 1001), patience],
    ['not for an outage', paused('server-error', 5), patience],
    [
      'not for a quota if it is only for a busy customer',
      paused('quota', 5),
      { ...patience, with: 'a busy customer' },
    ],
  ])('%s', async (_, result, given) => {
    const { record, calls } = await attempt([result, done('unchanged')], { patience: given });
    expect(record.status).toBe('pending');
    expect(calls).toHaveLength(1);
  });

  test('for a busy customer', async () => {
    const given: Patience = { ms: 1000, with: 'a busy customer' };
    const { record, calls } = await attempt([busy, done('unchanged')], { patience: given });
    expect(record.status).toBe('unchanged');
    expect(calls).toHaveLength(2);
  });
});

describe('a leftover message does nothing', () => {
  test.each<[string, Setting]>([
    ['the change was applied', { record: { status: 'applied' } }],
    ['the change is parked', { record: { status: 'parked', reason: 'rejected' } }],
    ['a later message has the turn', { record: { turn: 2 }, turn: 1 }],
  ])('%s', async (_, setting) => {
    const { told, calls, sent, record } = await attempt([down], setting);
    expect(told).toEqual([]);
    expect(calls).toEqual([]);
    expect(sent).toEqual([]);
    expect(record).toMatchObject({ ...setting.record, attempts: [] });
  });

  test('the record was deleted', async () => {
    const { apply, calls } = script(down);
    const { message, context, sent } = await subject(apply);
    await stores.records.removeOf(message.deliveryId, ({ customerId }) => customerId === '7');
    await takeOn(message, impatient, context, () => expect.fail('nothing is recorded'));
    expect([calls, sent]).toEqual([[], []]);
  });
});

describe('nothing is lost', () => {
  test('when the queue does not take the repeat, the message comes back and the record is as before', async () => {
    const { apply } = script(down);
    const { message, context, recorded } = await subject(apply);
    const before = await recorded();
    const queue = { ...stores.queue, send: () => Promise.reject(new Error('queue is down')) };
    const attempting = takeOn(
      message,
      impatient,
      { ...context, stores: { ...stores, queue } },
      () => undefined,
    );
    await expect(attempting).rejects.toThrow('queue is down');
    expect(await recorded()).toEqual(before);
  });

  test('what storage throws comes out, and the record is as before', async () => {
    const { apply } = script(new Error('table is down'));
    const { message, context, sent, recorded } = await subject(apply);
    const attempting = takeOn(message, impatient, context, () => undefined);
    await expect(attempting).rejects.toThrow('table is down');
    expect((await recorded()).attempts).toEqual([]);
    expect(sent).toEqual([]);
  });

  test('a message that storage fails is put back by the front door, as it is', async () => {
    const { apply } = script(new RestError('table is down', { statusCode: 503 }));
    const { message, context, sent, recorded } = await subject(apply);
    await deliver(message, context, () => expect.fail('nothing is recorded'));
    expect(sent).toEqual([[message, 30_000]]);
    expect((await recorded()).attempts).toEqual([]);
  });

  test('who was slower does not overwrite what the other recorded', async () => {
    const { message, context, recorded } = await subject(async () => {
      const stored = await stores.records.read(message);
      if (stored) await stores.records.update({ record: { ...stored.record, status: 'applied' } }, stored);
      return done('stale');
    });
    await takeOn(message, impatient, context, () => expect.fail('nothing is recorded'));
    expect((await recorded()).status).toBe('applied');
  });

  test('a message that was faster than the record that tells of it', async () => {
    const turn = 1;
    const { apply, calls } = script(done('applied'), done('applied'));
    const { message, context, recorded } = await subject(
      async (subject) => {
        // Whoever sent the message of this turn is slow to say so.
        const stored = await stores.records.read(message);
        if (stored?.record.turn === 0)
          await stores.records.update({ record: { ...stored.record, turn } }, stored);
        return apply(subject);
      },
      { turn },
    );
    await takeOn(message, impatient, context, () => undefined);
    expect(calls).toHaveLength(2);
    expect(await recorded()).toMatchObject({ status: 'applied', turn });
  });

  test('of many attempts the last ones are kept', async () => {
    const old = Array.from({ length: attemptsKept }, () => ({
      at: now.toISOString(),
      outcome: 'unavailable',
    }));
    const { record } = await attempt([done('stale')], { record: { attempts: old } });
    expect(record.attempts).toHaveLength(attemptsKept);
    expect(record.attempts.at(-1)?.outcome).toBe('stale');
  });
});

describe('a finished change that is in doubt again', () => {
  const waitingFor = (deliveryId: string): Outcome => ({ ...inDoubt, behind: [`${deliveryId}/0`] });

  test('is sent again on behalf of an older one that waits for it', async () => {
    const newer = await subject(script().apply, { record: { status: 'applied', turn: 3 } });
    const { sent, message } = await attempt([waitingFor(newer.message.deliveryId)]);
    expect(sent.map(([{ deliveryId, turn }, delayMs]) => [deliveryId, turn, delayMs === 0])).toEqual([
      [newer.message.deliveryId, 4, true],
      [message.deliveryId, 1, false],
    ]);
    expect(await newer.recorded()).toMatchObject({ status: 'pending', reason: 'overtaken', turn: 4 });
  });

  test.each(['pending', 'parked', 'stale'] as const)('not if it is %s', async (status) => {
    const newer = await subject(script().apply, { record: { status } });
    const { sent } = await attempt([waitingFor(newer.message.deliveryId)]);
    expect(sent).toHaveLength(1);
    expect(await newer.recorded()).toMatchObject({ status, turn: 0 });
  });
});

describe('a change that has to be read first', () => {
  const customerId = '701';
  const fetched: Fetched = { type: 'found', payload: { ...change, customer: { customerId } } };

  test('is read, described and applied', async () => {
    const { record, calls } = await attempt([done('unchanged')], { fetched });
    expect(calls[0]?.change).toEqual({ ...change, customer: { customerId } });
    expect(record).toMatchObject({ status: 'unchanged', customerId, fields: ['FirstName', 'LastName'] });
  });

  test('is found by its customer although nothing was applied', async () => {
    const own = '702';
    const payload = { ...change, customer: { customerId: own } };
    const { record, message } = await attempt([down], { fetched: { type: 'found', payload } });
    expect(record).toMatchObject({ status: 'pending', customerId: own });
    expect(await stores.states.deliveriesOf(own)).toEqual([message.deliveryId]);
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
