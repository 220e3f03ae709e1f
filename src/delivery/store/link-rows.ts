import { hash } from 'node:crypto';
import * as z from 'zod';
import { customerIdSchema } from '../../domain/customer-id.ts';
import { lookUpNames, recordIdSchema } from '../../domain/customer-reference.ts';

export const linkSchema = z.object({
  source: z.string(),
  recordId: recordIdSchema,
  customerId: customerIdSchema,
  /** Who made it: a look-up, an operator, or an event of DirectScale. */
  origin: z.enum(['look-up', 'operator', 'directscale']),
  /** The look-up that made it: what it looked for, and the keyed hash of the value. */
  foundBy: z.object({ by: z.enum(lookUpNames), hash: z.string() }).exactOptional(),
  /** When it was made, ISO 8601. */
  since: z.iso.datetime(),
});

/** That a record of a source is a customer: its next change needs no look-up. */
export type Link = z.infer<typeof linkSchema>;
export type FoundBy = NonNullable<Link['foundBy']>;
export type LinkedRecord = Pick<Link, 'source' | 'recordId'>;

/**
 * A key holds at most 1 KiB, and none of the characters that a record's id may hold. What may be an e-mail address is not
 * in it: a key is what remains of a link to a forgotten customer.
 */
function keyOf(recordId: string): string {
  const bytes = Buffer.from(recordId);
  const isPlain = bytes.length <= 255 && !recordId.includes('@');
  return isPlain ? bytes.toString('base64url') : `~${hash('sha256', bytes)}`;
}

/** A filter for the rows of links alone, whatever their partition. */
export const linkRowsOnly = `RowKey ge 'l' and RowKey lt 'm'`;

export const linkKeys = ({ source, recordId }: LinkedRecord) => ({
  partitionKey: source,
  rowKey: `l${keyOf(recordId)}`,
});

export function linkRow({ source, recordId, customerId, origin, foundBy, since }: Link) {
  return {
    ...linkKeys({ source, recordId }),
    source,
    recordId,
    customerId,
    origin,
    since,
    ...(foundBy && { foundBy: JSON.stringify(foundBy) }),
  };
}

/** In the place of a link: it was to a customer that was forgotten then (ISO 8601), and nothing else is known of it. */
export type ForgottenLink = z.infer<typeof forgottenSchema>;
const forgottenSchema = z.strictObject({ forgottenAt: z.iso.datetime() });

export const isForgotten = (found: Link | ForgottenLink | undefined): found is ForgottenLink =>
  found !== undefined && 'forgottenAt' in found;

export const forgottenRow = (record: LinkedRecord, at: Date) => ({
  ...linkKeys(record),
  forgottenAt: at.toISOString(),
});

/** What a row of a link's place holds: undefined for something that cannot be read. */
export function readLinkRow(row: Readonly<Record<string, unknown>>): Link | ForgottenLink | undefined {
  const { forgottenAt } = row;
  if (forgottenAt !== undefined) return forgottenSchema.safeParse({ forgottenAt }).data;
  const { foundBy, ...rest } = row;
  return linkSchema.safeParse({ ...rest, ...(foundBy !== undefined && { foundBy: parsed(foundBy) }) }).data;
}

function parsed(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    return undefined;
  }
}

/**
 * Partitions of the index: rows that point at the links of a customer, and at those that look-ups for a value made.
 * Their links are to be read: they may be gone or changed. No source's name has capital letters.
 */
export const customerPartition = (customerId: string): string => `OF-${customerId}`;
export const foundByPartition = ({ by, hash }: FoundBy): string => `BY-${by}-${hash}`;

export const indexKeys = (partitionKey: string, { source, recordId }: LinkedRecord) => ({
  partitionKey,
  rowKey: `i${source}|${keyOf(recordId)}`,
});

/** One partition a day: rows that point at links that were forgotten then. */
export const forgottenPartition = (at: Date): string => `FORGOTTEN-${at.toISOString().slice(0, 10)}`;
export const forgottenBefore = (day: Date) => ({ from: 'FORGOTTEN-', to: forgottenPartition(day) });

/** The keys of the link that a row of the index points at. */
export function pointedAt(rowKey: string): ReturnType<typeof linkKeys> {
  // No source's name has a `|`, nor has a key.
  const [source = '', key = ''] = rowKey.slice(1).split('|');
  return { partitionKey: source, rowKey: `l${key}` };
}

/** The rows of a source in a partition of the index. `}` is the character after `|`. */
export const indexRange = (source: string) => ({ from: `i${source}|`, to: `i${source}}` });

export function indexRow(partitionKey: string, { source, recordId }: LinkedRecord) {
  return { ...indexKeys(partitionKey, { source, recordId }), source, recordId };
}
