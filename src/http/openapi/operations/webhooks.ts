import * as z from 'zod';
import { acceptedAnswer, previewAnswer } from '../../answers.ts';
import { draftAnswer, draftBody } from '../../operator-answers.ts';
import { webhookAnswer, webhookBody } from '../components.ts';
import { bodyProblems, everyProblem, type Operation, type Parameter } from '../operation.ts';
import { operatorName, source } from '../parameters.ts';

const change = {
  customer: { customerId: '10542' },
  occurredAt: '2026-11-20T21:03:22Z',
  fields: { FirstName: 'Maria', LastName: 'Jensen' },
};

const waitPreference: Parameter = {
  name: 'Prefer',
  in: 'header',
  title: 'Prefer',
  description: 'wait: answer with the outcome (RFC 7240).',
  schema: z.string(),
  example: 'wait',
};

const isRecord: Parameter = {
  name: 'record',
  in: 'query',
  title: 'Is A Record',
  description:
    "true: the body is a record as the vendor's API gives it, for sources whose events only name one.",
  schema: z.boolean(),
  example: true,
};

/** Handshakes: a few vendors check an address before they send to it. */
const handshakes = (
  [
    ['HandshakeByGet', 'get'],
    ['HandshakeByHead', 'head'],
    ['HandshakeByOptions', 'options'],
  ] as const
).map(
  ([id, method]): Operation => ({
    id,
    method,
    route: 'webhooks/{source}',
    tag: 'webhooks',
    summary: `Answer a handshake by ${method.toUpperCase()}`,
    description: 'As the vendor of the source documents it. Sources without such a handshake answer 401.',
    security: 'signature',
    parameters: [source],
    answers: [{ status: 200, description: "As the vendor's protocol prescribes." }],
    problems: [...everyProblem, ...bodyProblems, 'unauthorized', 'unknown-source', 'secrets-unavailable'],
  }),
);

export const webhookOperations: readonly Operation[] = [
  ...handshakes,
  {
    id: 'TakeWebhook',
    method: 'post',
    route: 'webhooks/{source}',
    tag: 'webhooks',
    summary: 'Take a webhook',
    description:
      "Verifies the source's signature and puts the delivery into the queue. It is mapped and applied from there; what cannot be mapped is parked.",
    security: 'signature',
    parameters: [source, waitPreference],
    body: { description: 'The delivery.', schema: webhookBody, examples: { canonical: change } },
    answers: [
      {
        status: 200,
        description:
          "There is nothing to do for the sender's event, or the outcome was waited for: the delivery. Some vendors prescribe an answer of their own.",
        schema: webhookAnswer,
        examples: {
          applied: {
            deliveryId: '20261123-170631123-3fa9c2d17b5e4a06',
            status: 'applied',
            source: 'in-house',
            receivedAt: '2026-11-23T17:06:31.123Z',
            changes: [
              {
                index: 0,
                status: 'applied',
                customerId: '10542',
                occurredAt: '2026-11-20T21:03:22.000Z',
                fields: ['FirstName', 'LastName'],
                dropped: [],
                attempts: [{ at: '2026-11-23T17:06:31.480Z', outcome: 'applied', status: 200 }],
                failedAttempts: 0,
                violations: [],
              },
            ],
          },
        },
        headers: ['Location'],
      },
      {
        status: 202,
        description:
          'Safe, and mapped and applied from the queue. Of a repeat, its Location tells what became of the first one.',
        schema: acceptedAnswer,
        examples: {
          accepted: { deliveryId: '20261123-170631123-3fa9c2d17b5e4a06', status: 'pending' },
        },
        headers: ['Location', 'Retry-After'],
      },
    ],
    problems: [...everyProblem, ...bodyProblems, 'unauthorized', 'unknown-source', 'secrets-unavailable'],
  },
  {
    id: 'PreviewWebhook',
    method: 'post',
    route: 'preview/{source}',
    tag: 'webhooks',
    summary: 'Preview the changes that a payload would give',
    description: 'A dry run without a signature: nothing is recorded and nothing is sent.',
    security: 'function-key',
    parameters: [source, isRecord],
    body: { description: 'The payload.', schema: webhookBody, examples: { canonical: change } },
    answers: [
      {
        status: 200,
        description: 'What it would give.',
        schema: previewAnswer,
        examples: {
          mapped: { status: 'mapped', changes: [{ ...change, occurredAt: '2026-11-20T21:03:22.000Z' }] },
          ignored: { status: 'ignored', reason: 'topic orders/create' },
        },
      },
    ],
    problems: ['configuration-incomplete', 'unexpected', ...bodyProblems, 'invalid', 'unknown-source'],
  },
];

/** A dry run of a mapping that nobody has saved. */
export const draftOperation: Operation = {
  id: 'PreviewDraft',
  method: 'post',
  route: 'preview/{source}/draft',
  tag: 'webhooks',
  summary: 'Preview what a mapping of your own makes of a payload',
  description:
    'As the preview, with the problems beside the changes, and with a mapping from the request. Nothing is saved, recorded or sent.',
  security: 'function-key',
  parameters: [source, operatorName],
  body: {
    description: 'The payload, and optionally headers and a mapping.',
    schema: draftBody,
    examples: {
      'a mapping of your own': {
        payload: { id: 10542, first_name: 'Maria' },
        mapping: '{ "customer": { "customerId": id }, "fields": { "FirstName": first_name } }',
      },
    },
  },
  answers: [
    {
      status: 200,
      description: 'What it makes of it, or why it makes nothing.',
      schema: draftAnswer,
      examples: {
        mapped: {
          status: 'mapped',
          mapping: '{ "customer": { "customerId": id }, "fields": { "FirstName": first_name } }',
          changes: [{ ...change, occurredAt: '2026-11-20T21:03:22.000Z' }],
          leftOut: [],
          violations: [],
        },
      },
    },
  ],
  problems: [...everyProblem, ...bodyProblems, 'invalid', 'unknown-source', 'unknown-delivery'],
};
