import { afterAll, beforeAll, describe, test } from 'vitest';
import type { Surroundings } from '../../../local/stack.ts';
import { oneChange } from './scenarios.ts';
import { expectSurvival, moments, startCrashSurroundings, testTimeoutMs } from './survival.ts';

/** Everything that one delivery leaves behind on its way, by the request that writes it. */
const steps = [
  ['put the delivery into the queue', 'POST messages', 1],
  ['claim its identity', 'POST relayseen', 1],
  ['take the lease and note the change in the index of the customer', 'POST $batch relaycustomers', 1],
  ['write to DirectScale', 'PATCH customers', 1],
  ['commit what was applied, with a copy of the record', 'POST $batch relaycustomers', 2],
  ['record the change and its request', 'POST $batch relaydeliveries', 1],
  ['take the delivery out of the queue', 'DELETE messages', 1],
] as const;

let surroundings: Surroundings;
beforeAll(async () => {
  surroundings = await startCrashSurroundings();
});
afterAll(() => surroundings?.stop());

describe.each(moments)('the process is killed %s the step', (moment) => {
  test.each(steps)(
    '%s (%s, no. %i)',
    (_, step, count) => expectSurvival(surroundings, oneChange(), { step, count, moment }),
    testTimeoutMs,
  );
});
