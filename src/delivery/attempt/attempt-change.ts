import type { Lane } from '../../directscale/budget.ts';
import { SecretMissing, SecretStoreUnavailable } from '../../secrets/secret-store.ts';
import { describeSpan } from '../../telemetry/telemetry.ts';
import type { ApplySubject, PlanSubject } from '../customer/apply.ts';
import type { Compared } from '../customer/compare.ts';
import type { ComparedWritten } from '../customer/compare-written.ts';
import type { Found, Sought } from '../customer/find-customer.ts';
import type { Foreseen } from '../customer/foresee.ts';
import type { CustomerReferences } from '../customer/refresh-links.ts';
import { receivedAtOf } from '../record/delivery-id.ts';
import { laneOf } from '../record/lane.ts';
import { type Done, type Hold, misconfigured, type Outcome } from '../record/outcome.ts';
import { type Attempt, type DeliveryRecord, describe, type RecordedChange } from '../record/record.ts';
import type { Stores } from '../store/stores.ts';
import { endedRecord } from './ended-record.ts';
import { type ReadContext, readRecord } from './read-record.ts';
import { resumeFinished } from './resume.ts';

export interface AttemptContext extends ReadContext {
  readonly stores: Stores;
  /** Throws what storage and secrets throw. */
  readonly apply: (subject: ApplySubject, lane: Lane) => Promise<Outcome>;
  /** Finds the customer of a change that does not name it by id. Throws what storage and secrets throw. */
  readonly find: (sought: Sought, lane: Lane) => Promise<Found | Outcome>;
  /** Drops and makes links by what DirectScale says of a customer. Throws what storage and secrets throw. */
  readonly refreshLinks: (references: CustomerReferences) => Promise<string>;
  /** What follows if an operator has paused one of these subjects (`all`, `source:<name>`). Throws what storage throws. */
  readonly heldByHand: (subjects: readonly string[]) => Promise<Hold | undefined>;
  /** The delays of the retry schedule, in ms. */
  readonly schedule: readonly number[];
  readonly now: () => Date;
  /** Stands still for so many ms. */
  readonly delay: (ms: number) => Promise<unknown>;
  /** At least 0, less than 1. */
  readonly random: () => number;
}

/** The same, for whoever wants to know before anything is written. */
export interface LookContext extends AttemptContext {
  /** Finds a customer as `find` does, and makes no link. */
  readonly findOnly: (sought: Sought) => Promise<Found | Outcome>;
  /** What would become of a change; only reads. Throws what storage and secrets throw. */
  readonly foresee: (subject: PlanSubject) => Promise<Foreseen>;
  /** Compares a change with what DirectScale holds; only reads. Throws what storage and secrets throw. */
  readonly compare: (subject: PlanSubject) => Promise<Compared | Outcome>;
  /** Compares what the relay wrote last with what DirectScale holds; only reads. Throws what storage and secrets throw. */
  readonly compareWritten: (customerId: string) => Promise<ComparedWritten | Outcome>;
}

/** Told of each record that is written, with the attempt that led to it; undefined: there was none. */
export type OnRecorded = (record: DeliveryRecord, attempt: Attempt | undefined) => void;

/** How long an attempt may stand still, in ms, and for which outcomes. */
export interface Patience {
  readonly ms: number;
  readonly with: 'every hold' | 'a busy customer';
}

/** A change as far as it is known after an attempt at it, and what follows. */
export interface Attempted extends RecordedChange {
  readonly outcome: Outcome;
}

/**
 * One attempt at a change: read it if it only names a record, find its customer, apply it. Waits in place, within its
 * patience, for a customer that somebody else writes to, for the end of a quota or a right key. Throws what storage throws.
 */
export async function attemptChange(
  recorded: RecordedChange,
  patience: Patience,
  context: AttemptContext,
): Promise<Attempted> {
  const until = context.now().getTime() + patience.ms;
  for (;;) {
    const attempted = await attemptOnce(recorded, context);
    const { outcome } = attempted;
    const standMs = outcome.follows === 'hold' ? outcome.standMs : undefined;
    const isPatient = patience.with === 'every hold' || outcome.told.outcome === 'busy';
    if (standMs === undefined || !isPatient || context.now().getTime() + standMs > until) return attempted;
    await context.delay(standMs);
  }
}

