import type { HttpRequest } from '@azure/functions';
import * as z from 'zod';
import { sourceNameSchema } from '../config/source.ts';
import type { LinkFilter } from '../delivery/store/links.ts';
import { customerIdSchema } from '../domain/customer-id.ts';
import {
  recordIdSchema,
  writtenCustomerIdSchema,
  writtenRecordIdSchema,
} from '../domain/customer-reference.ts';
import { isContinuationToken } from './continuation-token.ts';
import { validated } from './validated.ts';

/** So many links are taken in one call. */
export const linksAtOnce = 1000;
/** A page of one customer's links: each of them takes a call to storage. */
export const linksOfCustomerAtOnce = 4;

const listSchema = z.strictObject({
  source: sourceNameSchema.optional(),
  customer: customerIdSchema.optional(),
  /** Azure's function key travels in the query, too. */
  code: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(linksAtOnce).default(50),
  from: z.string().refine(isContinuationToken, { error: 'must be the next of the page before' }).optional(),
});

/** The links that a query asks for, and which page of them. Throws a 422 problem that lists what is wrong. */
export function linkListOf(request: HttpRequest): {
  filter: LinkFilter;
  limit: number;
  from?: string | undefined;
} {
  const { source, customer, limit, from } = validated(listSchema, Object.fromEntries(request.query));
  return { filter: { source, customerId: customer }, limit, from };
}

/**
 * The record that the address names. Read from the address itself: Azure's host leaves `%2F` in its parameters as it
 * is. Throws a 422 problem.
 */
export function linkedRecordOf(request: HttpRequest): { source: string; recordId: string } {
  return recordOf(request, recordIdSchema);
}

/** The same for what is to be removed: a row that was written before ids were checked has to go, too. */
export function keptRecordOf(request: HttpRequest): { source: string; recordId: string } {
  return recordOf(request, z.string().min(1).max(longestKept));
}

const longestKept = 4000;

function recordOf(request: HttpRequest, schema: z.ZodType<string>): { source: string; recordId: string } {
  const { source } = request.params;
  const segment = new URL(request.url).pathname.replace(/\/$/, '').split('/').at(-1) ?? '';
  const named = z.object({ source: sourceNameSchema, recordId: schema });
  return validated(named, { source, recordId: decode(segment) });
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

const targetSchema = z.strictObject({ customerId: writtenCustomerIdSchema });

/** The customer that the body of a PUT names. Throws a 422 problem. */
export function linkTargetOf(body: unknown): string {
  return validated(targetSchema, body).customerId;
}

/** The links that the body of a POST lists. Throws a 422 problem that names each invalid one by its index. */
export function linksOf(
  body: unknown,
  isSource: (name: string) => boolean,
): { source: string; recordId: string; customerId: string }[] {
  const linkSchema = z.strictObject({
    source: z.string().refine(isSource, { error: 'is no source that relay.json lists' }),
    recordId: writtenRecordIdSchema,
    customerId: writtenCustomerIdSchema,
  });
  return validated(z.array(linkSchema).max(linksAtOnce), body);
}
