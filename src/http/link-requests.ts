import type { HttpRequest } from '@azure/functions';
import * as z from 'zod';
import type { LinkFilter } from '../delivery/links.ts';
import { customerIdSchema } from '../domain/customer-id.ts';
import { recordIdSchema, writtenRecordIdSchema } from '../domain/customer-reference.ts';
import { violationsOf } from '../domain/violation.ts';
import { ProblemError } from './problem.ts';

/** So many links are taken in one call. */
export const linksAtOnce = 1000;

const continuationSchema = z.object({ nextPartitionKey: z.string() });

/** What table storage calls a continuation token. */
function isPagePosition(text: string): boolean {
  try {
    return continuationSchema.safeParse(JSON.parse(Buffer.from(text, 'base64').toString('utf8'))).success;
  } catch {
    return false;
  }
}

const listSchema = z.strictObject({
  source: z.string().optional(),
  customerId: customerIdSchema.optional(),
  /** Azure's function key travels in the query, too. */
  code: z.string().optional(),
  pageSize: z.coerce.number().int().min(1).max(linksAtOnce).default(50),
  from: z.string().refine(isPagePosition, { error: 'must be the next of the page before' }).optional(),
});

/** The links that a query asks for, and which page of them. Throws a 422 problem that lists what is wrong. */
export function linkListOf(request: HttpRequest): {
  filter: LinkFilter;
  pageSize: number;
  from?: string | undefined;
} {
  const { source, customerId, pageSize, from } = parse(listSchema, Object.fromEntries(request.query));
  return { filter: { source, customerId }, pageSize, from };
}

/**
 * The record that the address names. Read from the address itself: Azure's host leaves `%2F` in its parameters as it
 * is. Throws a 422 problem.
 */
export function linkedRecordOf(request: HttpRequest): { source: string; recordId: string } {
  const { source = '' } = request.params;
  const segment = new URL(request.url).pathname.replace(/\/$/, '').split('/').at(-1) ?? '';
  return { source, ...parse(z.object({ recordId: recordIdSchema }), { recordId: decode(segment) }) };
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

/** JSON may hold it as a number; one past 2^53 comes as text from where the body is read. */
const writtenCustomerId = z.preprocess(
  (value) => (Number.isSafeInteger(value) ? String(value) : value),
  customerIdSchema,
);

const targetSchema = z.strictObject({ customerId: writtenCustomerId });

/** The customer that the body of a PUT names. Throws a 422 problem. */
export function linkTargetOf(body: unknown): string {
  return parse(targetSchema, body).customerId;
}

/** The links that the body of a POST lists. Throws a 422 problem that names each invalid one by its index. */
export function linksOf(
  body: unknown,
  isSource: (name: string) => boolean,
): { source: string; recordId: string; customerId: string }[] {
  const linkSchema = z.strictObject({
    source: z.string().refine(isSource, { error: 'is no source that relay.json lists' }),
    recordId: writtenRecordIdSchema,
    customerId: writtenCustomerId,
  });
  return parse(z.array(linkSchema).max(linksAtOnce), body);
}

function parse<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new ProblemError('invalid', {
    detail: 'Correct what is listed under violations.',
    violations: violationsOf(parsed.error),
  });
}
