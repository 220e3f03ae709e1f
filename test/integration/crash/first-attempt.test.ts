import { afterAll, beforeAll, describe, test } from 'vitest';
import type { Surroundings } from '../../../local/stack.ts';
import { expectSurvival, moments, startCrashSurroundings } from './survival.ts';

/** Everything that one delivery leaves behind on its way, by the request that writes it. */
const steps = [
  ['remember the delivery', 'POST relayseen', 1],
  ['record its changes and its body', 'POST $batch', 1],
  ['note it in the index of the customer', 'PUT relaycustomers', 1],
  ['put the change into the queue', 'POST messages', 1],
  ['note that the delivery is safe', 'PATCH relayseen', 1],
  ['take the lease', 'POST relaycustomers', 1],
  ['write to DirectScale', 'PATCH customers', 1],
  ['record in the state what was applied', 'PUT relaycustomers', 2],
  ['record the outcome', 'PATCH relaydeliveries', 1],
  ['take the message out of the queue', 'DELETE messages', 1],
] as const;

let surroundings: Surroundings;
beforeAll(async () => {
  surroundings = await startCrashSurroundings();
});
afterAll(() => surroundings?.stop());

describe.each(moments)('the process is killed %s the step', (moment) => {
  test.each(steps)('%s (%s, no. %i)', (_, step, count) =>
    expectSurvival(surroundings, { step, count, moment }, { failsOnce: false }),
  );
});
