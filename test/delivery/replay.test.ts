import { expect, test } from 'vitest';
import { replay } from '../../src/delivery/operate/replay.ts';
import { canonical } from '../../src/sources/canonical/canonical.ts';
import { changeOf, crm, noon, setUp } from './relay-in-memory.ts';

/** A delivery of two changes that DirectScale refused, of which the relay reads only the first today. */
async function readOtherwise() {
  const relay = setUp();
  relay.answers.push({ outcome: 'rejected', status: 400 }, { outcome: 'rejected', status: 400 });
  await relay.delivered(await relay.taken([changeOf('7'), changeOf('8')]));
  expect(relay.records().map(({ status }) => status)).toEqual(['parked', 'parked']);
  const read: typeof canonical.read = (...given) => ({
    ...canonical.read(...given),
    content: { type: 'changes', payload: changeOf('7') },
  });
  const sources = new Map([['crm', { ...crm, kind: { ...canonical, read } }]]);
  const deliveryId = relay.records()[0]?.deliveryId ?? '';
  return {
    ...relay,
    replayOn: (stores = relay.stores) => replay(deliveryId, sources, stores, new Date(noon + 60_000)),
  };
}

test('a change that today is not read from the delivery any more ends, the others are tried again', async () => {
  const { replayOn, workOff, records, calls } = await readOtherwise();
  expect(await replayOn()).toMatchObject({ type: 'replayed', records: [{ index: 0 }, { index: 1 }] });
  await workOff();
  expect(records()).toMatchObject([
    { customerId: '7', status: 'applied' },
    { status: 'ignored', reason: 'no longer mapped' },
  ]);
  expect(calls.map(([customerId]) => customerId)).toEqual(['7', '8', '7']);
});

test('if somebody else changes that record meanwhile, the replay begins again: what it tells is what is recorded', async () => {
  const { replayOn, records, stores } = await readOtherwise();
  let isChanged = false;
  const update: typeof stores.records.update = async (next, before) => {
    if (next.record.reason === 'no longer mapped' && !isChanged) {
      isChanged = true;
      const { record } = before;
      await stores.records.update({ record: { ...record, turn: record.turn + 1 } }, before);
    }
    return stores.records.update(next, before);
  };
  const replayed = await replayOn({ ...stores, records: { ...stores.records, update } });
  expect(replayed).toMatchObject({ records: records() });
  expect(records()).toMatchObject([{ status: 'pending' }, { status: 'ignored' }]);
});
