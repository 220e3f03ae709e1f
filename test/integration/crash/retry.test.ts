import { afterAll, beforeAll, describe, test } from 'vitest';
import type { Surroundings } from '../../../local/stack.ts';
import { oneChange } from './scenarios.ts';
import { expectSurvival, moments, startCrashSurroundings, testTimeoutMs } from './survival.ts';

/** What a change leaves behind after DirectScale answered 500 to its first attempt. */
const steps = [
  ['commit that the end is in doubt', 'PUT relaycustomers', 1],
  ['put the change into the queue', 'POST messages', 2],
  ['note it in the index of the customer', 'PUT relaycustomers', 2],
  ['note it in the index of what is pending', 'PUT relayopen', 1],
  ['record the failed attempt', 'POST $batch relaydeliveries', 1],
  ['confirm it in the index', 'PATCH relayopen', 1],
  ['note the copy of the record that waits', 'PUT relaycustomers', 3],
  ['take the delivery out of the queue', 'DELETE messages', 1],
  ['take the lease again', 'POST $batch relaycustomers', 2],
  ['write to DirectScale again', 'PATCH customers', 2],
  ['commit what was applied', 'POST $batch relaycustomers', 3],
  ['note that its record is being written', 'PUT relaycustomers', 4],
  ['take the confirmation back', 'PUT relayopen', 2],
  ['record the outcome', 'PUT relaydeliveries', 1],
  ['remove it from the index of what is pending', 'DELETE relayopen', 1],
  ['note the copy of the record', 'PUT relaycustomers', 5],
  ['take the change out of the queue', 'DELETE messages', 2],
] as const;

let surroundings: Surroundings;
beforeAll(async () => {
  surroundings = await startCrashSurroundings();
});
afterAll(() => surroundings?.stop());

describe.each(moments)('DirectScale fails once, and the process is killed %s the step', (moment) => {
  test.each(steps)(
    '%s (%s, no. %i)',
    (_, step, count) =>
      expectSurvival(surroundings, oneChange(), { step, count, moment }, { failsOnce: true }),
    testTimeoutMs,
  );
});
