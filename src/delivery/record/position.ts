import * as z from 'zod';
import { refusalSchema } from './refusal.ts';

/**
 * Where a value stands in time. The later `occurredAt` wins; ties go by time of receipt, then by the change's id. One
 * without `occurredAt` comes before all that have one: when a recorded request is sent again, its receipt proves nothing.
 */
export const positionSchema = z.object({
  /** Milliseconds since 1970, in the source's own time; absent: the change has no time of its own. */
  occurredAt: z.number().exactOptional(),
  /** Milliseconds since 1970, when the relay received it. */
  receivedAt: z.number(),
  /** `<delivery id>/<index>`: which change it was. */
  changeId: z.string(),
});
export type Position = z.infer<typeof positionSchema>;

const untimed = Number.NEGATIVE_INFINITY;

/** Negative if `a` comes before `b`. */
export function comparePositions(a: Position, b: Position): number {
  const { occurredAt: ofA = untimed } = a;
  const { occurredAt: ofB = untimed } = b;
  if (ofA !== ofB) return ofA - ofB;
  if (a.receivedAt !== b.receivedAt) return a.receivedAt - b.receivedAt;
  return compareChangeIds(a.changeId, b.changeId);
}

/** The changes of one delivery by their place in it. */
function compareChangeIds(a: string, b: string): number {
  const [deliveryOfA = '', indexOfA = '0'] = a.split('/');
  const [deliveryOfB = '', indexOfB = '0'] = b.split('/');
  if (deliveryOfA !== deliveryOfB) return deliveryOfA < deliveryOfB ? -1 : 1;
  return Number(indexOfA) - Number(indexOfB);
}

/** What is known of one field of one customer. Holds no value, only a keyed hash of it. */
export const fieldStateSchema = z.object({
  /** The newest change that was applied, or found to be unchanged. */
  applied: positionSchema.exactOptional(),
  /** Hash of the value that the relay wrote last, or read in DirectScale; absent: not known. */
  hash: z.string().exactOptional(),
  /** A change whose PATCH was begun and whose end nobody saw: it may or may not have been written. */
  inDoubt: positionSchema.exactOptional(),
  /** What is known of DirectScale's refusing a value. That of an address as a whole is under its name: `PrimaryAddress`. */
  refusal: refusalSchema.exactOptional(),
});
export type FieldState = z.infer<typeof fieldStateSchema>;

/** The state of one customer, by field path: `FirstName`, `PrimaryAddress.City`, `AssociateCustom.Field1`. */
export const fieldStatesSchema = z.record(z.string(), fieldStateSchema);
export type FieldStates = Readonly<Record<string, FieldState>>;
