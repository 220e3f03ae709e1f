import * as z from 'zod';
import { directAcceptedAnswer, directChangeAnswer, forgottenAnswer } from '../../answers.ts';
import { comparisonAnswer, customerAnswer } from '../../operator-answers.ts';
import { customerChanges } from '../components.ts';
import { bodyProblems, everyProblem, type Operation } from '../operation.ts';
import { customerId, operatorName, withValues } from '../parameters.ts';

const deliveryId = '20261123-170631123-3fa9c2d17b5e4a06';
const applied = {
  deliveryId,
  index: 0,
  status: 'applied',
  customerId: '10542',
  occurredAt: '2026-11-23T17:06:31.123Z',
  fields: ['LastName', 'PrimaryAddress'],
  dropped: [],
  attempts: [{ at: '2026-11-23T17:06:31.480Z', outcome: 'applied', status: 200, requestId: 'c0ffee01' }],
  failedAttempts: 0,
  violations: [],
};

export const customerOperations: readonly Operation[] = [
  {
    id: 'UpdateCustomer',
    method: 'patch',
    route: 'customers/{customerId}',
    tag: 'customers',
    summary: 'Update a customer',
    description: 'Writes what changed to DirectScale and answers in the same call with the outcome.',
    security: 'function-key',
    parameters: [
      customerId,
      {
        name: 'occurredAt',
        in: 'query',
        title: 'Occurred At',
        description:
          'When the customer changed: ISO 8601 with a zone, or epoch. An older change overwrites no newer one. Absent: now.',
        schema: z.string(),
        example: '2026-11-23T17:06:31Z',
      },
      {
        name: 'Idempotency-Key',
        in: 'header',
        title: 'Idempotency Key',
        description: 'A repeat with the same key and the same change is answered with the first outcome.',
        schema: z.string(),
        example: '08586595201664692963773773294CU82',
      },
      {
        name: 'Prefer',
        in: 'header',
        title: 'Prefer',
        description:
          'respond-async: answer 202 at once, and apply the change from the queue. handling=lenient: leave out fields that cannot be used or that DirectScale refuses, tell them under leftOut, and apply the others (RFC 7240).',
        schema: z.string(),
        example: 'respond-async',
      },
    ],
    body: {
      description: 'The fields that change.',
      schema: customerChanges,
      examples: {
        'a new name and address': {
          LastName: 'Jensen',
          PrimaryAddress: {
            Street1: '2600 Executive Pkwy',
            Street2: 'Suite 400',
            City: 'Lehi',
            Region: 'UT',
            PostalCode: '84043',
            CountryCode: 'US',
          },
        },
        'an e-mail address': { EmailAddress: 'maria.jensen@example.com' },
        'clear a field': { CompanyName: '' },
      },
    },
    answers: [
      {
        status: 200,
        description: 'Done: applied, unchanged or stale.',
        schema: directChangeAnswer,
        examples: {
          applied,
          stale: { ...applied, status: 'stale', attempts: [{ at: applied.occurredAt, outcome: 'stale' }] },
        },
        headers: ['Location'],
      },
      {
        status: 202,
        description: 'Safe, and applied later.',
        schema: directAcceptedAnswer,
        examples: { accepted: { deliveryId, status: 'pending' } },
        headers: ['Location', 'Retry-After'],
      },
    ],
    problems: [
      ...everyProblem,
      ...bodyProblems,
      'invalid',
      'rejected',
      'address-incomplete',
      'customer-not-found',
      'customer-busy',
      'customer-paused',
      'paused-by-hand',
      'upstream-unavailable',
      'upstream-misconfigured',
      'secrets-unavailable',
    ],
  },
  {
    id: 'ForgetCustomer',
    method: 'delete',
    route: 'customers/{customerId}/deliveries',
    tag: 'customers',
    summary: 'Forget what is kept of a customer',
    description: "Deletes the customer's deliveries, bodies and state; nothing at DirectScale.",
    security: 'function-key',
    parameters: [customerId, operatorName],
    answers: [
      {
        status: 200,
        description: 'Forgotten.',
        schema: forgottenAnswer,
        examples: { forgotten: { deletedRecords: 3 } },
      },
    ],
    problems: [...everyProblem, 'invalid'],
  },
];

/** What is known of a customer, and whether DirectScale agrees. */
export const customerStateOperations: readonly Operation[] = [
  {
    id: 'GetCustomer',
    method: 'get',
    route: 'customers/{customerId}',
    tag: 'customers',
    summary: 'Get what the relay knows of a customer',
    description:
      'Per field when it changed, from which source and by which delivery it was written last; links and pauses. No values.',
    security: 'function-key',
    parameters: [customerId],
    answers: [
      {
        status: 200,
        description: 'What is known; of a customer that nothing was written to, nothing.',
        schema: customerAnswer,
        examples: {
          'a customer': {
            customerId: '10542',
            fields: [
              {
                path: 'LastName',
                occurredAt: '2026-11-23T17:06:29.000Z',
                receivedAt: '2026-11-23T17:06:31.123Z',
                source: 'shopify',
                deliveryId,
              },
            ],
            links: [],
            pauses: [],
          },
        },
      },
    ],
    problems: [...everyProblem, 'invalid'],
  },
  {
    id: 'CompareCustomer',
    method: 'get',
    route: 'customers/{customerId}/comparison',
    tag: 'customers',
    summary: 'Compare what DirectScale holds with what the relay wrote last',
    description:
      'Reads the customer in DirectScale, and compares hashes. No values unless they are asked for.',
    security: 'function-key',
    parameters: [customerId, withValues, operatorName],
    answers: [
      {
        status: 200,
        description: 'Field by field.',
        schema: comparisonAnswer,
        examples: {
          compared: {
            customerId: '10542',
            readAt: '2026-11-23T17:06:31.123Z',
            fields: [
              { path: 'FirstName', result: 'equal' },
              { path: 'LastName', result: 'different' },
            ],
          },
        },
      },
    ],
    problems: [
      ...everyProblem,
      'invalid',
      'customer-not-found',
      'upstream-unavailable',
      'upstream-misconfigured',
      'secrets-unavailable',
    ],
  },
];
