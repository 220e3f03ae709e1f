import { afterAll, beforeAll, describe, test } from 'vitest';
import type { Surroundings } from '../../../local/stack.ts';
import { oneFieldRefused } from './scenarios.ts';
import { expectSurvival, moments, startCrashSurroundings, testTimeoutMs } from './survival.ts';

/** What the calls for parts of a change leave behind: the whole, a half, the refused field alone, the last one. */
const steps = [
  ['write the whole change to DirectScale, which refuses it', 'PATCH customers', 1],
  ['commit that its fields are suspected', 'PUT relaycustomers', 1],
  ['take the lease for a half of it', 'POST $batch relaycustomers', 2],
  ['write a half of it', 'PATCH customers', 2],
  ['commit that the other half is suspected', 'PUT relaycustomers', 2],
  ['take the lease for one field', 'POST $batch relaycustomers', 3],
  ['write one field', 'PATCH customers', 3],
  ['commit what became of it', 'PUT relaycustomers', 3],
  ['take the lease for the last field', 'POST $batch relaycustomers', 4],
  ['write the last field', 'PATCH customers', 4],
  ['commit what became of it', 'PUT relaycustomers', 4],
  ['record the change', 'POST $batch relaydeliveries', 1],
  ['take the delivery out of the queue', 'DELETE messages', 1],
] as const;

let surroundings: Surroundings;
beforeAll(async () => {
  surroundings = await startCrashSurroundings();
});
afterAll(() => surroundings?.stop());

describe.each(moments)('DirectScale refuses one field, and the process is killed %s the step', (moment) => {
  test.each(steps)(
    '%s (%s, no. %i)',
    (_, step, count) => expectSurvival(surroundings, oneFieldRefused(), { step, count, moment }),
    testTimeoutMs,
  );
});
