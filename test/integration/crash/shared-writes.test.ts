import { afterAll, beforeAll, describe, test } from 'vitest';
import type { Surroundings } from '../../../local/stack.ts';
import { deliveriesAtOnce } from './scenarios.ts';
import { expectSurvival, moments, startCrashSurroundings, testTimeoutMs } from './survival.ts';

/** What several deliveries share, and the end of the message that they came with. */
const steps = [
  ['put several deliveries into the queue with one message', 'POST messages of several', 1],
  ['record several deliveries in one transaction', 'POST $batch relaydeliveries of several', 1],
  ['take a message out of the queue', 'DELETE messages', 1],
  ['take the other message out of the queue', 'DELETE messages', 2],
] as const;

let surroundings: Surroundings;
beforeAll(async () => {
  surroundings = await startCrashSurroundings();
});
afterAll(() => surroundings?.stop());

describe.each(moments)('deliveries arrive together, and the process is killed %s the step', (moment) => {
  test.each(steps)(
    '%s (%s, no. %i)',
    (_, step, count) =>
      expectSurvival(
        surroundings,
        deliveriesAtOnce(),
        { step, count, moment },
        { slowFirst: ['POST $batch relaydeliveries'] },
      ),
    testTimeoutMs,
  );
});
