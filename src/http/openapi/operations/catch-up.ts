import * as z from 'zod';
import { modes } from '../../../catch-up/report.ts';
import { importAnswer } from '../../answers.ts';
import { payloads } from '../components.ts';
import { bodyProblems, everyProblem, type Operation } from '../operation.ts';
import { source } from '../parameters.ts';

const payload = {
  customer: { customerId: '10542' },
  occurredAt: '2026-11-20T21:03:22Z',
  fields: { FirstName: 'Maria' },
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
];
