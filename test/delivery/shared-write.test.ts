import { setImmediate as nextTick } from 'node:timers/promises';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createSharedWrite } from '../../src/lib/shared-write.ts';

afterEach(() => vi.restoreAllMocks());

interface Write {
  readonly items: readonly string[];
  end(): void;
  fail(error: Error): void;
}

/** When the next round has begun, too. */
const afterwards = async (): Promise<void> => {
  await nextTick();
  await nextTick();
};

/** A shared write whose writes end when the test says so. Items that begin with the same letter are one group. */
function setUp() {
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  const writes: Write[] = [];
  const write = createSharedWrite<string>(
    (items) => [...Map.groupBy(items, (item) => item[0]).values()],
    (items) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      writes.push({ items, end: resolve, fail: reject });
      return promise;
    },
    (error) => error instanceof RangeError,
  );
  /** Which items were written, in the order of the ends, or failed. */
  const ended: string[] = [];
  /** All in one turn of the event loop; resolves when a round that begins with them has begun. */
  const arrive = async (...items: string[]): Promise<void> => {
    for (const item of items)
      write(item).then(
        () => ended.push(item),
        (error: Error) => ended.push(`${item}: ${error.message}`),
      );
    await nextTick();
  };
  const end = async (place: number): Promise<void> => {
    writes[place]?.end();
    await afterwards();
  };
  return {
    writes,
    ended,
    arrive,
    end,
    begun: () => writes.map(({ items }) => items),
    pass: (ms: number) => {
      now += ms;
    },
  };
}

test('who is alone waits for nobody', async () => {
  const { arrive, begun, end, ended } = setUp();
  await arrive('a1');
  expect(begun()).toEqual([['a1']]);
  expect(ended).toEqual([]);
  await end(0);
  expect(ended).toEqual(['a1']);
  await arrive('a2');
  expect(begun()).toEqual([['a1'], ['a2']]);
});

test('those who arrive in one turn of the event loop share a write, the first one, too', async () => {
  const { arrive, begun, end, ended } = setUp();
  await arrive('a1', 'a2', 'a3');
  expect(begun()).toEqual([['a1', 'a2', 'a3']]);
  await end(0);
  expect(ended).toEqual(['a1', 'a2', 'a3']);
  expect(begun()).toHaveLength(1);
});

test('who arrives during a write shares the next one, which begins when the first one ends', async () => {
  const { arrive, begun, end, ended } = setUp();
  await arrive('a1');
  await arrive('a2', 'a3');
  await arrive('a4');
  expect(begun()).toEqual([['a1']]);
  await end(0);
  expect(begun()).toEqual([['a1'], ['a2', 'a3', 'a4']]);
  expect(ended).toEqual(['a1']);
  await end(1);
  expect(ended).toEqual(['a1', 'a2', 'a3', 'a4']);
  expect(begun()).toHaveLength(2);
});

test('the groups of a round are written side by side, and the next round begins when all of them have ended', async () => {
  const { arrive, begun, end, ended } = setUp();
  await arrive('a1', 'b1', 'a2');
  expect(begun()).toEqual([['a1', 'a2'], ['b1']]);
  await arrive('c1');
  await end(1);
  expect(ended).toEqual(['b1']);
  expect(begun()).toHaveLength(2);
  await end(0);
  expect(begun()[2]).toEqual(['c1']);
});

describe('a write that fails', () => {
  test('fails for its own items only', async () => {
    const { arrive, writes, end, ended } = setUp();
    await arrive('a1', 'b1', 'a2');
    writes[0]?.fail(new Error('table is down'));
    await end(1);
    expect(ended.toSorted()).toEqual(['a1: table is down', 'a2: table is down', 'b1']);
  });

  test('because one item is refused is done again for each by itself', async () => {
    const { arrive, writes, begun, end, ended } = setUp();
    await arrive('a1', 'a2');
    writes[0]?.fail(new RangeError('too large'));
    await afterwards();
    writes[1]?.fail(new RangeError('too large'));
    await afterwards();
    await end(2);
    expect(begun()).toEqual([['a1', 'a2'], ['a1'], ['a2']]);
    expect(ended).toEqual(['a1: too large', 'a2']);
  });

  test('does not keep the next ones from being written', async () => {
    const { arrive, writes, begun, end, ended } = setUp();
    await arrive('a1');
    await arrive('a2');
    writes[0]?.fail(new Error('table is down'));
    await afterwards();
    expect(begun()).toEqual([['a1'], ['a2']]);
    await end(1);
    await arrive('a3');
    await end(2);
    expect(ended).toEqual(['a1: table is down', 'a2', 'a3']);
  });
});

describe('a round that is slow', () => {
  test('holds nobody up who arrives then: another one begins beside it', async () => {
    const { arrive, pass, begun, end, ended } = setUp();
    await arrive('a1');
    pass(200);
    await arrive('a2');
    expect(begun()).toEqual([['a1']]);
    pass(1);
    await arrive('a3');
    expect(begun()).toEqual([['a1'], ['a2', 'a3']]);
    await end(1);
    expect(ended).toEqual(['a2', 'a3']);
    await arrive('a4');
    // Nobody waits for the slow one again: the other round is over.
    pass(201);
    await arrive('a5');
    expect(begun()).toEqual([['a1'], ['a2', 'a3'], ['a4', 'a5']]);
    await end(2);
    await end(0);
    expect(ended).toEqual(['a2', 'a3', 'a4', 'a5', 'a1']);
  });

  test('is followed by the round of those who arrived while it was not slow yet', async () => {
    const { arrive, pass, begun, end, ended } = setUp();
    await arrive('a1');
    pass(100);
    await arrive('a2');
    pass(1000);
    await end(0);
    expect(begun()).toEqual([['a1'], ['a2']]);
    await end(1);
    expect(ended).toEqual(['a1', 'a2']);
    await arrive('a3');
    expect(begun()).toHaveLength(3);
  });
});
