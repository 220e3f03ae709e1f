import * as z from 'zod';
import { modes } from '../../../catch-up/report.ts';
import { importAnswer, walkStepAnswer, walksAnswer } from '../../answers.ts';
import { payloads, walkOrder } from '../components.ts';
import { bodyProblems, everyProblem, type Operation } from '../operation.ts';
import { source } from '../parameters.ts';

const payload = {
  customer: { customerId: '10542' },
  occurredAt: '2026-11-20T21:03:22Z',
  fields: { FirstName: 'Maria' },
};

const walk = {
  order: {
    foundBy: 'catch-up',
    mode: 'write',
    since: '2026-11-22T17:00:00.000Z',
    until: '2026-11-23T17:00:00.000Z',
  },
  startedAt: '2026-11-23T17:00:00.000Z',
  pages: 2,
  report: { read: 40, outcomes: { unchanged: 39, applied: 1 }, fields: { FirstName: { applied: 1 } } },
};

export const catchUpOperations: readonly Operation[] = [
  {
    id: 'ImportPayloads',
    method: 'post',
    route: 'import/{source}',
    tag: 'catch-up',
    summary: 'Import what no webhook told',
    description:
      "Payloads of an export, of a script, or recorded during an outage: mapped with the source's mapping and written, unless something newer was. What is done when this answers is written, or recorded with what it waits for.",
    security: 'function-key',
    parameters: [
      source,
      {
        name: 'readAt',
        in: 'query',
        title: 'Read At',
        description:
          'When the payloads were read where they come from: ISO 8601 with a zone. Whatever the relay received since then stands. Absent: now.',
        schema: z.iso.datetime({ offset: true }),
        example: '2026-11-23T06:00:00Z',
      },
      {
        name: 'mode',
        in: 'query',
        title: 'Mode',
        description:
          'write; dry-run: only say what would change; compare: only say how each field stands to what DirectScale holds.',
        schema: z.enum(modes),
        example: 'dry-run',
      },
      {
        name: 'repair',
        in: 'query',
        title: 'Repair',
        description: 'true: write also what somebody changed inside DirectScale since the relay wrote it.',
        schema: z.boolean(),
        example: false,
      },
    ],
    body: { description: 'The payloads.', schema: payloads, examples: { 'a change': [payload] } },
    answers: [
      {
        status: 200,
        description: 'What became of them, as far as it went in a minute.',
        schema: importAnswer,
        examples: {
          imported: {
            done: 1,
            report: { read: 1, outcomes: { applied: 1 }, fields: { FirstName: { applied: 1 } } },
            findings: [
              {
                index: 0,
                outcome: 'applied',
                customerId: '10542',
                deliveryId: '20261123-060000000-3fa9c2d17b5e4a06',
                fields: [{ path: 'FirstName' }],
              },
            ],
          },
        },
      },
    ],
    problems: [...everyProblem, ...bodyProblems, 'invalid', 'unknown-source', 'secrets-unavailable'],
  },
  {
    id: 'WalkCustomers',
    method: 'post',
    route: 'catch-up/{source}',
    tag: 'catch-up',
    summary: 'Read customers from the vendor',
    description:
      'Begins a walk over the customers of the vendor, or goes on with the one that is not at its end, for about ten seconds: ask again until it has ended.',
    security: 'function-key',
    parameters: [source],
    body: {
      description: 'Which customers, and what for.',
      schema: walkOrder,
      examples: { 'a dry run over all': { mode: 'dry-run' }, 'the last day': { since: walk.order.since } },
    },
    answers: [
      {
        status: 200,
        description: 'How it stands.',
        schema: walkStepAnswer,
        examples: {
          'not at its end': {
            ...walk,
            isElsewhere: false,
            stepFindings: [
              { outcome: 'applied', customerId: '10542', recordId: '7', fields: [{ path: 'FirstName' }] },
            ],
          },
        },
      },
    ],
    problems: [
      ...everyProblem,
      ...bodyProblems,
      'invalid',
      'unknown-source',
      'no-vendor-api',
      'walk-under-way',
    ],
  },
  {
    id: 'GetWalks',
    method: 'get',
    route: 'catch-up/{source}',
    tag: 'catch-up',
    summary: 'Get how the walks over the customers of a source stand',
    security: 'function-key',
    parameters: [source],
    answers: [
      {
        status: 200,
        description:
          'The last walk of each job: catch-up and reconcile by the timer, backfill by an operator.',
        schema: walksAnswer,
        examples: {
          'after a catch-up': {
            source: 'shopify',
            walks: { 'catch-up': { ...walk, endedAt: '2026-11-23T17:00:30.000Z', findings: [] } },
          },
        },
      },
    ],
    problems: [...everyProblem, 'unknown-source'],
  },
];
