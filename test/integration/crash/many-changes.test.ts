import { afterAll, beforeAll, describe, test } from 'vitest';
import type { Surroundings } from '../../../local/stack.ts';
import { manyChanges } from './scenarios.ts';
import { expectSurvival, moments, startCrashSurroundings, testTimeoutMs } from './survival.ts';

/** What is written before any of many changes is attempted, and by the first and the last of them. */
const steps = [
  ['note a change in the index of its customer', 'PUT relaycustomers', 1],
  ['note all of them in the index of what is pending', 'POST $batch relayopen', 1],
  ['record all changes', 'POST $batch relaydeliveries', 1],
  ['put the first change into the queue', 'POST messages', 2],
  ['put the last change into the queue', 'POST messages', 23],
  ['take the delivery out of the queue', 'DELETE messages', 1],
  ['write one of them to DirectScale', 'PATCH customers', 5],
  ['record the outcome of one of them', 'PUT relaydeliveries', 5],
  ['remove one of them from the index of what is pending', 'DELETE relayopen', 5],
] as const;

let surroundings: Surroundings;
beforeAll(async () => {
  surroundings = await startCrashSurroundings();
});
afterAll(() => surroundings?.stop());

describe.each(moments)('a delivery holds many changes, and the process is killed %s the step', (moment) => {
  test.each(steps)(
    '%s (%s, no. %i)',
    (_, step, count) => expectSurvival(surroundings, manyChanges(), { step, count, moment }),
    testTimeoutMs,
  );
});
