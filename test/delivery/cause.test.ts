import { expect, test } from 'vitest';
import { causesOf, issueIdOf } from '../../src/delivery/record/cause.ts';
import { newDeliveryId, recorded } from './recorded.ts';

test('a cause names no e-mail address, and is the same whoever it is about', () => {
  const ofSomebody = (email: string) => {
    const { record } = recorded(newDeliveryId(), {
      status: 'parked',
      reason: 'for-a-person',
      note: `Segment tells of a delete request for the user ${email}`,
      leftOut: [{ path: 'LastName', reason: `DirectScale refuses it (400): already that of ${email}` }],
    });
    return [...causesOf(record, 'parked'), ...causesOf(record, 'left-out')];
  };
  const causes = ofSomebody('maria1@example.com');
  expect(causes).toMatchObject([
    { words: 'Segment tells of a delete request for the user [e-mail address]' },
    { reason: 'DirectScale refuses it (400): already that of [e-mail address]' },
  ]);
  expect(causes.map(issueIdOf)).toEqual(ofSomebody('anna22@example.org').map(issueIdOf));
});
