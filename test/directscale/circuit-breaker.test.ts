import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type CircuitState,
  createCircuitBreaker,
  isOutage,
  isThrottled,
  type Permit,
  type Refusal,
  type Reported,
} from '../../src/directscale/circuit-breaker.ts';

const down: Reported = { outcome: 'unavailable', reason: 'server-error', inDoubt: true };
const applied: Reported = { outcome: 'applied' };
const found: Reported = { outcome: 'found' };
const wrongKey: Reported = { outcome: 'misconfigured', reason: 'key-rejected' };
const throttled = (retryAfterMs: number): Reported => ({
  outcome: 'unavailable',
  reason: 'throttled',
  inDoubt: false,
  retryAfterMs,
});
const start = Date.parse('2026-11-23T12:00:00Z');

/** A circuit breaker on a clock that the test sets, and everything it told. */
function breakerUnderTest() {
  let now = start;
  let customers = 0;
  const told: (CircuitState | undefined)[] = [];
  const breaker = createCircuitBreaker(
    (state) => told.push(state),
    () => now,
  );
  /** A customer of its own, unless one is named. */
  const enter = (customer = `customer ${++customers}`) => breaker.enter(customer);
  const permit = (customer?: string): Permit => {
    const entered = enter(customer);
    if ('refusal' in entered) throw new Error(`refused: ${entered.refusal.reason}`);
    return entered.permit;
  };
  const refusal = (customer?: string): Refusal | undefined => {
    const entered = enter(customer);
    if ('refusal' in entered) return entered.refusal;
    entered.permit.release();
    return undefined;
  };
  const call = (result: Reported, customer?: string) => {
    const { report, release } = permit(customer);
    report(result);
    release();
  };
  return {
    breaker,
    told,
    permit,
    refusal,
    call,
    pass: (ms: number) => {
      now += ms;
    },
    /** The calls of so many customers that were all allowed before the first of them failed. */
    fail: (times: number) => {
      const permits = Array.from({ length: times }, () => permit());
      for (const { report, release } of permits) {
        report(down);
        release();
      }
    },
  };
}

const refused = (waitMs: number, reason: string, since = start) => ({
  waitMs,
  reason,
  since,
  isHalfOpen: false,
});
const waitsForProbe = (waitMs: number) => ({ ...refused(waitMs, 'server-error'), isHalfOpen: true });

describe('when it opens', () => {
  test('failures of two customers are their own, those of a third are an outage', () => {
    const { fail, refusal } = breakerUnderTest();
    fail(2);
    expect(refusal()).toBeUndefined();
    fail(1);
    expect(refusal()).toEqual(refused(2000, 'server-error'));
  });

  test('one customer that always fails does not keep the others from being written', () => {
    const { call, refusal, told } = breakerUnderTest();
    for (let attempt = 0; attempt < 100; attempt++) call(down, 'the ill one');
    expect(refusal()).toBeUndefined();
    expect(refusal('the ill one')).toBeUndefined();
    expect(told).toEqual([]);
  });

  test('a 503 of one customer that names a time does not, either', () => {
    const { call, refusal } = breakerUnderTest();
    call({ outcome: 'unavailable', reason: 'server-error', inDoubt: true, retryAfterMs: 60_000 });
    expect(refusal()).toBeUndefined();
  });

  test('failures that lie a minute apart are not an outage', () => {
    const { fail, pass, refusal } = breakerUnderTest();
    fail(2);
    pass(60_001);
    fail(2);
    expect(refusal()).toBeUndefined();
  });

  test.each<Reported>([applied, { outcome: 'rejected' }, { outcome: 'customer-not-found' }])(
    '$outcome in between: DirectScale works',
    (answer) => {
      const { fail, call, refusal } = breakerUnderTest();
      fail(2);
      call(answer);
      fail(2);
      expect(refusal()).toBeUndefined();
    },
  );

  test('that a customer can be read does not say that one can be written', () => {
    const { fail, call, refusal } = breakerUnderTest();
    fail(2);
    call(found);
    fail(1);
    expect(refusal()).toEqual(refused(2000, 'server-error'));
  });

  test('Retry-After of a throttled call opens it at once, for as long as it says', () => {
    const { call, refusal } = breakerUnderTest();
    call(throttled(90_000));
    expect(refusal()).toEqual(refused(90_000, 'throttled'));
  });

  test('Retry-After is believed up to fifteen minutes', () => {
    const { call, refusal } = breakerUnderTest();
    call(throttled(24 * 3_600_000));
    expect(refusal()?.waitMs).toBe(15 * 60_000);
  });

  test('of several Retry-After the longest counts, in whatever order they come', () => {
    for (const waits of [
      [60_000, 1000],
      [1000, 60_000],
    ]) {
      const { permit, refusal } = breakerUnderTest();
      const calls = waits.map((ms) => ({ ms, ...permit() }));
      for (const { ms, report } of calls) report(throttled(ms));
      expect(refusal()?.waitMs).toBe(60_000);
    }
  });

  test('a wrong key opens it at once, short enough to find the right one soon', () => {
    const { call, refusal } = breakerUnderTest();
    call(wrongKey);
    expect(refusal()).toEqual(refused(5000, 'key-rejected'));
  });
});

