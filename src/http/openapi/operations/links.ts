import * as z from 'zod';
import { customerIdSchema } from '../../../domain/customer-id.ts';
import { recordIdSchema } from '../../../domain/customer-reference.ts';
import { linkAnswer, linkListAnswer, linksSetAnswer } from '../../answers.ts';
import { linksAtOnce, linksOfCustomerAtOnce } from '../../link-requests.ts';
import { linkBody, linksBody } from '../components.ts';
import { bodyProblems, everyProblem, type Operation, type Parameter } from '../operation.ts';
import { operatorName, pageSize, pageStart, source } from '../parameters.ts';

const link = {
  source: 'salesforce',
  recordId: '0035g00000ABCDEAA4',
  customerId: '10542',
  origin: 'operator',
  since: '2026-11-23T17:06:31.123Z',
};
const found = { ...link, origin: 'look-up', foundBy: 'emailAddress' };

const recordId: Parameter = {
  name: 'recordId',
  in: 'path',
  title: 'Record ID',
  description: 'The id of the record in the system that it comes from.',
  schema: recordIdSchema,
  example: '0035g00000ABCDEAA4',
};

export const linkOperations: readonly Operation[] = [
  {
    id: 'ListLinks',
    method: 'get',
    route: 'links',
    tag: 'links',
    summary: 'List which record is which customer',
    description: 'A page at a time.',
    security: 'function-key',
    parameters: [
      {
        name: 'source',
        in: 'query',
        title: 'Source',
        description: 'Only links of this source.',
        schema: z.string(),
        example: 'salesforce',
      },
      {
        name: 'customer',
        in: 'query',
        title: 'Associate ID',
        description: 'Only links to the customer of this DirectScale id.',
        schema: customerIdSchema,
        example: '10542',
      },
      {
        ...pageSize,
        description: `How many links a page holds, about; of one customer at most ${linksOfCustomerAtOnce}.`,
        schema: z.int().min(1).max(linksAtOnce).default(50),
      },
      { ...pageStart, example: 'eyJuZXh0UGFydGl0aW9uS2V5IjoieCJ9' },
    ],
    answers: [
      {
        status: 200,
        description: 'A page. It may be empty and still have a next one.',
        schema: linkListAnswer,
        examples: { 'a page': { links: [link, found] } },
      },
    ],
    problems: [...everyProblem, 'invalid'],
  },
  {
    id: 'SetLinks',
    method: 'post',
    route: 'links',
    tag: 'links',
    summary: 'Link many records to their customers',
    description: `Up to ${linksAtOnce}: all, or none when one of them is invalid.`,
    security: 'function-key',
    parameters: [operatorName],
    body: {
      description: 'The links.',
      schema: linksBody,
      examples: {
        'two links': [
          { source: 'salesforce', recordId: '0035g00000ABCDEAA4', customerId: '10542' },
          { source: 'salesforce', recordId: '0035g00000ABCDFAA4', customerId: '10543' },
        ],
      },
    },
    answers: [
      {
        status: 200,
        description: 'Linked.',
        schema: linksSetAnswer,
        examples: { linked: { written: 1, unchanged: 1 } },
      },
    ],
    problems: [...everyProblem, ...bodyProblems, 'invalid'],
  },
  {
    id: 'GetLink',
    method: 'get',
    route: 'links/{source}/{recordId}',
    tag: 'links',
    summary: 'Get the customer of a record',
    security: 'function-key',
    parameters: [source, recordId],
    answers: [
      { status: 200, description: 'The link.', schema: linkAnswer, examples: { 'looked-up': found } },
    ],
    problems: [...everyProblem, 'invalid', 'unknown-link', 'unknown-source'],
  },
  {
    id: 'SetLink',
    method: 'put',
    route: 'links/{source}/{recordId}',
    tag: 'links',
    summary: 'Link a record to its customer',
    security: 'function-key',
    parameters: [source, recordId, operatorName],
    body: {
      description: 'The customer.',
      schema: linkBody,
      examples: { 'a customer': { customerId: '10542' } },
    },
    answers: [{ status: 200, description: 'The link.', schema: linkAnswer, examples: { linked: link } }],
    problems: [...everyProblem, ...bodyProblems, 'invalid', 'unknown-link', 'unknown-source'],
  },
  {
    id: 'RemoveLink',
    method: 'delete',
    route: 'links/{source}/{recordId}',
    tag: 'links',
    summary: 'Remove the link of a record',
    description: 'The next change of the record is looked up.',
    security: 'function-key',
    parameters: [source, recordId, operatorName],
    answers: [{ status: 204, description: 'Removed.' }],
    problems: [...everyProblem, 'invalid', 'unknown-link', 'unknown-source'],
  },
];
