import type { HttpRequest } from '@azure/functions';
import * as z from 'zod';
import { isDeliveryId } from '../delivery/delivery-id.ts';
import type { ChangeFilter } from '../delivery/find.ts';
import { statuses } from '../delivery/record.ts';
import { customerIdSchema } from '../domain/customer-id.ts';
import { violationsOf } from '../domain/violation.ts';
import { ProblemError } from './problem.ts';

const time = z.iso
  .datetime({ offset: true, error: 'must be an ISO 8601 date-time with a zone' })
  .transform((text) => new Date(text))
  .refine((date) => date.getUTCFullYear() >= 1970 && date.getUTCFullYear() <= 9999, {
    error: 'must lie between the years 1970 and 9999',
  });

const continuationSchema = z.object({ nextPartitionKey: z.string() });

/** The `next` of a page: a delivery id in a list of one customer, else what table storage calls a continuation token. */
function isPagePosition(text: string): boolean {
  if (isDeliveryId(text)) return true;
  try {
    return continuationSchema.safeParse(JSON.parse(Buffer.from(text, 'base64').toString('utf8'))).success;
  } catch {
    return false;
  }
}

const filterSchema = z.strictObject({
  status: z.enum(statuses).optional(),
  source: z.string().optional(),
  customer: customerIdSchema.optional(),
  since: time.optional(),
  until: time.optional(),
  /** Azure's function key travels in the query, too. */
  code: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
  from: z.string().refine(isPagePosition, { error: 'must be the next of the page before' }).optional(),
});

/** The changes that a query asks for, and which page of them. Throws a 422 problem that lists what is wrong. */
export function changeFilterOf(request: HttpRequest): {
  filter: ChangeFilter;
  limit: number;
  from?: string | undefined;
} {
  const parsed = filterSchema.safeParse(Object.fromEntries(request.query));
  if (!parsed.success) {
    throw new ProblemError('invalid', {
      detail: 'Correct the query: see violations.',
      violations: violationsOf(parsed.error),
    });
  }
  const { status, source, customer, since, until, limit, from } = parsed.data;
  if (from && isDeliveryId(from) !== (customer !== undefined)) throw wrongPage();
  return { filter: { status, source, customerId: customer, since, until }, limit, from };
}

function wrongPage(): ProblemError {
  return new ProblemError('invalid', {
    detail: 'Correct the query: see violations.',
    violations: [{ path: 'from', message: 'belongs to the list of another query' }],
  });
}
