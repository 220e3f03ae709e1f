import { describe, expect, test } from 'vitest';
import { SecretMissing, type SecretStore, SecretStoreUnavailable } from '../../src/secrets/secret-store.ts';
import { createSecrets } from '../../src/secrets/secrets.ts';

const ttlMs = 600_000;
const minRefreshIntervalMs = 30_000;

type StoreState = string | Error;

/** Secrets over a store and a clock that the test sets. `hold` keeps reads waiting until `release`. */
function setUp(initial: StoreState) {
  let state = initial;
  let clock = 1_000_000;
  let reads = 0;
  let gate: PromiseWithResolvers<void> | undefined;
  const store: SecretStore = {
    name: 'key-vault',
    async read() {
      reads++;
      await gate?.promise;
      if (typeof state !== 'string') throw state;
      return state;
    },
  };
  return {
    secrets: createSecrets({ store, ttlMs, minRefreshIntervalMs, now: () => clock }),
    reads: () => reads,
    set: (next: StoreState) => {
      state = next;
    },
    pass: (ms: number) => {
      clock += ms;
    },
    hold: () => {
      gate = Promise.withResolvers();
    },
    release: () => {
      gate?.resolve();
      gate = undefined;
    },
  };
}

const down = () => new SecretStoreUnavailable('the vault does not answer');
const missing = () => new SecretMissing('the vault has no secret key');

