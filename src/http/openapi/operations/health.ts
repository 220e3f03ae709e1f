import * as z from 'zod';
import { healthAnswer, healthDetailsAnswer } from '../../answers.ts';
import { descriptionAnswer } from '../components.ts';
import type { Operation } from '../operation.ts';

const ready = {
  status: 'ready',
  configuration: [],
  secrets: [{ name: 'directscale-subscription-key', store: 'key-vault', ageMs: 61_000 }],
  sources: { shopify: 'ready', 'in-house': 'ready' },
  storage: 'ready',
  directScale: { at: '2026-11-23T17:06:31.480Z', outcome: 'applied', status: 200 },
  queue: { waiting: 3, oldestDueSeconds: 0, poison: 0 },
};
const notReady = {
  status: 'not-ready',
  configuration: [{ path: 'MAX_BODY_BYTES', message: 'Invalid input: expected number, received NaN' }],
  secrets: [],
  sources: {},
  storage: 'unavailable',
};

export const healthOperations: readonly Operation[] = [
  {
    id: 'GetHealth',
    method: 'get',
    route: 'health',
    tag: 'health',
    summary: 'Is the relay ready?',
    security: 'none',
    answers: [
      {
        status: 200,
        description: 'Webhooks are taken: ready, or degraded, when something does not work.',
        schema: healthAnswer,
        examples: { ready: { status: 'ready' }, degraded: { status: 'degraded' } },
      },
      {
        status: 503,
        description: 'Nothing can be taken.',
        schema: healthAnswer,
        examples: { 'not ready': { status: 'not-ready' } },
      },
    ],
    problems: ['unexpected'],
  },
  {
    id: 'GetHealthDetails',
    method: 'get',
    route: 'health/details',
    tag: 'health',
    summary: 'What is missing, and how each dependency is',
    security: 'function-key',
    answers: [
      { status: 200, description: 'Ready, or degraded.', schema: healthDetailsAnswer, examples: { ready } },
      {
        status: 503,
        description: 'Nothing can be taken.',
        schema: healthDetailsAnswer,
        examples: { 'not ready': notReady },
      },
    ],
    problems: ['unexpected'],
  },
  {
    id: 'GetDescription',
    method: 'get',
    route: 'openapi.json',
    tag: 'health',
    summary: 'The description of this API',
    description: 'OpenAPI 3.1; with version=2 the 2.0 form that connector importers take.',
    security: 'none',
    parameters: [
      {
        name: 'version',
        in: 'query',
        title: 'Version',
        description: '3 (default) for OpenAPI 3.1, 2 for OpenAPI 2.0.',
        schema: z.enum(['2', '3']),
        example: '2',
      },
    ],
    answers: [
      {
        status: 200,
        description: 'The description.',
        schema: descriptionAnswer,
        examples: { beginning: { openapi: '3.1.1' } },
        headers: ['ETag'],
      },
      { status: 304, description: 'It has the ETag that If-None-Match names.', headers: ['ETag'] },
    ],
    problems: ['invalid', 'unexpected'],
  },
];
