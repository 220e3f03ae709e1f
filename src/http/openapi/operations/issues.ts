import * as z from 'zod';
import { issueIdPattern } from '../../../delivery/record/cause.ts';
import { issueListAnswer, issueReplayAnswer } from '../../operator-answers.ts';
import { everyProblem, type Operation, type Parameter } from '../operation.ts';
import { dryRun, operatorName, pageStart, sourceFilter } from '../parameters.ts';

const issueId: Parameter = {
  name: 'issueId',
  in: 'path',
  title: 'Issue ID',
  description: 'The id of an issue, as the list tells it.',
  schema: z.string().regex(issueIdPattern),
  example: 'parked-3fa9c2d17b5e4a06',
};

const issue = {
  id: 'parked-3fa9c2d17b5e4a06',
  source: 'shopify',
  kind: 'parked',
  reason: 'rejected',
  words: 'CountryCode must be valid',
  changes: 12,
  customers: 9,
  first: '2026-11-23T17:06:31.123Z',
  last: '2026-11-24T08:11:02.017Z',
  isMuted: false,
};
const { words: _, ...rest } = issue;
const leftOut = {
  ...rest,
  id: 'left-out-9b1d0c7e55a2f384',
  kind: 'left-out',
  reason: 'is not a phone number',
  path: 'PrimaryPhone',
};

export const issueOperations: readonly Operation[] = [
  {
    id: 'ListIssues',
    method: 'get',
    route: 'issues',
    tag: 'issues',
    summary: 'List what is parked or left out, by cause',
    description: 'What has the same source, reason, and field or words is one issue.',
    security: 'function-key',
    parameters: [
      {
        name: 'status',
        in: 'query',
        title: 'Status',
        description: 'open: only those that nobody has muted. muted: only the others. Absent: all.',
        schema: z.enum(['open', 'muted']),
        example: 'open',
      },
      sourceFilter,
    ],
    answers: [
      {
        status: 200,
        description: 'The issues.',
        schema: issueListAnswer,
        examples: { issues: { issues: [issue, leftOut] } },
      },
    ],
    problems: [...everyProblem, 'invalid'],
  },
  {
    id: 'MuteIssue',
    method: 'put',
    route: 'issues/{issueId}/mute',
    tag: 'issues',
    summary: 'Mute an issue',
    description: 'It is known and is not shown among the open ones. Nothing else changes.',
    security: 'function-key',
    parameters: [issueId, operatorName],
    answers: [{ status: 204, description: 'Muted.' }],
    problems: [...everyProblem, 'invalid'],
  },
  {
    id: 'UnmuteIssue',
    method: 'delete',
    route: 'issues/{issueId}/mute',
    tag: 'issues',
    summary: 'Show a muted issue again',
    security: 'function-key',
    parameters: [issueId, operatorName],
    answers: [{ status: 204, description: 'Not muted any more, or it never was.' }],
    problems: [...everyProblem, 'invalid'],
  },
  {
    id: 'ReplayIssue',
    method: 'post',
    route: 'issues/{issueId}/replay',
    tag: 'issues',
    summary: 'Replay everything that has one cause',
    description:
      'The deliveries whose changes have this cause, and no others. As far as it goes in a minute.',
    security: 'function-key',
    parameters: [
      issueId,
      dryRun,
      { ...pageStart, example: 'eyJuZXh0UGFydGl0aW9uS2V5IjoieCJ9' },
      operatorName,
    ],
    answers: [
      {
        status: 200,
        description: 'Replayed, or counted; with a next when there is more.',
        schema: issueReplayAnswer,
        examples: {
          counted: { isDryRun: true, deliveries: 12, changes: 12, customers: 9, notReplayed: 0 },
        },
      },
    ],
    problems: [...everyProblem, 'invalid'],
  },
];
