import * as z from 'zod';
import { actNames } from '../../../delivery/record/act.ts';
import {
  actListAnswer,
  countsAnswer,
  pauseAnswer,
  pauseBody,
  pauseListAnswer,
  sourceListAnswer,
} from '../../operator-answers.ts';
import { bodyProblems, everyProblem, type Operation, type Parameter } from '../operation.ts';
import { operatorName, pageSize, pageStart } from '../parameters.ts';

const pauseSubject: Parameter = {
  name: 'subject',
  in: 'path',
  title: 'Subject',
  description: 'all, source:<name> or customer:<id>: what nothing is written of.',
  schema: z.string(),
  example: 'source:shopify',
};

const pause = {
  subject: 'source:shopify',
  note: 'wrong mapping, Anna corrects it',
  since: '2026-11-23T17:06:31.123Z',
  by: 'anna',
};

/** What became of changes, by source and hour. */
export const countOperations: readonly Operation[] = [
  {
    id: 'GetCounts',
    method: 'get',
    route: 'counts',
    tag: 'sources',
    summary: 'Count what became of changes, by source and hour',
    description:
      'By the hour in which they were received. The hour that is not over is counted as it stands.',
    security: 'function-key',
    parameters: [
      {
        name: 'hours',
        in: 'query',
        title: 'Hours',
        description: 'How many hours back, the current one included.',
        schema: z.int().min(1).max(48).default(24),
        example: 24,
      },
    ],
    answers: [
      {
        status: 200,
        description: 'The counts.',
        schema: countsAnswer,
        examples: {
          'an hour': {
            since: '2026-11-22T18:00:00.000Z',
            asOf: '2026-11-23T17:20:00.000Z',
            hours: [
              {
                source: 'shopify',
                hour: '2026-11-23T16:00:00.000Z',
                accepted: 120,
                applied: 96,
                leftOut: 3,
                parked: 2,
                pending: 0,
                unchanged: 20,
                stale: 2,
                other: 0,
                medianDelayMs: 310,
                slowestDelayMs: 5400,
              },
            ],
          },
        },
      },
    ],
    problems: [...everyProblem, 'invalid'],
  },
];

/** What operators have paused. */
export const pauseOperations: readonly Operation[] = [
  {
    id: 'ListPauses',
    method: 'get',
    route: 'pauses',
    tag: 'pauses',
    summary: 'List what is paused by hand',
    security: 'function-key',
    answers: [
      {
        status: 200,
        description: 'The pauses.',
        schema: pauseListAnswer,
        examples: { 'a source': { pauses: [pause] } },
      },
    ],
    problems: everyProblem,
  },
  {
    id: 'Pause',
    method: 'put',
    route: 'pauses/{subject}',
    tag: 'pauses',
    summary: 'Pause everything, a source or a customer',
    description:
      'Webhooks are still taken; their changes wait without using the retry schedule up. Takes effect within seconds.',
    security: 'function-key',
    parameters: [pauseSubject, operatorName],
    body: {
      description: 'Why, and until when.',
      schema: pauseBody,
      examples: { 'until somebody resumes it': { note: pause.note } },
    },
    answers: [
      {
        status: 200,
        description: 'Paused.',
        schema: pauseAnswer,
        examples: { paused: pause },
      },
    ],
    problems: [...everyProblem, ...bodyProblems, 'invalid'],
  },
  {
    id: 'Resume',
    method: 'delete',
    route: 'pauses/{subject}',
    tag: 'pauses',
    summary: 'Resume what was paused by hand',
    security: 'function-key',
    parameters: [pauseSubject, operatorName],
    answers: [{ status: 204, description: 'Resumed, or it was not paused.' }],
    problems: [...everyProblem, 'invalid'],
  },
];

/** How the sources stand. */
export const sourceOperations: readonly Operation[] = [
  {
    id: 'ListSources',
    method: 'get',
    route: 'sources',
    tag: 'sources',
    summary: 'List the sources and how they stand',
    security: 'function-key',
    answers: [
      {
        status: 200,
        description: 'The sources of relay.json.',
        schema: sourceListAnswer,
        examples: {
          sources: {
            sources: [
              {
                name: 'shopify',
                kind: 'shopify',
                address: 'https://relay.example.com/api/webhooks/shopify',
                mode: 'queued',
                state: 'ready',
                secrets: [{ name: 'shopify-webhook-secret', isReadable: true, isUsable: true }],
                lastAccepted: '2026-11-23T17:06:31.123Z',
                lastRefused: { at: '2026-11-23T16:58:00.000Z', reason: 'unauthorized' },
              },
            ],
          },
        },
      },
    ],
    problems: everyProblem,
  },
];

/** What operators did. */
export const actOperations: readonly Operation[] = [
  {
    id: 'ListActs',
    method: 'get',
    route: 'acts',
    tag: 'acts',
    summary: 'List what operators did',
    description: 'Newest first. The name is what the caller gave; nobody has proven it unless signedIn.',
    security: 'function-key',
    parameters: [
      {
        name: 'act',
        in: 'query',
        title: 'Act',
        description: 'Only these.',
        schema: z.enum(actNames),
        example: 'show-values',
      },
      { ...pageSize, description: 'How many acts a page holds, about.' },
      { ...pageStart, example: 'eyJuZXh0UGFydGl0aW9uS2V5IjoieCJ9' },
    ],
    answers: [
      {
        status: 200,
        description: 'A page. It may be empty and still have a next one.',
        schema: actListAnswer,
        examples: {
          'a page': {
            acts: [
              {
                at: '2026-11-23T17:06:31.123Z',
                act: 'replay',
                subject: 'delivery 20261123-170631123-3fa9c2d17b5e4a06',
                by: 'anna',
                signedIn: false,
              },
            ],
          },
        },
      },
    ],
    problems: [...everyProblem, 'invalid'],
  },
];
