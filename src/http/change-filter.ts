import type { HttpRequest } from '@azure/functions';
import * as z from 'zod';
import { sourceNameSchema } from '../config/source.ts';
import type { ChangeFilter } from '../delivery/operate/find-changes.ts';
import { isDeliveryId } from '../delivery/record/delivery-id.ts';
import { foundBys } from '../delivery/record/found-by.ts';
import { statuses } from '../delivery/record/record.ts';
import { customerIdSchema } from '../domain/customer-id.ts';
import { fieldNames } from '../domain/customer-patch.ts';
import { isContinuationToken } from './continuation-token.ts';
import { invalid, validated } from './validated.ts';

const time = z.iso
  .datetime({ offset: true, error: 'must be an ISO 8601 date-time with a zone' })
  .transform((text) => new Date(text))
  .refine((date) => date.getUTCFullYear() >= 1970 && date.getUTCFullYear() <= 9999, {
    error: 'must lie between the years 1970 and 9999',
  });

/** The `next` of a page: a delivery id in a list of one customer, else what table storage gives. */
const isPagePosition = (text: string): boolean => isDeliveryId(text) || isContinuationToken(text);

/** So many changes a page may hold. */
export const changesAtOnce = 500;

/** A query's `true` or `false`; absent: false. */
export const dryRunSchema = z
  .enum(['true', 'false'], { error: 'must be true or false' })
  .default('false')
  .transform((text) => text === 'true');

const filterSchema = z.strictObject({
  status: z.enum(statuses).optional(),
  reason: z.string().max(100).optional(),
  source: sourceNameSchema.optional(),
  customer: customerIdSchema.optional(),
  foundBy: z.enum(foundBys).optional(),
  field: z.enum(fieldNames, { error: 'must be the name of a field, without its parts' }).optional(),
  record: z.string().min(1).max(500).optional(),
  leftOut: z.literal('true', { error: 'must be true' }).optional(),
  dryRun: dryRunSchema,
  since: time.optional(),
  until: time.optional(),
  /** Azure's function key travels in the query, too. */
  code: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(changesAtOnce).default(50),
  from: z.string().refine(isPagePosition, { error: 'must be the next of the page before' }).optional(),
});

/** The changes that a query asks for, and which page of them. Throws a 422 problem that lists what is wrong. */
export function changeFilterOf(request: HttpRequest): {
  filter: ChangeFilter;
  limit: number;
  from?: string | undefined;
  isDryRun: boolean;
} {
  const query = validated(filterSchema, Object.fromEntries(request.query));
  const { status, reason, source, customer, foundBy, since, until, limit, from, field, record, leftOut } =
    query;
  if (from && isDeliveryId(from) !== (customer !== undefined)) {
    throw invalid([{ path: 'from', message: 'belongs to the list of another query' }]);
  }
  if (leftOut && status) throw invalid([{ path: 'leftOut', message: 'does not go with a status' }]);
  const isLeftOut = leftOut && true;
  return {
    filter: {
      status,
      reason,
      source,
      customerId: customer,
      foundBy,
      field,
      recordId: record,
      isLeftOut,
      since,
      until,
    },
    limit,
    from,
    isDryRun: query.dryRun,
  };
}