describe('the cache', () => {
  test('reads once within the time to live, and anew after it', async () => {
    const { secrets, reads, set, pass } = setUp('first');
    expect(await secrets.get('key')).toBe('first');
    set('second');
    pass(ttlMs - 1);
    expect(await secrets.get('key')).toBe('first');
    expect(reads()).toBe(1);
    pass(1);
    expect(await secrets.get('key')).toBe('second');
    expect(reads()).toBe(2);
  });

  test.each(['\n', '\r\n', '\n\n'])('gives a secret out of a file without its line end %j', async (end) => {
    const { secrets, set, pass } = setUp(`first${end}`);
    expect(await secrets.get('key')).toBe('first');
    set(`-----BEGIN KEY-----\nof lines\n-----END KEY-----${end}`);
    pass(minRefreshIntervalMs);
    expect(await secrets.refresh('key')).toBe('-----BEGIN KEY-----\nof lines\n-----END KEY-----');
  });

  test('has one read in flight per secret, whoever asks', async () => {
    const { secrets, reads, hold, release } = setUp('first');
    hold();
    const asked = [secrets.get('key'), secrets.get('key'), secrets.refresh('key'), secrets.get('key')];
    const other = secrets.get('other');
    expect(reads()).toBe(2);
    release();
    expect(await Promise.all([...asked, other])).toEqual(Array(5).fill('first'));
    expect(reads()).toBe(2);
  });

  test('shares a read that fails, too', async () => {
    const { secrets, reads, hold, release } = setUp(down());
    hold();
    const asked = Promise.allSettled([secrets.get('key'), secrets.get('key')]);
    release();
    expect((await asked).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(reads()).toBe(1);
  });
});

describe('a store that is down', () => {
  test('leaves the old value in use, and is tried every 15 s, not on each request', async () => {
    const { secrets, reads, set, pass } = setUp('first');
    await secrets.get('key');
    set(down());
    pass(ttlMs);
    for (let i = 0; i < 10; i++) expect(await secrets.get('key')).toBe('first');
    expect(reads()).toBe(2);
    pass(14_999);
    await secrets.get('key');
    expect(reads()).toBe(2);
    pass(1);
    await secrets.get('key');
    expect(reads()).toBe(3);
    pass(30 * 24 * 3_600_000);
    expect(await secrets.get('key')).toBe('first');
    set('second');
    pass(15_000);
    expect(await secrets.get('key')).toBe('second');
  });

  test('from the first read on, is left alone for 2 s', async () => {
    const { secrets, reads, set, pass } = setUp(down());
    for (let i = 0; i < 10; i++) {
      await expect(secrets.get('key')).rejects.toMatchObject({ code: 'secret-store-unavailable' });
    }
    expect(reads()).toBe(1);
    set('first');
    pass(1999);
    await expect(secrets.get('key')).rejects.toMatchObject({ code: 'secret-store-unavailable' });
    pass(1);
    expect(await secrets.get('key')).toBe('first');
    expect(reads()).toBe(2);
  });

  test('does not lose the old value to a forced read', async () => {
    const { secrets, set } = setUp('first');
    await secrets.get('key');
    set(down());
    expect(await secrets.refresh('key')).toBe('first');
  });
});

describe('a secret that the store says is gone', () => {
  test('is not honoured any longer', async () => {
    const { secrets, set, pass } = setUp('first');
    await secrets.get('key');
    set(missing());
    pass(ttlMs);
    await expect(secrets.get('key')).rejects.toMatchObject({ code: 'secret-missing' });
    set(down());
    pass(30_000);
    await expect(secrets.get('key')).rejects.toMatchObject({ code: 'secret-store-unavailable' });
  });

  test('is dropped by a forced read as well', async () => {
    const { secrets, set } = setUp('first');
    await secrets.get('key');
    set(missing());
    await expect(secrets.refresh('key')).rejects.toMatchObject({ code: 'secret-missing' });
    await expect(secrets.get('key')).rejects.toMatchObject({ code: 'secret-missing' });
  });

  test('is looked for once in 30 s, however many ask, also for a forced reading', async () => {
    const { secrets, reads, pass } = setUp(missing());
    for (let second = 0; second < 60; second++) {
      await expect(secrets.get('key')).rejects.toMatchObject({ code: 'secret-missing' });
      await expect(secrets.refresh('key')).rejects.toMatchObject({ code: 'secret-missing' });
      pass(1000);
    }
    expect(reads()).toBe(2);
  });

  test('comes back within 30 s of being there again', async () => {
    const { secrets, set, pass } = setUp(missing());
    await expect(secrets.get('key')).rejects.toMatchObject({ code: 'secret-missing' });
    set('first');
    pass(30_000);
    expect(await secrets.get('key')).toBe('first');
  });
});

describe('a forced read', () => {
  test('happens at most once per interval; in between the cached value is served', async () => {
    const { secrets, reads, set, pass } = setUp('first');
    await secrets.get('key');
    set('second');
    expect(await Promise.all([secrets.refresh('key'), secrets.refresh('key')])).toEqual(['second', 'second']);
    set('third');
    for (let i = 0; i < 10; i++) expect(await secrets.refresh('key')).toBe('second');
    pass(minRefreshIntervalMs - 1);
    expect(await secrets.refresh('key')).toBe('second');
    expect(reads()).toBe(2);
    pass(1);
    expect(await secrets.refresh('key')).toBe('third');
    expect(reads()).toBe(3);
  });

  test('is limited for each secret by itself', async () => {
    const { secrets, reads } = setUp('first');
    await secrets.refresh('one');
    await secrets.refresh('other');
    expect(reads()).toBe(2);
  });

  test('starts the time to live anew', async () => {
    const { secrets, reads, pass } = setUp('first');
    await secrets.get('key');
    pass(ttlMs - 1);
    await secrets.refresh('key');
    pass(ttlMs - 1);
    await secrets.get('key');
    expect(reads()).toBe(2);
  });

  test('that joins a read under way does not use up the interval', async () => {
    const { secrets, reads, set, hold, release } = setUp('first');
    hold();
    const reading = secrets.get('key');
    const joined = secrets.refresh('key');
    release();
    expect(await Promise.all([reading, joined])).toEqual(['first', 'first']);
    set('second');
    expect(await secrets.refresh('key')).toBe('second');
    expect(reads()).toBe(2);
  });

  test('that fails counts as well: a store in trouble is not hammered', async () => {
    const { secrets, reads, set } = setUp('first');
    await secrets.get('key');
    set(down());
    for (let i = 0; i < 10; i++) expect(await secrets.refresh('key')).toBe('first');
    expect(reads()).toBe(2);
  });
});

describe('the report', () => {
  test('says how old a value is and why its last read failed, never the value', async () => {
    const { secrets, set, pass } = setUp('a-very-secret-value');
    expect(secrets.report()).toEqual([]);
    await secrets.get('key');
    pass(5000);
    expect(secrets.report()).toEqual([{ name: 'key', store: 'key-vault', ageMs: 5000 }]);
    set(down());
    await secrets.refresh('key');
    const failure = { code: 'secret-store-unavailable', message: 'the vault does not answer' };
    expect(secrets.report()).toEqual([{ name: 'key', store: 'key-vault', ageMs: 5000, failure }]);
    expect(JSON.stringify(secrets.report())).not.toContain('a-very-secret-value');
    set('another');
    pass(minRefreshIntervalMs);
    await secrets.refresh('key');
    expect(secrets.report()).toEqual([{ name: 'key', store: 'key-vault', ageMs: 0 }]);
  });

  test('has no age for a secret that was never read', async () => {
    const { secrets } = setUp(missing());
    await expect(secrets.get('key')).rejects.toThrow();
    const failure = { code: 'secret-missing', message: 'the vault has no secret key' };
    expect(secrets.report()).toEqual([{ name: 'key', store: 'key-vault', failure }]);
  });

  test('holds no words of an unexpected error: they could hold a value', async () => {
    const { secrets } = setUp(new TypeError('cannot parse a-very-secret-value'));
    await expect(secrets.get('key')).rejects.toMatchObject({ code: 'secret-store-unavailable' });
    expect(secrets.report()).toMatchObject([{ failure: { code: 'secret-store-unavailable' } }]);
    expect(JSON.stringify(secrets.report())).not.toContain('a-very-secret-value');
  });
});
