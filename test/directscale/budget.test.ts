import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Budget, createBudget, type Lane } from '../../src/directscale/budget.ts';
import { type Limits, type Share, shareMs, withShareOf } from '../../src/directscale/share.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const surroundings = {
  now: () => Date.now(),
  delay: (ms: number) => new Promise((resolve) => setTimeout(resolve, ms)),
};

/** Instances that share one budget. */
function instancesOf(count: number, limits: Limits) {
  let shares: readonly Share[] = [];
  let leases = 0;
  const budgets = Array.from({ length: count }, (_, index) =>
    createBudget(async () => {
      leases++;
      const leased = withShareOf(String(index), shares, limits, Date.now());
      shares = leased.shares;
      return leased.mine;
    }, surroundings),
  );
  return { budgets, leases: () => leases };
}

interface Call {
  readonly lane: Lane;
  readonly askedAt: number;
  readonly begunAt: number;
}

/** Asks for calls, each of which takes `callMs`, and notes when they begin. */
function ask(budget: Budget, lane: Lane, count: number, calls: Call[], callMs = 50): void {
  const askedAt = Date.now();
  for (let i = 0; i < count; i++) {
    void budget.turn(lane).then(async (end) => {
      calls.push({ lane, askedAt, begunAt: Date.now() });
      await surroundings.delay(callMs);
      end();
    });
  }
}

/** The most calls that begin within any second. */
function mostPerSecond(calls: readonly Call[]): number {
  const times = calls.map(({ begunAt }) => begunAt);
  return Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + 1000).length));
}

const limits: Limits = { callsPerSecond: 20, callsAtATime: 50 };

describe('20 calls per second for two instances', () => {
  test('no second sees more than 22, and a backfill is served nearly as fast as is allowed', async () => {
    const { budgets, leases } = instancesOf(2, limits);
    const calls: Call[] = [];
    for (const budget of budgets) ask(budget, 'catch-up', 1000, calls);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(mostPerSecond(calls)).toBeLessThanOrEqual(22);
    expect(calls.length).toBeGreaterThan(60 * 16);
    // Less than one lease for ten calls.
    expect(leases()).toBeLessThan(calls.length / 10);
  });

  test('a second instance that begins later gets its part, and the two keep to the limit', async () => {
    const { budgets } = instancesOf(2, limits);
    const calls: Call[][] = [[], []];
    ask(budgets[0] as Budget, 'catch-up', 2000, calls[0] as Call[]);
    await vi.advanceTimersByTimeAsync(5000);
    ask(budgets[1] as Budget, 'catch-up', 2000, calls[1] as Call[]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(mostPerSecond(calls.flat())).toBeLessThanOrEqual(22);
    expect(calls[1]?.length).toBeGreaterThan(60 * 6);
  });

  test.each([0, 1])(
    'a direct call at instance %s waits less than a second while thousands wait',
    async (at) => {
      const { budgets } = instancesOf(2, limits);
      const calls: Call[] = [];
      ask(budgets[0] as Budget, 'catch-up', 5000, calls);
      await vi.advanceTimersByTimeAsync(7321);
      for (let i = 0; i < 20; i++) {
        ask(budgets[at] as Budget, 'direct', 1, calls);
        await vi.advanceTimersByTimeAsync(1777);
      }
      const waits = calls.filter(({ lane }) => lane === 'direct').map((call) => call.begunAt - call.askedAt);
      expect(waits).toHaveLength(20);
      expect(Math.max(...waits)).toBeLessThan(1000);
    },
  );
});

test('the most urgent lane comes first', async () => {
  const { budgets } = instancesOf(1, { callsPerSecond: 10, callsAtATime: 5 });
  const calls: Call[] = [];
  for (const lane of ['catch-up', 'live', 'direct'] as const) ask(budgets[0] as Budget, lane, 3, calls);
  await vi.advanceTimersByTimeAsync(5000);
  expect(calls.map(({ lane }) => lane)).toEqual([
    ...['direct', 'direct', 'direct', 'live', 'live', 'live', 'catch-up', 'catch-up', 'catch-up'],
  ]);
});

test('no more calls are under way than are allowed at a time', async () => {
  const { budgets } = instancesOf(1, { callsPerSecond: 1000, callsAtATime: 4 });
  let underWay = 0;
  let most = 0;
  for (let i = 0; i < 40; i++) {
    void budgets[0]?.turn('live').then(async (end) => {
      underWay++;
      most = Math.max(most, underWay);
      await surroundings.delay(100);
      underWay--;
      end();
    });
  }
  await vi.advanceTimersByTimeAsync(5000);
  expect(most).toBe(3); // a tenth is left for another instance
});

test('a share that cannot be leased rejects for all who wait, and the next one asks anew', async () => {
  const failures = [new Error('storage is down')];
  const budget = createBudget(async () => {
    const failure = failures.pop();
    if (failure) throw failure;
    return { instance: 'a', callsPerSecond: 10, callsAtATime: 5, until: Date.now() + shareMs };
  }, surroundings);
  const both = Promise.allSettled([budget.turn('live'), budget.turn('direct')]);
  await vi.advanceTimersByTimeAsync(0);
  expect((await both).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await budget.turn('live')).toEqual(expect.any(Function));
});

test('all shares together never exceed the limit, whoever leases when', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ instance: fc.nat(4), afterMs: fc.nat(15_000) }), { maxLength: 60 }),
      fc.integer({ min: 1, max: 200 }),
      (leases, callsPerSecond) => {
        let now = 0;
        let shares: readonly Share[] = [];
        for (const { instance, afterMs } of leases) {
          now += afterMs;
          shares = withShareOf(String(instance), shares, { callsPerSecond, callsAtATime: 10 }, now).shares;
          const valid = shares.filter(({ until }) => until > now);
          const sum = valid.reduce((total, share) => total + share.callsPerSecond, 0);
          expect(sum).toBeLessThanOrEqual(callsPerSecond * 1.000_001);
        }
      },
    ),
  );
});
