import { afterAll, beforeAll, describe, test } from 'vitest';
import type { Surroundings } from '../../../local/stack.ts';
import { tooLargeForTheQueue } from './scenarios.ts';
import { expectSurvival, moments, startCrashSurroundings, testTimeoutMs } from './survival.ts';

/** What is written beside, or in another way, if the request of a delivery does not fit into a message. */
const steps = [
  ['store the request', 'POST $batch relaydeliveries', 1],
  ['put the delivery into the queue', 'POST messages', 1],
  ['claim its identity', 'POST relayseen', 1],
  ['record the change', 'POST $batch relaydeliveries', 2],
  ['take the delivery out of the queue', 'DELETE messages', 1],
] as const;

let surroundings: Surroundings;
beforeAll(async () => {
  surroundings = await startCrashSurroundings();
});
afterAll(() => surroundings?.stop());

describe.each(moments)(
  'a delivery is too large for the queue, and the process is killed %s the step',
  (moment) => {
    test.each(steps)(
      '%s (%s, no. %i)',
      (_, step, count) => expectSurvival(surroundings, tooLargeForTheQueue(), { step, count, moment }),
      testTimeoutMs,
    );
  },
);