async function attemptOnce(recorded: RecordedChange, context: AttemptContext): Promise<Attempted> {
  let known: RecordedChange = recorded;
  const learn = (news: Partial<DeliveryRecord>): void => {
    known = { ...recorded, record: { ...known.record, ...news } };
  };
  const recordAfter = (ended: Done) => endedRecord(ended, known.record, context.now());
  const outcome = await withoutSecretFailures(() => attempt(recorded, { learn, recordAfter }, context));
  if ('behind' in outcome && outcome.behind) await resumeFinished(outcome.behind, context);
  const { record } = known;
  describeSpan({
    'relay.source': record.source,
    'relay.customer_id': record.customerId,
    'relay.outcome': outcome.told.outcome,
    'relay.reason': outcome.told.reason,
  });
  return { ...known, outcome };
}

/** A secret that cannot be read is a fault of the configuration, like a key that DirectScale refuses. */
async function withoutSecretFailures(work: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SecretMissing || error instanceof SecretStoreUnavailable)
      return misconfigured(error.code);
    throw error;
  }
}

interface Learning {
  /** Adds to what is known of the change. */
  readonly learn: (news: Partial<DeliveryRecord>) => void;
  /** The record with all that is known, if the change ends so. */
  readonly recordAfter: (ended: Done) => DeliveryRecord;
}

async function attempt(
  { record, change: given, thin }: RecordedChange,
  { learn, recordAfter }: Learning,
  context: AttemptContext,
): Promise<Outcome> {
  const held = await context.heldByHand(['all', `source:${record.source}`]);
  if (held) return held;
  const read = given
    ? { change: given, leftOut: record.leftOut ?? [] }
    : await readRecord(thin ?? null, record.source, receivedAtOf(record.deliveryId), context);
  if ('follows' in read) return read;
  if ('known' in read) {
    learn(read.known);
    return read.outcome;
  }
  const { change, leftOut } = read;
  const lane = laneOf(record);
  learn({ ...describe(change), ...(leftOut.length > 0 && { leftOut: [...leftOut] }) });
  const { customer, recordId, setsReferences } = change;
  const applyTo = (customerId: string) => {
    const addressed = { ...change, customer: { customerId } };
    learn(describe(addressed));
    const { isStrict = false, foundBy, writtenSoFar = [], replayedAt } = record;
    const subject = {
      change: addressed,
      leftOut,
      isStrict,
      foundBy,
      ...(writtenSoFar.length > 0 && { hasWritten: true as const }),
      ...(replayedAt !== undefined && { askedAgainAt: Date.parse(replayedAt) }),
      ...receiptOf(record),
      index: record.index,
      recordAfter,
    };
    return context.apply(subject, lane);
  };
  if ('customerId' in customer) return applyTo(customer.customerId);

  const receivedAt = receivedAtOf(record.deliveryId).getTime();
  const { lookUp } = customer;
  const sought = { source: record.source, recordId, receivedAt, lookUp, setsReferences };
  const found = await context.find(sought, lane);
  if ('follows' in found) return found;
  const first = await applyTo(found.customerId);
  const isGone = first.follows === 'park' && first.reason === 'customer-not-found';
  if (!isGone || !found.byLink || recordId === undefined) return first;

  // The customer that the record was linked to is gone: once more without the link.
  await context.stores.links.remove(record.source, recordId, found.customerId);
  const again = await context.find(sought, lane);
  return 'follows' in again ? again : applyTo(again.customerId);
}

/** When the change of a record was received, and its own name. */
export function receiptOf({ deliveryId, index }: Pick<DeliveryRecord, 'deliveryId' | 'index'>) {
  const receivedAt = receivedAtOf(deliveryId).getTime();
  return { deliveryId, receipt: { receivedAt, changeId: `${deliveryId}/${index}` } };
}
