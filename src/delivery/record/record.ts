import * as z from 'zod';
import type { Change } from '../../domain/change.ts';
import type { JsonValue } from '../../sources/kind.ts';

/**
 * Where a change stands.
 *  - `pending`: in the queue, or being applied
 *  - `applied`, `unchanged` (DirectScale holds the values), `stale` (something newer was applied): done
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
  /** Names, never values. */
  fields: z.array(z.string()),
  /** What became of single fields, where it differs from the status. */
  dropped: z.array(z.string()),
  attempts: z.array(attemptSchema),
  /** How much of the retry schedule is used up since it was received or replayed. */
  failedAttempts: z.int(),
  /** Which message may take it on: see ChangeMessage. */
  turn: z.int(),
  nextAttemptAt: z.iso.datetime().optional(),
  violations: z.array(z.object({ path: z.string(), message: z.string() })),
});

export type DeliveryRecord = z.infer<typeof recordSchema>;

/** A record with what is to be applied. */
export interface StoredChange {
  readonly record: DeliveryRecord;
  readonly etag: string;
  /** Absent for a record of something that is not to be applied. */
  readonly change?: Change;
  /** In place of the change: what names the record that has to be read first. */
  readonly thin?: JsonValue;
}

/** The last attempts are kept, not all: a change may be tried for days. */
export const attemptsKept = 20;
