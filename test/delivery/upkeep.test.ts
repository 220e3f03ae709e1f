import { expect, test } from 'vitest';
import { resumeOverdue } from '../../src/delivery/operate/upkeep.ts';
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
