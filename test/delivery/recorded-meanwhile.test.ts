import { expect, test } from 'vitest';
import {
  applyDirectly,
  type DirectRequest,
  enqueueDirectly,
} from '../../src/delivery/attempt/apply-directly.ts';
import { parkPoison } from '../../src/delivery/attempt/park.ts';
import { changeOf, setUp } from './relay-in-memory.ts';

const request: DirectRequest = {
  customer: { customerId: '7' },
  fields: { FirstName: 'Anna' },
  leftOut: [],
  isStrict: true,
  senderId: 'own-id',
  isRepeatable: true,
};

test('a direct request that is put into the queue while a repeat of it is tried, and returned: it is tried', async () => {
  const { stores, context, answers, records, workOff } = setUp();
  answers.push({ outcome: 'unavailable', reason: 'server-error', inDoubt: false, status: 503 });
  const create: typeof stores.records.create = async (...given) => {
    await applyDirectly(request, context);
    return stores.records.create(...given);
  };
  await enqueueDirectly(request, {
    ...context,
    stores: { ...stores, records: { ...stores.records, create } },
  });
  await workOff();
  expect(records()).toMatchObject([{ status: 'applied' }]);
});

test('a direct request whose process died before its message was sent: its repeat sends one', async () => {
  const { stores, context, records, workOff } = setUp();
  const send = () => Promise.reject(new Error('the process died'));
  const dying = { ...context, stores: { ...stores, queue: { ...stores.queue, send } } };
  await expect(enqueueDirectly(request, dying)).rejects.toThrow('died');
  expect(records()).toMatchObject([{ status: 'pending' }]);
  const deliveryId = await enqueueDirectly(request, context);
  await workOff();
  expect(records()).toMatchObject([{ deliveryId, status: 'applied' }]);
});

test('a poison message whose sender says only now that it was sent: its change is parked', async () => {
  const { stores, contextOn, answers, taken, delivered, records, messages } = setUp();
  answers.push({ outcome: 'unavailable', reason: 'throttled', inDoubt: false, status: 429 });
  await delivered(await taken(changeOf('7')));
  const [sent] = messages();
  if (!sent || 'deliveries' in sent) throw new Error('the change has no message');
  const poison = { ...sent, turn: sent.turn + 1 };
  let isSaid = false;
  const update: typeof stores.records.update = async (...given) => {
    const stored = await stores.records.read(poison);
    if (stored && !isSaid)
      await stores.records.update({ record: { ...stored.record, turn: poison.turn } }, stored);
    isSaid = true;
    return stores.records.update(...given);
  };
  const over = contextOn({ ...stores, records: { ...stores.records, update } });
  expect(await parkPoison(poison, over)).toHaveLength(1);
  expect(records()).toMatchObject([{ status: 'parked', reason: 'poison' }]);
});

test.each(['at once', 'after it was returned before'])(
  'a direct request that is applied while a repeat of it is returned, %s: its record says that it is applied',
  async (when) => {
    const { stores, context, contextOn, answers, records, pass } = setUp();
    const down = { outcome: 'unavailable', reason: 'server-error', inDoubt: false, status: 503 } as const;
    if (when === 'after it was returned before') {
      answers.push(down);
      await applyDirectly(request, context);
    }
    let isReturned = false;
    /** The repeat is returned right before this one says what came of it. */
    const afterTheRepeat =
      <Given extends unknown[]>(write: (...given: Given) => Promise<boolean>) =>
      async (...given: Given) => {
        if (!isReturned) {
          isReturned = true;
          answers.push(down);
          // With the same value it would find it written already.
          await applyDirectly({ ...request, fields: { FirstName: 'Anne' } }, context);
        }
        return write(...given);
      };
    const { create, update } = stores.records;
    const over = { ...stores.records, create: afterTheRepeat(create), update: afterTheRepeat(update) };
    pass(1000);
    await applyDirectly(request, contextOn({ ...stores, records: over }));
    expect(records()).toMatchObject([{ status: 'applied' }]);
  },
);
