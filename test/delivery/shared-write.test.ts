import { setImmediate as nextTick } from 'node:timers/promises';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createSharedWrite } from '../../src/lib/shared-write.ts';

afterEach(() => vi.restoreAllMocks());

interface Write {
  readonly items: readonly string[];
  end(): void;
  fail(error: Error): void;
}

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
  const arrive = (...items: string[]): void => {
    for (const item of items)
      write(item).then(
        () => ended.push(item),
        (error: Error) => ended.push(`${item}: ${error.message}`),
      );
  };
  const end = async (place: number): Promise<void> => {
    writes[place]?.end();
    await nextTick();
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

test('who is alone does not wait', async () => {
  const { arrive, begun, end, ended } = setUp();
  arrive('a1');
  expect(begun()).toEqual([['a1']]);
  expect(ended).toEqual([]);
  await end(0);
  expect(ended).toEqual(['a1']);
  arrive('a2');
  expect(begun()).toEqual([['a1'], ['a2']]);
});

test('who arrives during a write shares the next one, which begins when the first one ends', async () => {
  const { arrive, begun, end, ended } = setUp();
  arrive('a1', 'a2', 'a3');
  await nextTick();
  arrive('a4');
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
  arrive('a1', 'a2', 'b1', 'a3');
  await end(0);
  expect(begun()).toEqual([['a1'], ['a2', 'a3'], ['b1']]);
  arrive('c1');
  await end(2);
  expect(ended).toEqual(['a1', 'b1']);
  expect(begun()).toHaveLength(3);
  await end(1);
  expect(begun()[3]).toEqual(['c1']);
});

describe('a write that fails', () => {
  test('fails for its own items only', async () => {
    const { arrive, writes, end, ended } = setUp();
    arrive('a1', 'a2', 'b1', 'a3');
    await end(0);
    writes[1]?.fail(new Error('table is down'));
    await end(2);
    expect(ended.toSorted()).toEqual(['a1', 'a2: table is down', 'a3: table is down', 'b1']);
  });

  test('because one item is refused is done again for each by itself', async () => {
    const { arrive, writes, begun, end, ended } = setUp();
    arrive('a1', 'a2', 'a3');
    await end(0);
    writes[1]?.fail(new RangeError('too large'));
    await nextTick();
    writes[2]?.fail(new RangeError('too large'));
    await nextTick();
    await end(3);
    expect(begun().slice(1)).toEqual([['a2', 'a3'], ['a2'], ['a3']]);
    expect(ended).toEqual(['a1', 'a2: too large', 'a3']);
  });

  test('does not keep the next ones from being written', async () => {
    const { arrive, writes, begun, end, ended } = setUp();
    arrive('a1', 'a2');
    writes[0]?.fail(new Error('table is down'));
    await nextTick();
    expect(begun()).toEqual([['a1'], ['a2']]);
    await end(1);
    arrive('a3');
    await end(2);
    expect(ended).toEqual(['a1: table is down', 'a2', 'a3']);
  });
});

describe('a round that is slow', () => {
  test('holds nobody up who arrives then: another one begins beside it', async () => {
    const { arrive, pass, begun, end, ended } = setUp();
    arrive('a1');
    pass(200);
    arrive('a2');
    expect(begun()).toEqual([['a1']]);
    pass(1);
    arrive('a3');
    expect(begun()).toEqual([['a1'], ['a2', 'a3']]);
    await end(1);
    expect(ended).toEqual(['a2', 'a3']);
    arrive('a4');
    // Nobody waits for the slow one again: the other round is over.
    pass(201);
    arrive('a5');
    expect(begun()).toEqual([['a1'], ['a2', 'a3'], ['a4', 'a5']]);
    await end(2);
    await end(0);
    expect(ended).toEqual(['a2', 'a3', 'a4', 'a5', 'a1']);
  });

  test('is followed by the round of those who arrived while it was not slow yet', async () => {
    const { arrive, pass, begun, end, ended } = setUp();
    arrive('a1');
    pass(100);
    arrive('a2');
    pass(1000);
    await end(0);
    expect(begun()).toEqual([['a1'], ['a2']]);
    await end(1);
    expect(ended).toEqual(['a1', 'a2']);
    arrive('a3');
    expect(begun()).toHaveLength(3);
  });
});
