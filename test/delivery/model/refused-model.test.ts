import fc from 'fast-check';
import { expect, test } from 'vitest';
import { comparePositions, type Position } from '../../../src/delivery/record/position.ts';
import type { DeliveryRecord } from '../../../src/delivery/record/record.ts';
import { type Command, commandsWith, type Model, olderOverNewer, positionOf } from './commands.ts';
import { SimulatedRelay, traffic } from './simulated-relay.ts';

const isTaken = (value: string): boolean => !/^(refused|failing)/.test(value);

const names = ['FirstName', 'LastName', 'CompanyName', 'TaxId', 'Username'];
/** A change of several fields, some of which DirectScale does not take. */
const changesWith = (refused: 'refused' | 'failing') =>
  fc.dictionary(
    fc.constantFrom(...names),
    fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom('x', 'y') },
      { weight: 1, arbitrary: fc.constant(refused) },
    ),
    { minKeys: 1 },
  );

/** What was sent of a field of a customer, oldest first. */
type Sent = { readonly position: Position; readonly value: string }[];

function sentOf({ sent }: Model, relay: SimulatedRelay): Map<string, Map<string, Sent>> {
  const all = new Map<string, Map<string, Sent>>();
  for (const { id, body } of sent) {
    const { customerId } = body.customer;
    const ofCustomer = all.get(customerId) ?? new Map<string, Sent>();
    all.set(customerId, ofCustomer);
    const position = positionOf(id, body.occurredAt, relay);
    for (const [field, value] of Object.entries(body.fields))
      ofCustomer.set(field, [...(ofCustomer.get(field) ?? []), { position, value }]);
  }
  for (const ofCustomer of all.values())
    for (const sentValues of ofCustomer.values())
      sentValues.sort((a, b) => comparePositions(a.position, b.position));
  return all;
}

/** What may be held of a field in the end: the newest value, or, if that is not taken, one that is older and is. */
function possibleOf(sent: Sent): (string | undefined)[] {
  const newest = sent.at(-1)?.value ?? '';
  if (isTaken(newest)) return [newest];
  return [undefined, ...sent.map(({ value }) => value).filter(isTaken)];
}

async function expectOnlyRefusedLeftOut(seed: number, commands: Iterable<Command>, hasUniqueValues: boolean) {
  const relay = new SimulatedRelay(seed);
  const model: Model = { sent: [], hasUniqueValues };
  void relay.startTraffic();
  await fc.asyncModelRun(() => ({ model, real: relay }), commands);
  await relay.settle();
  for (const [customerId, fields] of sentOf(model, relay)) {
    for (const [field, sent] of fields)
      expect(possibleOf(sent)).toContain(relay.held.get(customerId)?.[field]);
  }
  const records = [...relay.memory.records.values()]
    .map(({ record }) => record)
    .filter(({ customerId }) => customerId !== traffic);
  expect(records).toHaveLength(model.sent.length);
  for (const record of records) expectTold(record, model, relay);
  return { relay, model };
}

/** A change ends as one that was written, but for what is told; it is parked only if DirectScale takes nothing of it. */
function expectTold(
  { status, reason, deliveryId, leftOut = [], dropped }: DeliveryRecord,
  model: Model,
  relay: SimulatedRelay,
) {
  const sent = model.sent.find(
    ({ id, body }) => positionOf(id, body.occurredAt, relay).changeId === `${deliveryId}/0`,
  );
  const values = Object.entries(sent?.body.fields ?? {});
  const refused = values.filter(([, value]) => !isTaken(value)).map(([field]) => field);
  // Calls that were lost besides may use up the attempts before each failing value has failed often enough. What is good is
  // written by then: what DirectScale holds was looked at before.
  const mayRunOut = refused.length > 0 ? ['retries-exhausted'] : [];
  const ends = ['applied', 'unchanged', 'stale', 'rejected', ...mayRunOut];
  expect(status === 'parked' ? reason : status).toBeOneOf(ends);
  for (const { path } of leftOut) expect(refused).toContain(path);
  if (status === 'applied')
    for (const field of refused) expect([...leftOut.map(({ path }) => path), ...dropped]).toContain(field);
  if (status === 'parked') expect(refused).not.toEqual([]);
}

const numRuns = Number(process.env.MODEL_RUNS ?? 30);

test.each(['refused', 'failing'] as const)(
  'values that are %s cost themselves only, whatever crashes, stands still, comes again or out of order',
  (kind) =>
    fc.assert(
      fc.asyncProperty(fc.nat(), commandsWith([], changesWith(kind)), async (seed, commands) => {
        await expectOnlyRefusedLeftOut(seed, commands, false);
      }),
      { numRuns, endOnFailure: true },
    ),
  240_000,
);

test.each(['refused', 'failing'] as const)(
  'while the relay looks for values that are %s, no write ever puts an older value over a newer one',
  (kind) =>
    fc.assert(
      fc.asyncProperty(fc.nat(), commandsWith([], changesWith(kind)), async (seed, commands) => {
        const { relay, model } = await expectOnlyRefusedLeftOut(seed, commands, true);
        expect(olderOverNewer(model, relay)).toEqual([]);
      }),
      { numRuns, endOnFailure: true },
    ),
  240_000,
);
