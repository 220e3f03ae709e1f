import * as z from 'zod';
import { deliveryAnswer, listAnswer, pendingDeliveryAnswer, replayedAllAnswer } from '../../answers.ts';
import { remappedAnswer } from '../../operator-answers.ts';
import { type Answer, everyProblem, type Operation } from '../operation.ts';
import {
  changeFilter,
  deliveryId,
  dryRun,
  operatorName,
  pageSize,
  pageStart,
  withValues,
} from '../parameters.ts';

const applied = {
  index: 0,
  status: 'applied',
  customerId: '10542',
  occurredAt: '2026-11-23T17:06:29.000Z',
  fields: ['FirstName', 'PrimaryAddress'],
  dropped: [],
  attempts: [{ at: '2026-11-23T17:06:31.480Z', outcome: 'applied', status: 200, requestId: 'c0ffee01' }],
  failedAttempts: 0,
  violations: [],
};
const origin = {
  deliveryId: deliveryId.example,
  source: 'shopify',
  topic: 'customers/update',
  receivedAt: '2026-11-23T17:06:31.123Z',
};
const pending = {
  ...applied,
  status: 'pending',
  reason: 'throttled',
  attempts: [{ at: '2026-11-23T17:06:31.480Z', outcome: 'unavailable', reason: 'throttled', status: 429 }],
  failedAttempts: 1,
  nextAttemptAt: '2026-11-23T17:06:36.480Z',
};

const delivery: readonly Answer[] = [
  {
    status: 200,
    description: 'Nothing of it is pending any more.',
    schema: deliveryAnswer,
    examples: { applied: { ...origin, status: 'applied', changes: [applied] } },
  },
  {
    status: 202,
    description: 'Something of it is pending, or it is in the queue and nobody has read it yet: ask again.',
    schema: pendingDeliveryAnswer,
    examples: {
      pending: { ...origin, status: 'pending', changes: [pending] },
      'in the queue': { deliveryId: origin.deliveryId, status: 'pending' },
    },
    headers: ['Location', 'Retry-After'],
  },
];

export const deliveryOperations: readonly Operation[] = [
  {
    id: 'ListChanges',
    method: 'get',
    route: 'deliveries',
    tag: 'deliveries',
    summary: 'List what happened to each change',
    description: 'Newest first, a page at a time.',
    security: 'function-key',
    parameters: [...changeFilter, pageSize, pageStart],
    answers: [
      {
        status: 200,
        description: 'A page. It may be empty and still have a next one.',
        schema: listAnswer,
        examples: {
          'a page': {
            changes: [
              {
                ...origin,
                index: 0,
                status: 'parked',
                reason: 'customer-not-found',
                customerId: '10542',
                occurredAt: '2026-11-23T17:06:29.000Z',
                fields: ['FirstName'],
                dropped: [],
                failedAttempts: 0,
                lastAttempt: {
                  at: '2026-11-23T17:06:31.480Z',
                  outcome: 'customer-not-found',
                  status: 404,
                },
              },
            ],
          },
        },
      },
    ],
    problems: [...everyProblem, 'invalid'],
  },
  {
    id: 'GetDelivery',
    method: 'get',
    route: 'deliveries/{deliveryId}',
    tag: 'deliveries',
    summary: 'Get a delivery',
    description:
      'Each change with its attempts; of a repeat, those of the delivery that came first. 202 while pending: a Logic App waits by itself.',
    security: 'function-key',
    parameters: [
      deliveryId,
      {
        name: 'body',
        in: 'query',
        title: 'With Body',
        description:
          'true: with the raw body, while it is kept. It holds personal data; that somebody asked is noted.',
        schema: z.boolean(),
        example: true,
      },
      operatorName,
    ],
    answers: delivery,
    problems: [...everyProblem, 'unknown-delivery'],
  },
  {
    id: 'ReplayDelivery',
    method: 'post',
    route: 'deliveries/{deliveryId}/replay',
    tag: 'deliveries',
    summary: 'Replay a delivery',
    description:
      "Through today's mapping and into the queue again. Safe at any time: it overwrites nothing newer.",
    security: 'function-key',
    parameters: [deliveryId, operatorName],
    answers: delivery,
    problems: [...everyProblem, 'unknown-delivery', 'nothing-to-replay'],
  },
  {
    id: 'ReplayDeliveries',
    method: 'post',
    route: 'deliveries/replay',
    tag: 'deliveries',
    summary: 'Replay all deliveries that match',
    description: 'Parked ones, unless the query names a status. As far as it goes in a minute.',
    security: 'function-key',
    parameters: [...changeFilter, dryRun, pageStart, operatorName],
    answers: [
      {
        status: 200,
        description: 'Replayed; with a next when there is more.',
        schema: replayedAllAnswer,
        examples: { replayed: { isDryRun: false, replayed: 12, notReplayed: 0, changes: 14, customers: 9 } },
      },
    ],
    problems: [...everyProblem, 'invalid'],
  },
];

/** What today's mapping would make of a delivery. */
export const remapOperation: Operation = {
  id: 'RemapDelivery',
  method: 'get',
  route: 'deliveries/{deliveryId}/remapped',
  tag: 'deliveries',
  summary: "Get what today's mapping would make of a delivery",
  description: 'As a difference to what was recorded: names of fields, and problems. Nothing is changed.',
  security: 'function-key',
  parameters: [deliveryId, withValues, operatorName],
  answers: [
    {
      status: 200,
      description: 'The difference.',
      schema: remappedAnswer,
      examples: {
        'a corrected mapping': {
          deliveryId: origin.deliveryId,
          source: origin.source,
          mappingBefore: '3fa9c2d17b5e',
          mappingNow: '9b1d0c7e55a2',
          changes: [
            {
              index: 0,
              result: 'different',
              customerId: '10542',
              added: ['PrimaryPhone'],
              removed: [],
              changed: ['LastName'],
              leftOut: [],
              violations: [],
            },
          ],
        },
      },
    },
  ],
  problems: [...everyProblem, 'invalid', 'unknown-delivery', 'nothing-to-replay', 'secrets-unavailable'],
};
