import * as z from 'zod';
import { type Change, isAddressed } from '../../domain/change.ts';
import { type FieldName, fieldNames } from '../../domain/customer-patch.ts';
import { fieldNamesOf, fieldsOf } from '../../domain/field-paths.ts';
import { leftOutSchema } from '../../domain/left-out.ts';
import type { JsonValue } from '../../sources/kind.ts';
import { receivedAtOf } from './delivery-id.ts';
import { type FoundBy, foundBys } from './found-by.ts';

/**
 * Where a change stands.
 *  - `pending`: in the queue, or being applied
 *  - `applied`: written to DirectScale
 *  - `unchanged`: the relay wrote these values last, or has just read them in DirectScale
 *  - `stale`: something newer was applied
 *  - `parked`: cannot be delivered; kept whole, to be replayed
 *  - `ignored`: authentic, but not about a customer's data
 *  - `returned`: answered to the caller as not possible now; the caller repeats it
 */
export const statuses = [
  'pending',
  'applied',
  'unchanged',
  'stale',
  'parked',
  'ignored',
  'returned',
] as const;
export type Status = (typeof statuses)[number];

/** Why a change is parked. */
export const parkingReasons = [
  'unmappable',
  'rejected',
  'customer-not-found',
  'customer-ambiguous',
  'address-incomplete',
  'for-a-person',
  'retries-exhausted',
  'too-large',
  'storage-refused',
  'poison',
  'unreadable-message',
] as const;
export type ParkingReason = (typeof parkingReasons)[number];

const attemptSchema = z.object({
  at: z.iso.datetime(),
  outcome: z.string(),
  reason: z.string().optional(),
  /** DirectScale's status, request id and words. */
  status: z.number().optional(),
  requestId: z.string().optional(),
  message: z.string().optional(),
});

/** One attempt to apply a change: a line of its timeline. */
export type Attempt = z.infer<typeof attemptSchema>;

/** What is recorded of one change of a delivery. A delivery without changes (ignored, unmappable) has one record. */
export const recordSchema = z.object({
  deliveryId: z.string(),
  index: z.int(),
  source: z.string(),
  topic: z.string().optional(),
  /** What read it; absent: its source sent it. */
  foundBy: z.enum(foundBys).exactOptional(),
  receivedAt: z.iso.datetime(),
  status: z.enum(statuses),
  /** Why it is parked, ignored or returned; what a pending one waits for. */
  reason: z.string().optional(),
  /** More about the reason, in words. */
  note: z.string().optional(),
  /** Absent: not known yet. */
  customerId: z.string().optional(),
  /** The record's id in the system that it comes from. */
  recordId: z.string().optional(),
  occurredAt: z.iso.datetime().optional(),
  /** The mapping that made the change: the beginning of the SHA-256 of its text. */
  mapping: z.string().optional(),
  /** Names, never values. */
  fields: z.array(z.string()),
  /** Fields of an applied change that were not sent: stale or unchanged. */
  dropped: z.array(z.string()),
  /** Fields in which DirectScale held another value than the relay wrote last. */
  drifted: z.array(z.string()).exactOptional(),
  /** True: the change is written as a whole or not at all. */
  isStrict: z.boolean().exactOptional(),
  /** Fields that cannot be used and are not written, with the reason. */
  leftOut: z.array(leftOutSchema).exactOptional(),
  /** What attempts have written of a change that is not finished, by path: DirectScale refuses it as a whole. */
  writtenSoFar: z.array(z.string()).exactOptional(),
  /** When it was replayed last: what DirectScale had refused before is tried again. */
  replayedAt: z.iso.datetime().exactOptional(),
  attempts: z.array(attemptSchema),
  /** How much of the retry schedule is used up since it was received or replayed. */
  failedAttempts: z.int(),
  /** Which message may take it on: see the message of the queue. */
  turn: z.int(),
  nextAttemptAt: z.iso.datetime().optional(),
  violations: z.array(z.object({ path: z.string(), message: z.string() })),
});

export type DeliveryRecord = z.infer<typeof recordSchema>;

/** What is to be applied: a change, or the item of a thin event that names the record to be read first. */
export interface Applicable {
  readonly change?: Change | undefined;
  readonly thin?: JsonValue | undefined;
}

/** A record with what is to be applied; neither for a record of something that is not to be applied. */
export interface RecordedChange extends Applicable {
  readonly record: DeliveryRecord;
}

/** The same as it was read, with its version. */
export interface StoredChange extends RecordedChange {
  readonly etag: string;
}

/** Where a record belongs. */
export interface RecordOrigin {
  readonly deliveryId: string;
  readonly index: number;
  readonly source: string;
  readonly topic?: string | undefined;
  readonly foundBy?: FoundBy | undefined;
}

/** A record of which nothing is known yet but where it belongs. */
export function emptyRecord({ deliveryId, index, source, topic, foundBy }: RecordOrigin): DeliveryRecord {
  return {
    deliveryId,
    index,
    source,
    ...(topic && { topic }),
    ...(foundBy && { foundBy }),
    receivedAt: receivedAtOf(deliveryId).toISOString(),
    status: 'pending',
    fields: [],
    dropped: [],
    attempts: [],
    failedAttempts: 0,
    turn: 0,
    violations: [],
  };
}

/** What a record says of a change: who, when, which fields; no values. */
export function describe(
  change: Change,
): Pick<DeliveryRecord, 'customerId' | 'recordId' | 'occurredAt' | 'fields'> {
  return {
    ...(isAddressed(change) && { customerId: change.customer.customerId }),
    ...(change.recordId !== undefined && { recordId: change.recordId }),
    ...(change.occurredAt !== undefined && { occurredAt: change.occurredAt }),
    fields: fieldNamesOf(fieldsOf(change.fields).map(([path]) => path)),
  };
}

/** The names, without their parts, of the fields that a change sets or that were left out of it. */
export function fieldsIn({ fields, leftOut = [] }: DeliveryRecord): FieldName[] {
  const paths = [...fields, ...leftOut.map(({ path }) => path)];
  const isNamed = (name: FieldName) => paths.some((path) => path === name || path.startsWith(`${name}.`));
  return fieldNames.filter(isNamed);
}

/** The last attempts are kept, not all: a change may be tried for days. */
export const attemptsKept = 20;

/** The record with one more line in its timeline. */
export function withAttempt(record: DeliveryRecord, attempt: Attempt): DeliveryRecord {
  return { ...record, attempts: [...record.attempts, attempt].slice(-attemptsKept) };
}

/** More than anybody reads, and more than there are fields. */
const violationsKept = 50;
const leftOutKept = 100;
const charactersKept = 500;

/** The record as it is kept. A payload may have thousands of names that nobody knows: what is told of them fits into a row. */
export function withinBounds(record: DeliveryRecord): DeliveryRecord {
  const { note, violations, leftOut } = record;
  return {
    ...record,
    ...(note !== undefined && { note: shortened(note) }),
    violations: violations.slice(0, violationsKept).map(({ path, message }) => ({
      path: shortened(path),
      message: shortened(message),
    })),
    ...(leftOut && {
      leftOut: leftOut.slice(0, leftOutKept).map(({ path, reason }) => ({
        path: shortened(path),
        reason: shortened(reason),
      })),
    }),
  };
}

const shortened = (text: string): string => text.slice(0, charactersKept);
