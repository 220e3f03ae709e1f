import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DeliveryRecord } from '../../../src/delivery/record/record.ts';
import {
  type Command,
  commandsWith,
  Happen,
  type Model,
  newestValues,
  olderOverNewer,
  Send,
  start,
} from './commands.ts';
import { SimulatedRelay } from './simulated-relay.ts';

/** Runs the commands, lets everything end, and expects what holds whatever happened. */
async function expectNewest(seed: number, commands: Iterable<Command>, hasUniqueValues = false) {
  const relay = new SimulatedRelay(seed);
  const model: Model = { sent: [], hasUniqueValues };
  await fc.asyncModelRun(() => ({ model, real: relay }), commands);
  await relay.settle();
  for (const [id, expected] of newestValues(model, relay)) expect(relay.held.get(id)).toMatchObject(expected);
  const records = [...relay.memory.records.values()].map(({ record }) => record);
  const isFinished = ({ status }: DeliveryRecord) => ['applied', 'unchanged', 'stale'].includes(status);
  expect(records.filter((record) => !isFinished(record))).toEqual([]);
  expect(records).toHaveLength(model.sent.length);
  expect(wrongCopies(relay)).toEqual([]);
  return { relay, model };
}

/** Copies in the indexes of customers that say otherwise than the record, but for when the attempt was. */
function wrongCopies({ memory }: SimulatedRelay) {
  const said = ({ status, reason, dropped, leftOut, customerId }: DeliveryRecord) =>
    JSON.stringify([status, reason, dropped, leftOut, customerId]);
  return [...memory.customers.values()].flatMap(({ noted }) =>
    [...noted].flatMap(([key, { record: copy }]) => {
      const stored = memory.records.get(key);
      if (!copy || (stored && said(stored.record) === said(copy))) return [];
      return { key, copy, record: stored?.record };
    }),
  );
}

const numRuns = Number(process.env.MODEL_RUNS ?? 150);

test(
  'changes, repeats, replays, crashes, freezes and lost answers end as if each change had come once and in order',
  () =>
    fc.assert(
      fc.asyncProperty(fc.nat(), commandsWith([]), async (seed, commands) => {
        await expectNewest(seed, commands);
      }),
      { numRuns, endOnFailure: true },
    ),
  300_000,
);

test(
  'no write ever puts an older value over a newer one',
  () =>
    fc.assert(
      fc.asyncProperty(fc.nat(), commandsWith([]), async (seed, commands) => {
        const { relay, model } = await expectNewest(seed, commands, true);
        expect(olderOverNewer(model, relay)).toEqual([]);
      }),
      { numRuns, endOnFailure: true },
    ),
  300_000,
);

test('even a call that stands still in its socket until its lease has run out leads to the newest value', () => {
  const stuck = fc.constant(
    new Happen('the next call is stuck in the socket', ({ fates: next }) => {
      // A message whose worker disappears five times is poison, and parked: that is as it should be.
      if (next.filter((fate) => fate === 'stuck in the socket').length < 3) next.push('stuck in the socket');
    }),
  );
  return fc.assert(
    fc.asyncProperty(fc.nat(), commandsWith([stuck, stuck]), async (seed, commands) => {
      await expectNewest(seed, commands);
    }),
    { numRuns, endOnFailure: true },
  );
}, 120_000);

test('a call of a process that died takes effect late, and yet nothing older comes over something newer', () => {
  const begins = new Happen('the call begins', async ({ fates: left, simulation }) => {
    while (left.length > 0) await simulation.pass(50);
  });
  const commands = [
    new Happen('the next call takes effect late', (relay) => void relay.fates.push('late')),
    new Send('7', 0, { FirstName: 'x' }),
    begins,
    ...[0, 1].map((index) => new Happen(`crash of instance ${index}`, (relay) => relay.crash(index))),
    new Send('7', 1, { FirstName: 'y' }),
  ];
  return fc.assert(
    fc.asyncProperty(fc.nat(), async (seed) => {
      const { relay, model } = await expectNewest(seed, commands, true);
      expect(olderOverNewer(model, relay)).toEqual([]);
    }),
    { numRuns: Math.ceil(numRuns / 3), endOnFailure: true },
  );
}, 120_000);

const changeOf = (FirstName: 'older' | 'newer') => ({
  customer: { customerId: '7' },
  occurredAt: new Date(start + (FirstName === 'older' ? 1 : 2) * 60_000).toISOString(),
  fields: { FirstName },
});

test.each([
  [
    'a process that stands still until its lease has run out makes no call',
    'stands still before it',
    'older',
  ],
  ['what was written although the call failed is in doubt', 'failed after all', 'newer'],
] as const)('%s: nothing older comes over something newer', async (_, fate, first) => {
  // Which of the two has its turn next differs.
  for (let seed = 1; seed <= 20; seed++) {
    const relay = new SimulatedRelay(seed);
    relay.fates.push(fate);
    await relay.send('first', changeOf(first));
    await relay.simulation.pass(5000);
    await relay.send('second', changeOf(first === 'older' ? 'newer' : 'older'));
    await relay.settle();
    const written = relay.effects.map(({ patch }) => patch.FirstName);
    expect(written.at(-1)).toBe('newer');
    // The older one may be written before, by who takes its message over.
    expect(written.indexOf('newer')).toBeGreaterThan(written.lastIndexOf('older'));
  }
});