describe('while it is open', () => {
  test('everybody is told how long to wait, and since when', () => {
    const { fail, pass, refusal } = breakerUnderTest();
    fail(3);
    pass(500);
    expect(refusal()).toEqual(refused(1500, 'server-error'));
  });

  test.each([applied, down, wrongKey])('a call that began before changes nothing: $outcome', (result) => {
    const { permit, fail, refusal, told } = breakerUnderTest();
    const bystander = permit();
    fail(3);
    bystander.report(result);
    bystander.release();
    expect(refusal()).toEqual(refused(2000, 'server-error'));
    expect(told).toHaveLength(1);
  });

  test('what it waits for can be looked up', () => {
    const { breaker, fail } = breakerUnderTest();
    expect(breaker.state()).toBeUndefined();
    fail(3);
    expect(breaker.state()).toEqual({
      reason: 'server-error',
      since: '2026-11-23T12:00:00.000Z',
      until: '2026-11-23T12:00:02.000Z',
    });
  });
});

describe('half-open', () => {
  test('one is let through, the others wait for what comes of it', () => {
    const { fail, pass, permit, refusal } = breakerUnderTest();
    fail(3);
    pass(2000);
    permit();
    expect(refusal()).toEqual(waitsForProbe(250));
  });

  test('the end of a call that began before does not let a second one through', () => {
    const { fail, pass, permit, refusal } = breakerUnderTest();
    const [silent, working] = [permit(), permit()];
    fail(3);
    pass(2000);
    permit();
    silent.release();
    working.report(applied);
    working.release();
    expect(refusal()).toEqual(waitsForProbe(250));
  });

  test('a probe that makes no call leaves the place to another', () => {
    const { fail, pass, permit, refusal } = breakerUnderTest();
    fail(3);
    pass(2000);
    permit().release();
    permit();
    expect(refusal()).toBeDefined();
  });

  test('a customer whose call failed lets others probe first, then probes itself', () => {
    const { fail, pass, call, refusal } = breakerUnderTest();
    call(down, 'ill');
    fail(2);
    pass(2000);
    expect(refusal('ill')).toEqual(waitsForProbe(5000));
    expect(refusal()).toBeUndefined();
    pass(5000);
    expect(refusal('ill')).toBeUndefined();
  });

  test.each<Reported>([applied, { outcome: 'rejected' }])(
    'a probe that ends in $outcome closes it',
    (answer) => {
      const { breaker, fail, pass, call, permit, told } = breakerUnderTest();
      fail(3);
      pass(2000);
      call(answer);
      permit();
      permit();
      expect(breaker.state()).toBeUndefined();
      expect(told.at(-1)).toBeUndefined();
    },
  );

  test('a probe that only reads closes it when it is done; a write that fails after it does not', () => {
    const { breaker, fail, pass, permit } = breakerUnderTest();
    fail(3);
    pass(2000);
    const failing = permit();
    failing.report(found);
    failing.report(down);
    failing.release();
    expect(breaker.state()?.until).toBe('2026-11-23T12:00:06.000Z');
    pass(4000);
    const reading = permit();
    reading.report(found);
    expect(breaker.state()).toBeDefined();
    reading.release();
    expect(breaker.state()).toBeUndefined();
  });

  test('each probe that fails doubles the time, up to a minute', () => {
    const { fail, pass, call, refusal } = breakerUnderTest();
    const lengths: (number | undefined)[] = [];
    fail(3);
    for (let probe = 0; probe < 7; probe++) {
      const waitMs = refusal()?.waitMs ?? 0;
      lengths.push(waitMs);
      pass(waitMs);
      call(down);
    }
    expect(lengths).toEqual([2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
  });

  test('the next outage begins with a short time again', () => {
    const { fail, pass, call, refusal } = breakerUnderTest();
    fail(3);
    pass(2000);
    call(down);
    pass(4000);
    call(applied);
    fail(3);
    expect(refusal()?.waitMs).toBe(2000);
  });

  test('a wrong key is tried every five seconds, however long it takes', () => {
    const { pass, call, refusal } = breakerUnderTest();
    for (let probe = 0; probe < 10; probe++) {
      call(wrongKey);
      expect(refusal()?.waitMs).toBe(5000);
      pass(5000);
    }
    call(applied);
    expect(refusal()).toBeUndefined();
  });

  test('after a wrong key, a failure of one customer shows that the key is right', () => {
    const { breaker, pass, call, refusal } = breakerUnderTest();
    call(wrongKey);
    pass(5000);
    call(down);
    expect(breaker.state()).toBeUndefined();
    expect(refusal()).toBeUndefined();
  });

  test('a wrong key in an outage counts from its own beginning', () => {
    const { fail, pass, call, refusal } = breakerUnderTest();
    fail(3);
    pass(2000);
    call(wrongKey);
    expect(refusal()).toEqual(refused(5000, 'key-rejected', start + 2000));
  });

  test('a longer time is told with that of the beginning', () => {
    const { fail, pass, call, told } = breakerUnderTest();
    fail(3);
    pass(2000);
    call(down);
    expect(told).toEqual([
      { reason: 'server-error', since: '2026-11-23T12:00:00.000Z', until: '2026-11-23T12:00:02.000Z' },
      { reason: 'server-error', since: '2026-11-23T12:00:00.000Z', until: '2026-11-23T12:00:06.000Z' },
    ]);
  });
});

test('whatever happens in whatever order: never two probes, never open for good', () => {
  const results = [applied, down, found, wrongKey, throttled(1000), throttled(3_600_000)] as const;
  const step = fc.oneof(
    fc.record({ type: fc.constant('enter' as const), customer: fc.integer({ min: 1, max: 8 }) }),
    fc.record({ type: fc.constant('report' as const), at: fc.nat(20), result: fc.constantFrom(...results) }),
    fc.record({ type: fc.constant('release' as const), at: fc.nat(20) }),
    fc.record({ type: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 120_000 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const { breaker, pass, permit } = breakerUnderTest();
      const held: Permit[] = [];
      const probing = new Set<Permit>();
      for (const each of steps) {
        if (each.type === 'pass') pass(each.ms);
        if (each.type === 'enter') {
          const isOpen = breaker.state() !== undefined;
          const entered = breaker.enter(String(each.customer));
          if ('permit' in entered) held.push(entered.permit);
          if ('permit' in entered && isOpen) probing.add(entered.permit);
          if ('refusal' in entered) expect(entered.refusal.waitMs).toBeGreaterThan(0);
        }
        const subject = 'at' in each && held[each.at];
        if (subject && each.type === 'report') subject.report(each.result);
        if (subject && each.type === 'release') held.splice(each.at, 1)[0]?.release();
        const isOver = each.type === 'release' || (each.type === 'report' && each.result !== found);
        if (subject && isOver) probing.delete(subject);
        if (!breaker.state()) probing.clear();
        expect(probing.size).toBeLessThanOrEqual(1);
      }
      for (const { release } of held) release();
      pass(15 * 60_000 + 5000);
      const last = permit('1');
      last.report(applied);
      last.release();
      expect(breaker.state()).toBeUndefined();
    }),
  );
});

test('every reason is an outage, a throttling or a misconfiguration', () => {
  expect((['server-error', 'no-answer', 'timeout'] as const).map(isOutage)).toEqual([true, true, true]);
  expect((['throttled', 'quota'] as const).map(isThrottled)).toEqual([true, true]);
  for (const reason of ['key-rejected', 'forbidden', 'not-the-api'] as const) {
    expect(isOutage(reason) || isThrottled(reason)).toBe(false);
  }
});

describe('an open circuit of another instance', () => {
  const other = (since: number, until: number) => ({
    reason: 'server-error',
    since: new Date(since).toISOString(),
    until: new Date(until).toISOString(),
  });
  let now = 1_000_000;
  const reports: unknown[] = [];
  const breakerThatHears = () => {
    now = 1_000_000;
    reports.length = 0;
    return createCircuitBreaker(
      (state) => reports.push(state),
      () => now,
    );
  };

  test('opens this one until it ends; then this one probes by itself, and tells what it found', () => {
    const breaker = breakerThatHears();
    breaker.hear(other(now - 1000, now + 5000));
    expect(breaker.enter('1')).toMatchObject({ refusal: { waitMs: 5000, reason: 'server-error' } });
    expect(reports).toEqual([]);
    now += 5000;
    const entered = breaker.enter('1');
    if (!('permit' in entered)) throw new Error('expected a probe');
    expect(breaker.enter('2')).toHaveProperty('refusal');
    entered.permit.report({ outcome: 'applied', status: 200 });
    entered.permit.release();
    expect(breaker.enter('2')).toHaveProperty('permit');
    expect(reports).toEqual([undefined]);
  });

  test.each([
    ['that has ended', -1000, 0],
    ['that opened before a call of this instance worked', -1000, 5000],
  ])('%s is ignored', (_, since, until) => {
    const breaker = breakerThatHears();
    const entered = breaker.enter('1');
    if ('permit' in entered) entered.permit.report({ outcome: 'applied', status: 200 });
    breaker.hear(other(now + since, now + until));
    expect(breaker.enter('2')).toHaveProperty('permit');
  });

  test('changes nothing where this one is open itself, or for a reason that concerns one instance only', () => {
    const breaker = breakerThatHears();
    for (const reason of ['key-rejected', 'forbidden', 'not-the-api', 'full-moon']) {
      breaker.hear({ ...other(now - 1000, now + 5000), reason });
      expect(breaker.enter('1')).toHaveProperty('permit');
    }
    breaker.hear(other(now - 1000, now + 5000));
    breaker.hear(other(now - 1000, now + 90_000));
    expect(breaker.enter('1')).toMatchObject({ refusal: { waitMs: 5000 } });
  });
});

test('a change to another customer that was applied since then tells that DirectScale works', () => {
  const { breaker, call, pass } = breakerUnderTest();
  const began = start;
  const has = (customer: string, since = began) => breaker.passedSince(customer, since);
  expect(has('7')).toBe(false);
  pass(1000);
  call(applied, '7');
  expect([has('7'), has('8')]).toEqual([false, true]);
  call(down, '8');
  call({ outcome: 'rejected', status: 400 }, '8');
  call(found, '8');
  expect(has('7')).toBe(false);
  call(applied, '8');
  // The own change does not hide that of the other one.
  call(applied, '7');
  expect([has('7'), has('8'), has('9')]).toEqual([true, true, true]);
  expect(has('9', began + 1000)).toBe(false);
});
