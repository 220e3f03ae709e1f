import { describe, expect, test } from 'vitest';
import { catchUpIfDue, catchUpOrder, lateCatchUp } from '../../src/catch-up/due.ts';
import { beginWalk, type WalkContext, walkOn } from '../../src/catch-up/make-walk.ts';
import type { Order } from '../../src/catch-up/walk.ts';
import { deliverRead } from '../../src/delivery/attempt/deliver-read.ts';
import type { PageOfChanges } from '../../src/sources/changes-since.ts';
import { iso, minutes, noon, setUp } from './walking.ts';

const all: Order = { foundBy: 'backfill', mode: 'write', until: iso(noon) };
const five = [1, 2, 3, 4, 5].map((id) => ({ id, name: `P${id}`, changedAt: noon - minutes(30) }));

const nowOf = ({ delivery }: WalkContext) => delivery.now().getTime();

/** A vendor that gives so many people on one page. */
const onePageOf =
  (count: number) =>
  async (name = 'P'): Promise<PageOfChanges> => ({
    type: 'page',
    customers: Array.from({ length: count }, (_, index) => ({
      recordId: String(index + 1),
      payload: { customer: { customerId: String(index + 1) }, fields: { FirstName: `${name} ${index}` } },
    })),
  });

describe('a walk', () => {
  test('goes page by page inside its window, and ends with what came of each', async () => {
    const { source, context, people, patches, windows } = setUp();
    people.push(...five);
    await beginWalk(source, 'backfill', all, context);
    const { state, findings } = await walkOn(source, 'backfill', noon + 1000, context);
    expect(state).toMatchObject({
      leasedUntil: 0,
      readUntil: iso(noon),
      walk: { pages: 3, endedAt: iso(noon), report: { read: 5, outcomes: { applied: 5 } } },
    });
    expect(patches).toHaveLength(5);
    // Told with the step, kept without what may be an e-mail address.
    expect(state.walk?.findings).toHaveLength(5);
    expect(findings[0]).toMatchObject({ recordId: 'person-1@example.com' });
    expect(JSON.stringify(state)).not.toContain('@example.com');
    expect(windows.map(({ at }) => at)).toEqual([undefined, 2, 4]);
    expect(new Set(windows.map(({ until }) => until.getTime()))).toEqual(new Set([noon]));
  });

  test('goes on where a process died, after its lease; what it had written is unchanged then', async () => {
    const { source, context, people, patches, pass, whenPatching, windows } = setUp();
    people.push(...five);
    await beginWalk(source, 'backfill', all, context);
    whenPatching(() => {
      if (patches.length === 3) throw new Error('the process dies');
    });
    await expect(walkOn(source, 'backfill', noon + 1000, context)).rejects.toThrow('dies');
    whenPatching(() => {});
    // Somebody holds the lease, as far as others know.
    await walkOn(source, 'backfill', noon + 1000, context);
    expect(windows).toHaveLength(2);
    pass(minutes(2));
    const { state } = await walkOn(source, 'backfill', noon + minutes(3), context);
    expect(windows.map(({ at }) => at)).toEqual([undefined, 2, 2, 4]);
    expect(state.walk?.endedAt).toBeDefined();
    expect(state.walk?.report.read).toBe(5);
    expect(new Set(patches.map(([id]) => id)).size).toBe(5);
  });

  test('whose source gets other options begins its window again: its place may mean another one', async () => {
    const { source, context, people, windows, pass, whenPatching, patches } = setUp();
    people.push(...five);
    await beginWalk(source, 'backfill', all, context);
    whenPatching(() => pass(600));
    await walkOn(source, 'backfill', noon + 1000, context);
    const others = { ...source, options: { tables: ['contact'] } };
    const { state } = await walkOn(others, 'backfill', nowOf(context) + 10_000, context);
    expect(windows.map(({ at }) => at)).toEqual([undefined, undefined, 2, 4]);
    expect(new Set(windows.map(({ until }) => until.getTime()))).toEqual(new Set([noon]));
    expect(state).toMatchObject({ readUntil: iso(noon), walk: { endedAt: iso(nowOf(context)) } });
    expect(patches).toHaveLength(5);
  });

  test('is made by one at a time', async () => {
    const { source, context, people, windows, patches } = setUp();
    people.push(...five);
    await beginWalk(source, 'backfill', all, context);
    await Promise.all([1, 2, 3].map(() => walkOn(source, 'backfill', noon + 1000, context)));
    expect(windows).toHaveLength(3);
    expect(patches).toHaveLength(5);
  });

  test('stops at its deadline and counts nobody twice', async () => {
    const { source, context, people, patches, pass, whenPatching } = setUp();
    people.push(...five);
    await beginWalk(source, 'backfill', all, context);
    whenPatching(() => pass(600));
    for (let turn = 0; turn < 10; turn++)
      await walkOn(source, 'backfill', noon + (turn + 1) * 1000 + turn * 60_000, context).then(() =>
        pass(60_000),
      );
    const { state } = await context.states.read('crm', 'backfill');
    expect(state.walk).toMatchObject({ pages: 3, report: { outcomes: { applied: 5 } } });
    expect(patches).toHaveLength(5);
  });

  test('waits while the vendor does not answer, longer each time, as long as it asks', async () => {
    const { source, context, people, answers, pass, windows } = setUp();
    people.push(...five);
    await beginWalk(source, 'backfill', all, context);
    answers.push(
      { type: 'unavailable', status: 503 },
      { type: 'unavailable', status: 429, retryAfterMs: minutes(3) },
    );
    const first = await walkOn(source, 'backfill', noon + 1000, context);
    expect(first.state.walk?.waits).toEqual({
      reason: 'vendor-unavailable',
      until: iso(noon + 30_000),
      times: 1,
      status: 503,
    });
    await walkOn(source, 'backfill', noon + 1000, context);
    expect(windows).toHaveLength(1);
    pass(30_000);
    const second = await walkOn(source, 'backfill', noon + 31_000, context);
    expect(second.state.walk?.waits).toMatchObject({ until: iso(noon + 30_000 + minutes(3)), times: 2 });
    pass(minutes(3));
    const third = await walkOn(source, 'backfill', noon + minutes(4), context);
    expect(third.state.walk).not.toHaveProperty('waits');
    expect(third.state.walk).toMatchObject({ pages: 3 });
  });

  test('waits no longer than the vendor asks, in place if that is short', async () => {
    const { source, context, people, answers, windows, now } = setUp();
    people.push(...five);
    await beginWalk(source, 'backfill', all, context);
    answers.push({ type: 'unavailable', status: 429, retryAfterMs: 2000 });
    const { state } = await walkOn(source, 'backfill', noon + 10_000, context);
    expect(windows.map(({ at }) => at)).toEqual([undefined, undefined, 2, 4]);
    expect(now()).toBe(noon + 2000);
    expect(state.walk).toMatchObject({ pages: 3, endedAt: iso(noon + 2000) });
  });

  test('a vendor that asks to wait for a moment again and again is asked less and less often', async () => {
    const { source, context, answers, windows, now } = setUp();
    await beginWalk(source, 'backfill', all, context);
    for (let count = 0; count < 100; count++)
      answers.push({ type: 'unavailable', status: 429, retryAfterMs: 0 });
    const { state } = await walkOn(source, 'backfill', noon + minutes(3), context);
    expect(windows.length).toBeLessThan(10);
    expect(state.leasedUntil).toBe(0);
    expect(Date.parse(state.walk?.waits?.until ?? '')).toBe(now() + 30_000);
  });

  test('comes to its end however short the steps are, and asks DirectScale for nobody twice', async () => {
    const page = onePageOf(20);
    const { source, context, pass, reads, whenReading } = setUp({ read: () => page() });
    await beginWalk(source, 'backfill', { ...all, mode: 'compare' }, context);
    whenReading(() => pass(600));
    let steps = 0;
    for (let ended = false; !ended && steps < 30; steps++) {
      const { state } = await walkOn(source, 'backfill', nowOf(context) + 1000, context);
      ended = state.walk?.endedAt !== undefined;
      if (ended) {
        expect(state.walk?.report).toMatchObject({ read: 20 });
        expect(state.walk).not.toHaveProperty('doneOfPage');
      }
    }
    expect(steps).toBeLessThan(30);
    // Those that were under way at the deadline, at the most.
    expect(reads.length).toBeLessThan(20 + 4 * steps);
  });

  test('a customer who changes between two readings of a page is visited again', async () => {
    const page = onePageOf(20);
    let name = 'before';
    const { source, context, pass, patches, whenPatching } = setUp({
      read: async () => page(name),
    });
    await beginWalk(source, 'backfill', all, context);
    whenPatching(() => pass(600));
    await walkOn(source, 'backfill', nowOf(context) + 1000, context);
    const before = patches.length;
    expect(before).toBeLessThan(20);
    name = 'after';
    whenPatching(() => {});
    const { state } = await walkOn(source, 'backfill', nowOf(context) + 1000, context);
    expect(state.walk?.endedAt).toBeDefined();
    expect(patches.slice(before).map(([id]) => id)).toEqual(
      expect.arrayContaining(patches.slice(0, before).map(([id]) => id)),
    );
  });

  test('ends if the vendor does not know its own place any more: the next one begins anew', async () => {
    const { source, context, people, answers, pass } = setUp();
    people.push(...five);
    await beginWalk(source, 'backfill', all, context);
    let pages = 0;
    const page = source.kind.changesSince?.read;
    expect(page).toBeDefined();
    Object.assign(source.kind, {
      changesSince: {
        ...source.kind.changesSince,
        read: (...args: Parameters<NonNullable<typeof page>>) => {
          if (++pages === 2)
            for (let n = 0; n < 9; n++) answers.push({ type: 'refused-by-vendor', status: 400 });
          return page?.(...args);
        },
      },
    });
    for (let turn = 0; turn < 4; turn++) {
      await walkOn(source, 'backfill', nowOf(context) + 1000, context);
      pass(minutes(16));
    }
    const { state } = await context.states.read('crm', 'backfill');
    expect(state.walk?.failure).toContain('place');
    expect(state).not.toHaveProperty('readUntil');
    answers.length = 0;
    await beginWalk(source, 'backfill', { ...all, until: iso(nowOf(context)) }, context);
    const again = await walkOn(source, 'backfill', nowOf(context) + 1000, context);
    expect(again.state.walk).toMatchObject({ pages: 3, report: { outcomes: { unchanged: 2, applied: 3 } } });
  });

  test('a vendor whose page takes longer than a step keeps no walk from its end', async () => {
    const page = onePageOf(20);
    const { source, context, pass, patches } = setUp({
      read: () => {
        pass(30_000);
        return page();
      },
    });
    await beginWalk(source, 'backfill', all, context);
    await walkOn(source, 'backfill', noon + 10_000, context);
    expect(patches).toHaveLength(20);
  });

  test('asks the vendor nothing after its deadline', async () => {
    const { source, context, people, windows } = setUp();
    people.push(...five);
    await beginWalk(source, 'backfill', all, context);
    const { state } = await walkOn(source, 'backfill', noon, context);
    expect(windows).toEqual([]);
    expect(state.leasedUntil).toBe(0);
  });

  test.each([
    [{ type: 'refused-by-vendor', status: 401 } as const, { waits: { reason: 'refused-by-vendor' } }],
    [{ type: 'not-told', reason: 'no token' } as const, { failure: 'no token', endedAt: iso(noon) }],
  ])('a vendor that answers %j', async (answer, expected) => {
    const { source, context, answers } = setUp();
    answers.push(answer);
    await beginWalk(source, 'backfill', all, context);
    const { state } = await walkOn(source, 'backfill', noon + 1000, context);
    expect(state.walk).toMatchObject(expected);
    expect(state).not.toHaveProperty('readUntil');
  });

  test('ends if the vendor gives the same page again and again', async () => {
    const page = { type: 'page', customers: [], next: 'again' } as const;
    const { source, context } = setUp({ read: async () => page });
    await beginWalk(source, 'backfill', all, context);
    const { state } = await walkOn(source, 'backfill', noon + 1000, context);
    expect(state.walk?.failure).toContain('same page');
  });

  test('stands still while DirectScale refuses the key, and leaves nothing in the queue', async () => {
    const { source, context, people, results, memory, records } = setUp();
    people.push(...five);
    const refused = { outcome: 'misconfigured', reason: 'key-rejected', status: 401 } as const;
    for (let count = 0; count < 50; count++) results.push(refused);
    await beginWalk(source, 'backfill', all, context);
    const { state } = await walkOn(source, 'backfill', noon + 1000, context);
    expect(state.walk).toMatchObject({ pages: 0, waits: { reason: 'key-rejected' } });
    expect(memory.messages).toEqual([]);
    expect(records()).toEqual([]);
  });

  test('what one customer alone cannot have now is in the queue, and the walk goes on', async () => {
    const { source, context, people, results, memory } = setUp();
    people.push(...five);
    results.push({ outcome: 'unavailable', reason: 'server-error', status: 500, inDoubt: true });
    await beginWalk(source, 'backfill', all, context);
    const { state } = await walkOn(source, 'backfill', noon + 1000, context);
    expect(state.walk?.report.outcomes).toEqual({ applied: 4, pending: 1 });
    expect(memory.messages).toHaveLength(1);
  });

  test('what is refused is parked once, however often it is read', async () => {
    const { source, context, people, results, records, pass } = setUp();
    people.push({ id: 1, name: 'Refused', changedAt: noon - minutes(30) });
    for (let turn = 0; turn < 3; turn++) {
      results.push({ outcome: 'rejected', status: 400 });
      await beginWalk(source, 'backfill', all, context);
      const { state } = await walkOn(source, 'backfill', noon + minutes(10 * turn) + 1000, context);
      expect(state.walk?.report.outcomes).toEqual({ parked: 1 });
      pass(minutes(10));
    }
    expect(records()).toMatchObject([{ status: 'parked', reason: 'rejected', foundBy: 'backfill' }]);
  });

  test('its values are as old as the reading, whatever time they name', async () => {
    const { source, context, people, memory } = setUp();
    people.push({ id: 1, name: 'Ida', changedAt: noon });
    const order = { ...all, until: iso(noon + minutes(1)) };
    people[0] = { id: 1, name: 'Ida', changedAt: noon + 30_000 };
    await beginWalk(source, 'backfill', order, context);
    await walkOn(source, 'backfill', noon + 1000, context);
    const { fields } = await context.delivery.stores.states.read('1');
    expect(fields.FirstName?.applied).toMatchObject({ occurredAt: noon, receivedAt: noon });
    expect(memory.records.size).toBe(1);
  });

  test('of events of one second the later one stands, whatever their webhooks brought', async () => {
    const ids = Array.from({ length: 20 }, (_, index) => String(index + 1));
    const changedAt = iso(noon - minutes(30));
    const event = (customerId: string, name: string) => ({
      recordId: customerId,
      changedAt,
      payload: {
        customer: { customerId },
        recordId: customerId,
        occurredAt: changedAt,
        fields: { FirstName: name },
      },
    });
    const customers = ids.flatMap((id) => [event(id, 'new'), event(id, 'old')]);
    const { source, context, patches, records } = setUp({
      read: async () => ({ type: 'page', events: 'newest-first', customers }),
    });
    const webhook = (id: string, name: string, ms: number) => {
      const readAt = new Date(noon - minutes(30) + ms);
      const read = {
        source,
        payload: event(id, name).payload,
        readAt,
        foundBy: 'import',
        mayLookUp: true,
      } as const;
      return deliverRead(read, context.delivery, () => undefined);
    };
    const [, , ...unheard] = ids;
    await webhook('1', 'old', 1100);
    await webhook('1', 'new', 1200);
    await webhook('2', 'new', 1100);
    await webhook('2', 'old', 1200);
    await beginWalk(source, 'backfill', all, context);
    await walkOn(source, 'backfill', noon + 1000, context);
    const held = new Map(patches.map(([id, { FirstName }]) => [id, FirstName]));
    expect(patches.filter(([id]) => id === '1')).toHaveLength(2);
    expect(held.get('1')).toBe('new');
    // What was received last counts, and is not written again.
    expect(held.get('2')).toBe('old');
    expect(unheard.map((id) => held.get(id))).toEqual(unheard.map(() => 'new'));

    const before = records().length;
    await beginWalk(source, 'backfill', all, context);
    const { state } = await walkOn(source, 'backfill', noon + 1000, context);
    expect(state.walk?.report.outcomes).not.toHaveProperty('applied');
    expect(records()).toHaveLength(before);
  });

  test('an event that is parked is told once, however often it is read', async () => {
    const customers = [
      {
        recordId: '1',
        changedAt: iso(noon - minutes(30)),
        payload: { customer: { customerId: '1' }, fields: { FirstName: 'Refused' } },
      },
    ];
    const { source, context, results } = setUp({
      read: async () => ({ type: 'page', events: 'oldest-first', customers }),
    });
    const told: string[] = [];
    for (let turn = 0; turn < 3; turn++) {
      results.push({ outcome: 'rejected', status: 400 });
      await beginWalk(source, 'backfill', all, context);
      await walkOn(source, 'backfill', noon + 1000, {
        ...context,
        onRecorded: ({ status }) => told.push(status),
      });
    }
    expect(told).toEqual(['parked']);
  });

  test('of a comparison it keeps the fields that do not agree', async () => {
    const fields = { FirstName: 'Ida', LastName: 'Berg' };
    const customers = [{ recordId: '1', payload: { customer: { customerId: '1' }, fields } }];
    const { source, context, held } = setUp({
      read: async ({ isCompared }) => ({ type: 'page', customers: isCompared ? customers : [] }),
    });
    Object.assign(held, { FirstName: 'Ida', LastName: 'Berger' });
    await beginWalk(source, 'backfill', { ...all, mode: 'compare' }, context);
    const { state } = await walkOn(source, 'backfill', noon + 1000, context);
    expect(state.walk?.findings).toMatchObject([
      { outcome: 'differs', fields: [{ path: 'LastName', verdict: 'missed' }] },
    ]);
    expect(state.walk?.report.fields).toEqual({ FirstName: { agrees: 1 }, LastName: { missed: 1 } });
  });

  test('that ended is told to whoever goes on with it, and made again for nobody else', async () => {
    const { source, context, people, windows, pass } = setUp();
    people.push(...five);
    const begun = await beginWalk(source, 'backfill', all, context);
    const ended = await walkOn(source, 'backfill', noon + 1000, context);
    pass(minutes(1));
    const startedAt = new Date(begun.walk?.startedAt ?? '');
    expect(await beginWalk(source, 'backfill', all, context, { startedAt })).toEqual(ended.state);
    expect((await walkOn(source, 'backfill', nowOf(context) + 1000, context)).state).toEqual(ended.state);
    expect(windows).toHaveLength(3);
    expect((await beginWalk(source, 'backfill', all, context)).walk).not.toHaveProperty('endedAt');
  });

  test('another one does not take its place unless it is to', async () => {
    const { source, context } = setUp();
    await beginWalk(source, 'backfill', all, context);
    const compare: Order = { ...all, mode: 'compare' };
    expect((await beginWalk(source, 'backfill', compare, context)).walk?.order.mode).toBe('write');
    const restarted = await beginWalk(source, 'backfill', compare, context, { restart: true });
    expect(restarted.walk?.order.mode).toBe('compare');
  });
});

