import { describe, expect, test } from 'vitest';
import {
  createPause,
  isOutage,
  isThrottled,
  type PauseState,
} from '../../src/directscale/circuit-breaker.ts';
import type { CallResult } from '../../src/directscale/client.ts';

const down: CallResult = { outcome: 'unavailable', reason: 'server-error', inDoubt: true };
const applied: CallResult = { outcome: 'applied' };
const wrongKey: CallResult = { outcome: 'misconfigured', reason: 'key-rejected' };
const throttled = (retryAfterMs: number): CallResult => ({
  outcome: 'unavailable',
  reason: 'throttled',
  inDoubt: false,
  retryAfterMs,
});

/** A pause on a clock that the test sets, and everything it told. */
function pauseUnderTest() {
  let now = Date.parse('2026-11-23T12:00:00Z');
  const told: (PauseState | undefined)[] = [];
  const pause = createPause(
    (state) => told.push(state),
    () => now,
  );
  return {
    pause,
    told,
    pass: (ms: number) => {
      now += ms;
    },
    /** Calls that all were let through before the first of them failed. */
    fail: (times: number) => {
      for (let call = 0; call < times; call++) pause.report(down);
    },
    /** One call through the gate. */
    call: (result: CallResult) => {
      const refused = pause.enter();
      if (!refused) {
        pause.report(result);
        pause.leave();
      }
      return refused;
    },
  };
}

describe('when a pause begins', () => {
  test('four failures in a row are accidents, the fifth is an outage', () => {
    const { pause, fail } = pauseUnderTest();
    fail(4);
    expect(pause.enter()).toBeUndefined();
    fail(1);
    expect(pause.enter()).toEqual({ waitMs: 2000, reason: 'server-error' });
  });

  test.each<CallResult>([applied, { outcome: 'rejected' }, { outcome: 'customer-not-found' }])(
    '$outcome in between: DirectScale works',
    (answer) => {
      const { pause, fail } = pauseUnderTest();
      fail(4);
      pause.report(answer);
      fail(4);
      expect(pause.enter()).toBeUndefined();
    },
  );

  test('Retry-After begins one at once, for as long as it says', () => {
    const { pause, call } = pauseUnderTest();
    call(throttled(90_000));
    expect(pause.enter()).toEqual({ waitMs: 90_000, reason: 'throttled' });
  });

  test('Retry-After is believed up to fifteen minutes', () => {
    const { pause, call } = pauseUnderTest();
    call(throttled(24 * 3_600_000));
    expect(pause.enter()?.waitMs).toBe(15 * 60_000);
  });

  test('a shorter Retry-After does not shorten a pause', () => {
    const { pause } = pauseUnderTest();
    pause.report(throttled(60_000));
    pause.report(throttled(1000));
    expect(pause.enter()?.waitMs).toBe(60_000);
  });

  test('a wrong key begins one at once, short enough to find the right one soon', () => {
    const { pause, call } = pauseUnderTest();
    call(wrongKey);
    expect(pause.enter()).toEqual({ waitMs: 5000, reason: 'key-rejected' });
  });
});

describe('while it lasts', () => {
  test('everybody is told how long to wait', () => {
    const { pause, fail, pass } = pauseUnderTest();
    fail(5);
    pass(500);
    expect(pause.enter()).toEqual({ waitMs: 1500, reason: 'server-error' });
  });

  test.each([applied, down])(
    'a call that was under way when it began changes nothing: $outcome',
    (result) => {
      const { pause, fail, told } = pauseUnderTest();
      fail(5);
      pause.report(result);
      expect(pause.enter()).toEqual({ waitMs: 2000, reason: 'server-error' });
      expect(told).toHaveLength(1);
    },
  );

  test('what it waits for can be looked up', () => {
    const { pause, fail } = pauseUnderTest();
    expect(pause.state()).toBeUndefined();
    fail(5);
    expect(pause.state()).toEqual({
      reason: 'server-error',
      since: '2026-11-23T12:00:00.000Z',
      until: '2026-11-23T12:00:02.000Z',
    });
  });
});

describe('when its time is over', () => {
  test('one is let through, the others wait for what comes of it', () => {
    const { pause, fail, pass } = pauseUnderTest();
    fail(5);
    pass(2000);
    expect(pause.enter()).toBeUndefined();
    expect(pause.enter()).toEqual({ waitMs: 250, reason: 'server-error' });
  });

  test('a probe that makes no call leaves the place to another', () => {
    const { pause, fail, pass } = pauseUnderTest();
    fail(5);
    pass(2000);
    pause.enter();
    pause.leave();
    expect(pause.enter()).toBeUndefined();
    expect(pause.enter()).toBeDefined();
  });

  test.each<CallResult>([applied, { outcome: 'rejected' }])(
    'a probe that ends in $outcome ends it',
    (answer) => {
      const { pause, fail, pass, call, told } = pauseUnderTest();
      fail(5);
      pass(2000);
      expect(call(answer)).toBeUndefined();
      expect(pause.enter()).toBeUndefined();
      expect(pause.enter()).toBeUndefined();
      expect(pause.state()).toBeUndefined();
      expect(told.at(-1)).toBeUndefined();
    },
  );

  test('each probe that fails doubles it, up to a minute', () => {
    const { pause, fail, pass, call } = pauseUnderTest();
    const lengths: (number | undefined)[] = [];
    fail(5);
    for (let probe = 0; probe < 7; probe++) {
      const waitMs = pause.enter()?.waitMs ?? 0;
      lengths.push(waitMs);
      pass(waitMs);
      call(down);
    }
    expect(lengths).toEqual([2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
  });

  test('the next outage begins with a short pause again', () => {
    const { pause, fail, pass, call } = pauseUnderTest();
    fail(5);
    pass(2000);
    call(down);
    pass(4000);
    call(applied);
    fail(5);
    expect(pause.enter()?.waitMs).toBe(2000);
  });

  test('a wrong key is tried every five seconds, however long it takes', () => {
    const { pause, pass, call } = pauseUnderTest();
    for (let probe = 0; probe < 10; probe++) {
      expect(call(wrongKey)).toBeUndefined();
      expect(pause.enter()?.waitMs).toBe(5000);
      pass(5000);
    }
    call(applied);
    expect(pause.enter()).toBeUndefined();
  });

  test('a longer pause is told with the time of its beginning', () => {
    const { fail, pass, call, told } = pauseUnderTest();
    fail(5);
    pass(2000);
    call(down);
    expect(told).toEqual([
      { reason: 'server-error', since: '2026-11-23T12:00:00.000Z', until: '2026-11-23T12:00:02.000Z' },
      { reason: 'server-error', since: '2026-11-23T12:00:00.000Z', until: '2026-11-23T12:00:06.000Z' },
    ]);
  });
});

test('every reason is an outage, a throttling or a misconfiguration', () => {
  expect((['server-error', 'no-answer', 'timeout'] as const).map(isOutage)).toEqual([true, true, true]);
  expect((['throttled', 'quota'] as const).map(isThrottled)).toEqual([true, true]);
  for (const reason of ['key-rejected', 'forbidden', 'not-the-api'] as const) {
    expect(isOutage(reason) || isThrottled(reason)).toBe(false);
  }
});
