import { afterAll, beforeAll, describe, test } from 'vitest';
import type { Surroundings } from '../../../local/stack.ts';
import { expectSurvival, moments, startCrashSurroundings } from './survival.ts';

/** What a change leaves behind after DirectScale answered 500 to its first attempt. */
const steps = [
  ['record in the state that the end is in doubt', 'PUT relaycustomers', 2],
  ['put the change into the queue again', 'POST messages', 2],
  ['record the failed attempt', 'PATCH relaydeliveries', 1],
  ['take the old message out of the queue', 'DELETE messages', 1],
  ['take the lease again', 'PUT relaycustomers', 3],
  ['write to DirectScale again', 'PATCH customers', 2],
  ['record in the state what was applied', 'PUT relaycustomers', 4],
  ['record the outcome', 'PATCH relaydeliveries', 2],
] as const;

let surroundings: Surroundings;
beforeAll(async () => {
  surroundings = await startCrashSurroundings();
});
afterAll(() => surroundings?.stop());

describe.each(moments)('DirectScale fails once, and the process is killed %s the step', (moment) => {
  test.each(steps)('%s (%s, no. %i)', (_, step, count) =>
    expectSurvival(surroundings, { step, count, moment }, { failsOnce: true }),
  );
});
