import * as z from 'zod';
import { sourceNameSchema } from '../../config/source.ts';
import { deliveryIdSchema } from '../../delivery/record/delivery-id.ts';
import { foundBys } from '../../delivery/record/found-by.ts';
import { statuses } from '../../delivery/record/record.ts';
import { customerIdSchema } from '../../domain/customer-id.ts';
import { fieldNames } from '../../domain/customer-patch.ts';
import { changesAtOnce } from '../change-filter.ts';
import type { Parameter } from './operation.ts';

const dateTime = z.iso.datetime({ offset: true });

export const customerId: Parameter = {
  name: 'customerId',
  in: 'path',
  title: 'Associate ID',
  description:
    'The internal DirectScale id ("Associate ID"), not the Back Office ID that its screens call "Customer ID".',
  schema: customerIdSchema,
  example: '10542',
};

export const source: Parameter = {
  name: 'source',
  in: 'path',
  title: 'Source',
  description: 'The name of a source in relay.json.',
  schema: sourceNameSchema,
  example: 'in-house',
};

export const deliveryId: Parameter = {
  name: 'deliveryId',
  in: 'path',
  title: 'Delivery ID',
  description: 'The id of a delivery, as its 202 and the list tell it.',
  schema: deliveryIdSchema,
  example: '20261123-170631123-3fa9c2d17b5e4a06',
};

/** The query that chooses changes, for the list and for a replay of all that match. */
export const changeFilter: readonly Parameter[] = [
  {
    name: 'status',
    in: 'query',
    title: 'Status',
    description: 'Only changes of this status.',
    schema: z.enum(statuses),
    example: 'parked',
  },
  {
    name: 'reason',
    in: 'query',
    title: 'Reason',
    description: 'Only changes that are parked, ignored, returned or pending for this reason.',
    schema: z.string(),
    example: 'customer-not-found',
  },
  {
    name: 'source',
    in: 'query',
    title: 'Source',
    description: 'Only changes of this source; direct: those of PATCH /customers/{customerId}.',
    schema: z.string(),
    example: 'in-house',
  },
  {
    name: 'customer',
    in: 'query',
    title: 'Associate ID',
    description: 'Only changes of the customer of this DirectScale id.',
    schema: customerIdSchema,
    example: '10542',
  },
  {
    name: 'foundBy',
    in: 'query',
    title: 'Found By',
    description: 'Only changes that no webhook told, by what read them.',
    schema: z.enum(foundBys),
    example: 'catch-up',
  },
  {
    name: 'field',
    in: 'query',
    title: 'Field',
    description: 'Only changes that set this field, or out of which it was left. Without its parts.',
    schema: z.enum(fieldNames),
    example: 'PrimaryAddress',
  },
  {
    name: 'record',
    in: 'query',
    title: 'Record ID',
    description: 'Only changes of the record of this id in the system that it comes from.',
    schema: z.string(),
    example: '0035g00000ABCDEAA4',
  },
  {
    name: 'leftOut',
    in: 'query',
    title: 'Left Out',
    description: 'true: only finished changes of which a field was left out. Not with a status.',
    schema: z.literal('true'),
    example: 'true',
  },
  {
    name: 'since',
    in: 'query',
    title: 'Since',
    description: 'Only changes received then or later: ISO 8601 with a zone.',
    schema: dateTime,
    example: '2026-11-22T00:00:00Z',
  },
  {
    name: 'until',
    in: 'query',
    title: 'Until',
    description: 'Only changes received before: ISO 8601 with a zone.',
    schema: dateTime,
    example: '2026-11-23T00:00:00Z',
  },
];

export const dryRun: Parameter = {
  name: 'dryRun',
  in: 'query',
  title: 'Dry Run',
  description: 'true: nothing is replayed; the answer says how much would be.',
  schema: z.boolean(),
  example: true,
};

export const pageSize: Parameter = {
  name: 'limit',
  in: 'query',
  title: 'Page Size',
  description: 'How many changes a page holds, about.',
  schema: z.int().min(1).max(changesAtOnce).default(50),
  example: 50,
};

export const pageStart: Parameter = {
  name: 'from',
  in: 'query',
  title: 'From',
  description: 'The next of the answer before.',
  schema: z.string(),
  example: '20261123-170631123-3fa9c2d17b5e4a06',
};

export const sourceFilter: Parameter = {
  name: 'source',
  in: 'query',
  title: 'Source',
  description: 'Only of this source.',
  schema: z.string(),
  example: 'in-house',
};

/** Who acts, for what is noted. */
export const operatorName: Parameter = {
  name: 'X-Relay-Operator',
  in: 'header',
  title: 'Operator',
  description:
    'Who acts, for the list of acts: a name of your choice, which nobody checks. Where the platform has signed the caller in, that name is used.',
  schema: z.string().max(100),
  example: 'anna',
};

/** Shows values, which are personal data. */
export const withValues: Parameter = {
  name: 'values',
  in: 'query',
  title: 'With Values',
  description: 'true: with values, which are personal data. That somebody asked is noted.',
  schema: z.boolean(),
  example: true,
};
