import type { CircuitBreaker } from '../../directscale/circuit-breaker.ts';
import type { DirectScale } from '../../directscale/client.ts';
import type { AddressedChange } from '../../domain/change.ts';
import type { LeftOut } from '../../domain/left-out.ts';
import type { FoundBy } from '../record/found-by.ts';
import type { Done } from '../record/outcome.ts';
import type { DeliveryRecord } from '../record/record.ts';
import type { HashOf } from '../record/value-hash.ts';
import type { CustomerStates } from '../store/customer-states.ts';
import type { Receipt } from './plan.ts';

export interface ApplyContext {
  readonly states: CustomerStates;
  readonly directScale: DirectScale;
  readonly circuitBreaker: CircuitBreaker;
  readonly hashOf: HashOf;
  /** How long one call to DirectScale can take, in ms. */
  readonly callMs: number;
  /** How long a lease is held at most, in ms: a call, its repetition with a fresh key, and the settling of that. */
  readonly leaseMs: number;
  /** How long nobody writes to a customer after a call whose end was not seen: it may still be under way. In ms. */
  readonly settleMs: number;
  /** More writes to one customer within a minute pause it. */
  readonly writesPerMinute: number;
  /** Told of each pause of a customer. Time in ms since 1970. */
  readonly onCustomerPaused: (customerId: string, pausedUntil: number) => void;
  readonly now: () => number;
}

/** What is to be applied to whom. */
export interface ApplySubject {
  readonly change: AddressedChange;
  readonly receipt: Receipt;
  readonly deliveryId: string;
  /** The position of the change in the delivery. */
  readonly index: number;
  /** The record of the change if it ends so, for the index of its customer. Absent: the index only names the change. */
  readonly recordAfter?: (ended: Done) => DeliveryRecord;
  /** What the mapping could not use of it. */
  readonly leftOut: readonly LeftOut[];
  readonly isStrict: boolean;
  /** What read it; absent: its source sent it. Of what was read and changes nothing, nothing is noted. */
  readonly foundBy?: FoundBy | undefined;
  /** Earlier attempts have written a part of it. */
  readonly hasWritten?: true;
  /** What DirectScale refused before is to be tried again, in ms since 1970; absent: nobody asked for that. */
  readonly askedAgainAt?: number;
}

/** What a plan needs to know of it. */
export type PlanSubject = Omit<ApplySubject, 'deliveryId' | 'index' | 'recordAfter'>;