describe('the timer', () => {
  test('begins when it is due, from where it stopped, less what may have come late', async () => {
    const { source, context, people, windows, pass, now } = setUp();
    people.push(...five);
    await catchUpIfDue(source, now() + 1000, context);
    expect(windows[0]).toEqual({
      since: new Date(noon - minutes(24 * 60)),
      until: new Date(noon - minutes(5)),
    });
    const walked = windows.length;
    pass(minutes(59));
    await catchUpIfDue(source, now() + 1000, context);
    expect(windows).toHaveLength(walked);
    pass(minutes(1));
    const ended = await catchUpIfDue(source, now() + 1000, context);
    expect(windows.at(-1)).toEqual({
      since: new Date(noon - minutes(5) - minutes(2) - minutes(10)),
      until: new Date(noon + minutes(55)),
    });
    expect(ended).toMatchObject([{ job: 'catch-up', state: { walk: { report: { read: 0 } } } }]);
  });

  test('after an outage of days it begins where it stopped', async () => {
    const { source, context, windows, pass, now } = setUp();
    await catchUpIfDue(source, now() + 1000, context);
    pass(minutes(3 * 24 * 60));
    await catchUpIfDue(source, now() + 1000, context);
    expect(windows.at(-1)?.since).toEqual(new Date(noon - minutes(17)));
  });

  test('after first walks that failed for days it begins where the first one was to begin', async () => {
    const { source, context, windows, answers, pass, now } = setUp({
      reachesBackMs: () => minutes(4 * 24 * 60),
    });
    const first = { since: new Date(noon - minutes(24 * 60)) };
    for (let day = 0; day < 3; day++) {
      answers.push({ type: 'not-told', reason: 'no token' });
      const [ended] = await catchUpIfDue(source, now() + 1000, context);
      expect(ended?.state.walk?.order).not.toHaveProperty('gapSince');
      pass(minutes(24 * 60));
    }
    expect(windows).toMatchObject([first, first, first]);
    pass(minutes(24 * 60));
    const [ended] = await catchUpIfDue(source, now() + 1000, context);
    expect(ended?.state).toMatchObject({
      readUntil: iso(now() - minutes(5)),
      walk: { order: { gapSince: first.since.toISOString(), since: iso(now() - minutes(4 * 24 * 60)) } },
    });
  });

  test('it does not go on with what an operator drives', async () => {
    const { source, context, people, now } = setUp();
    people.push(...five);
    await beginWalk(source, 'backfill', all, context);
    await catchUpIfDue(source, now() + 1000, context);
    expect((await context.states.read('crm', 'backfill')).state.walk?.pages).toBe(0);
  });

  test('a vendor that reaches back less far: the gap is kept with the walk', async () => {
    const { source, context, pass, now } = setUp({ reachesBackMs: () => minutes(24 * 60) });
    await catchUpIfDue(source, now() + 1000, context);
    pass(minutes(5 * 24 * 60));
    const [ended] = await catchUpIfDue(source, now() + 1000, context);
    expect(ended?.state.walk?.order).toMatchObject({
      gapSince: iso(noon - minutes(5)),
      since: iso(now() - minutes(24 * 60)),
    });
    expect(
      catchUpOrder(source, { leasedUntil: 0, readUntil: iso(now()) }, new Date(now())),
    ).not.toHaveProperty('gapSince');
  });

  test('health hears of one that is late, or cannot ask', () => {
    const { source } = setUp();
    const walk = {
      order: all,
      startedAt: iso(noon),
      pages: 0,
      report: { read: 0, outcomes: {}, fields: {} },
      findings: [],
    };
    const late = (state: object, after: number) =>
      lateCatchUp(source, { leasedUntil: 0, walk, ...state }, noon + minutes(after));
    expect(late({}, 100)).toEqual([]);
    expect(late({}, 200)).toMatchObject([{ source: 'crm', since: iso(noon) }]);
    expect(late({ readUntil: iso(noon + minutes(100)) }, 200)).toEqual([]);
    expect(late({ walk: { ...walk, failure: 'no token' } }, 1)).toMatchObject([{ reason: 'no token' }]);
    const waits = { reason: 'refused-by-vendor', until: iso(noon), times: 1 };
    expect(late({ walk: { ...walk, waits } }, 1)).toMatchObject([{ reason: 'refused-by-vendor' }]);
  });
});
