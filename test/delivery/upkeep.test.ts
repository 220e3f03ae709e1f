import { expect, test } from 'vitest';
import { deleteExpired, resumeOverdue } from '../../src/delivery/operate/upkeep.ts';
import { causesOf, issueIdOf } from '../../src/delivery/record/cause.ts';
import { emptyRecord } from '../../src/delivery/record/record.ts';
import { Memory, memoryStores } from './model/memory-stores.ts';

const now = new Date('2026-11-23T12:00:00Z');
const ids = ['a', 'b', 'c'].map(
  (letter) => `20261123-09000000${letter.charCodeAt(0) - 97}-${letter.repeat(16)}`,
);

test('a row that cannot be read holds up no other change that lost its message, and is told', async () => {
  const memory = new Memory();
  const stores = memoryStores(
    memory,
    () => now.getTime(),
    async (effect) => effect(),
  );
  for (const deliveryId of ids) {
    const record = emptyRecord({ deliveryId, index: 0, source: 'shop' });
    await stores.records.create([{ record }], undefined);
  }
  const [, bad = ''] = ids;
  const records = {
    ...stores.records,
    read: (reference: { deliveryId: string; index: number }) =>
      reference.deliveryId === bad
        ? Promise.reject(new SyntaxError('no JSON'))
        : stores.records.read(reference),
  };
  const left = await resumeOverdue({ ...stores, records }, now);
  expect(left).toEqual({ resumed: 2, failed: [bad] });
  expect(memory.messages).toHaveLength(2);
});

test('a change of weeks ago that lost its message when it was replayed is found', async () => {
  const memory = new Memory();
  const stores = memoryStores(
    memory,
    () => now.getTime(),
    async (effect) => effect(),
  );
  const deliveryId = `20261025-090000000-${'a'.repeat(16)}`;
  const record = emptyRecord({ deliveryId, index: 0, source: 'shop' });
  const replayedAt = '2026-11-23T09:00:00.000Z';
  await stores.records.create([{ record: { ...record, turn: 1, replayedAt } }]);
  expect(await resumeOverdue(stores, now)).toEqual({ resumed: 1, failed: [] });
  expect(memory.messages).toMatchObject([{ content: { deliveryId, turn: 2 } }]);
});

test('that an issue is muted is forgotten after the retention time, when no change of it is left', async () => {
  let time = now.getTime();
  const stores = memoryStores(
    new Memory(),
    () => time,
    async (effect) => effect(),
  );
  const parkedFor = (deliveryId: string, reason: string) => ({
    ...emptyRecord({ deliveryId, index: 0, source: 'shop' }),
    status: 'parked' as const,
    reason,
  });
  const [left = '', gone = ''] = ids;
  const kept = parkedFor(left, 'too-large');
  await stores.records.create([{ record: kept }]);
  const idOf = (record: typeof kept) => causesOf(record, 'parked').map(issueIdOf).join();
  const ended = idOf(parkedFor(gone, 'poison'));
  for (const id of [idOf(kept), ended]) await stores.mutedIssues.add(id);

  const dayMs = 24 * 3_600_000;
  time += 29 * dayMs;
  await deleteExpired(30, stores, new Date(time));
  expect(await stores.mutedIssues.all()).toEqual(new Set([idOf(kept), ended]));
  time += 2 * dayMs;
  expect(await deleteExpired(30, stores, new Date(time))).toBe(1);
  expect(await stores.mutedIssues.all()).toEqual(new Set([idOf(kept)]));
});
