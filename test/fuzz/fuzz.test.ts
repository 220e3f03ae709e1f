import { expect, test } from 'vitest';
import { fuzzRound } from './round.ts';

const ms = 15_000;

// Side by side: most of the time passes until what was sent with `Prefer: wait` has left the queue, a minute later.
test.concurrent.each([
  ['storage that is well', false],
  ['storage that answers 4xx and 5xx now and then', true],
])(
  'odd and forged requests of every kind, over %s: none forged is taken, none is answered 5xx, no value is told',
  async (_, withStorageFaults) => {
    const seed = Math.floor(Math.random() * 1e9);
    const { requests, whileStorageWasWell, forged, taken, storageFaults, ...found } = await fuzzRound({
      seed,
      ms,
      withStorageFaults,
    });
    const nothing = {
      forgedAccepted: [],
      refusedAsSent: [],
      serverErrors: [],
      unanswered: [],
      told: [],
      atTheEnd: [],
    };
    expect({ seed, ...found }).toEqual({ seed, ...nothing });
    // It has tried.
    expect(Math.min(forged, taken, requests - forged)).toBeGreaterThan(20);
    expect(withStorageFaults || whileStorageWasWell > 20).toBe(true);
    expect(storageFaults > 0).toBe(withStorageFaults);
  },
  400_000,
);
