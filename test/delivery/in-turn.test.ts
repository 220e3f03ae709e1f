import { setImmediate as nextTick } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createTurns } from '../../src/lib/in-turn.ts';

/** Work whose end the test decides; it writes down when it begins and ends. */
function workOf(name: string, diary: string[]) {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const run = async () => {
    diary.push(`${name} begins`);
    try {
      return await promise;
    } finally {
      diary.push(`${name} ends`);
    }
  };
  return { run, resolve, reject };
}

test('what has the same key runs one after the other, in the order of its coming', async () => {
  const inTurn = createTurns();
  const diary: string[] = [];
  const [first, second, third] = [workOf('1', diary), workOf('2', diary), workOf('3', diary)];
  const all = Promise.all([first, second, third].map(({ run }) => inTurn('a', run)));
  third.resolve('c');
  second.resolve('b');
  await nextTick();
  expect(diary).toEqual(['1 begins']);
  first.resolve('a');
  expect(await all).toEqual(['a', 'b', 'c']);
  expect(diary).toEqual(['1 begins', '1 ends', '2 begins', '2 ends', '3 begins', '3 ends']);
});

test('other keys do not wait', async () => {
  const inTurn = createTurns();
  const diary: string[] = [];
  const [slow, quick] = [workOf('slow', diary), workOf('quick', diary)];
  const held = inTurn('a', slow.run);
  const free = inTurn('b', quick.run);
  quick.resolve('done');
  expect(await free).toBe('done');
  expect(diary).toContain('slow begins');
  expect(diary).not.toContain('slow ends');
  slow.resolve('done');
  await held;
});

test('a failure reaches its own caller, and the next one runs', async () => {
  const inTurn = createTurns();
  const failing = inTurn('a', async () => {
    throw new Error('out of order');
  });
  const next = inTurn('a', async () => 'done');
  await expect(failing).rejects.toThrow('out of order');
  expect(await next).toBe('done');
  expect(await inTurn('a', async () => 'again')).toBe('again');
});
