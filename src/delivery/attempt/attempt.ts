import { isOutage, isThrottled } from '../../directscale/circuit-breaker.ts';
import type { AddressedChange } from '../../domain/change.ts';
import { delaysWithin, nextDelay } from '../../lib/retry-schedule.ts';
import { SecretMissing, SecretStoreUnavailable } from '../../secrets/secret-store.ts';
import { describeSpan } from '../../telemetry/telemetry.ts';
import type { Applied, Receipt } from '../customer/apply.ts';
import { applyToCustomer } from '../customer/apply-to-customer.ts';
import { missingParts } from '../customer/missing-parts.ts';
import type { Resolved, Sought } from '../customer/resolve.ts';
import { receivedAtOf } from '../record/delivery-id.ts';
import { describe } from '../record/new-record.ts';
import {
  type Attempt,
  attemptsKept,
  type DeliveryRecord,
  type ParkingReason,
  type StoredChange,
} from '../record/record.ts';
import type { ChangeMessage } from '../store/change-queue.ts';
import type { Stores } from '../store/stores.ts';
import { type ReadContext, type RecordRead, readRecord } from './read-record.ts';
import { attemptOf, type NoSecret, type Outcome } from './timeline.ts';

export interface AttemptContext extends ReadContext {
  readonly stores: Stores;
  /** Throws what storage and secrets throw. */
  readonly apply: (change: AddressedChange, receipt: Receipt) => Promise<Applied>;
  /** Finds the customer of a change that does not name her by id. Throws what storage and secrets throw. */
  readonly resolve: (sought: Sought) => Promise<Resolved>;
  /** The delays of the retry schedule, in ms. */
  readonly schedule: readonly number[];
  readonly now: () => Date;
  /**
   * How long an attempt may stand still while all calls wait for the end of a quota or for a right key, in ms. It
   * keeps further messages in the queue: cheaper than handing thousands of them back and forth.
   */
  readonly holdMs: number;
}

/** A change that waits for a right key, or for a secret, looks again after 15 to 20 s: it is to go on within a minute. */
const misconfiguredWaitMs = 15_000;
const misconfiguredSpreadMs = 5000;

/** The record as it stands after the attempt, and what the attempt came to; undefined: the message was a leftover. */
export type Attempted = { readonly record: DeliveryRecord; readonly attempt: Attempt } | undefined;

/**
 * One attempt at a recorded change, and what follows from it: done, parked, or in the queue again. What must not be
 * lost is in the queue before the record says so. Throws what storage throws; then the message must come back.
 */
export async function attemptChange(message: ChangeMessage, context: AttemptContext): Promise<Attempted> {
  const { stores } = context;
  const stored = await stores.records.read(message);
  // No record: deleted on request. Final, or taken on by a later message: this one is a leftover.
  if (stored?.record.status !== 'pending' || message.turn < stored.record.turn) return undefined;

  const receivedAt = receivedAtOf(message.deliveryId);
  const read = await withoutSecretFailures(() => changeOf(stored, receivedAt, context));
  if (read.type !== 'read') return settle(read, { ...stored, message }, context);
  const receipt = {
    receivedAt: receivedAt.getTime(),
    changeId: `${message.deliveryId}/${message.index}`,
  };
  const { record } = stored;
  const applied = await withoutSecretFailures(() => applyToCustomer(read.change, record, receipt, context));
  const isKnown = 'result' in applied;
  const described = { ...record, ...describe(isKnown ? applied.change : read.change) };
  return settle(isKnown ? applied.result : applied, { ...stored, record: described, message }, context);
}

/** The change itself, or what reading the record that is to give it came to. */
async function changeOf(
  { change, thin, record }: StoredChange,
  receivedAt: Date,
  context: AttemptContext,
): Promise<RecordRead> {
  if (change) return { type: 'read', change };
  return readRecord(thin ?? null, record.source, receivedAt, context);
}

/** A secret that cannot be read is a fault of the configuration, like a key that DirectScale refuses. */
async function withoutSecretFailures<Result>(work: () => Promise<Result>): Promise<Result | NoSecret> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SecretMissing || error instanceof SecretStoreUnavailable) {
      return { type: 'no-secret', code: error.code };
    }
    throw error;
  }
}

interface Subject extends StoredChange {
  readonly message: ChangeMessage;
}

async function settle(result: Outcome, subject: Subject, context: AttemptContext): Promise<Attempted> {
  const attempt = attemptOf(result, context.now());
  describeSpan({
    'relay.source': subject.record.source,
    'relay.customer_id': subject.record.customerId,
    'relay.outcome': attempt.outcome,
    'relay.reason': attempt.reason,
  });
  switch (result.type) {
    case 'applied':
      return finish({ status: 'applied', dropped: [...result.dropped] }, attempt, subject, context);
    case 'unchanged':
    case 'stale':
      return finish({ status: result.type }, attempt, subject, context);
    case 'refused':
      return park(result.answer.outcome, attempt, subject, context);
    case 'failed':
      if (result.answer.outcome === 'misconfigured')
        return wait(misconfiguredWait(), attempt, subject, context);
      return retry(result.answer.retryAfterMs, attempt, subject, context);
    case 'unresolved':
      return finish(
        { status: 'parked', reason: result.reason, note: result.note },
        attempt,
        subject,
        context,
      );
    case 'incomplete':
      return finish(
        { status: 'parked', reason: 'address-incomplete', violations: missingParts(result.missing) },
        attempt,
        subject,
        context,
      );
    case 'customer-paused':
      return waitForCustomer(result.waitMs, attempt, subject, context);
    case 'waiting':
      return retry(undefined, attempt, subject, context);
    case 'busy':
      return wait(spread(result.waitMs), attempt, subject, context);
    case 'no-secret':
    case 'refused-by-vendor':
      return wait(misconfiguredWait(), attempt, subject, context);
    case 'unavailable':
      return retry(result.retryAfterMs, attempt, subject, context);
    case 'unmappable':
      return finish(
        { status: 'parked', reason: 'unmappable', violations: [...result.violations] },
        attempt,
        subject,
        context,
      );
    case 'for-a-person':
      return finish(
        { status: 'parked', reason: 'for-a-person', note: result.reason },
        attempt,
        subject,
        context,
      );
    case 'nothing':
      return finish({ status: 'ignored', reason: result.reason }, attempt, subject, context);
    case 'paused':
      // An outage uses up every change's schedule, but never more of it than the outage has lasted.
      if (isOutage(result.reason) && mayUseUp(result.since, subject, context))
        return retry(undefined, attempt, subject, context);
      return wait(
        isOutage(result.reason) || isThrottled(result.reason) ? spread(result.waitMs) : misconfiguredWait(),
        attempt,
        subject,
        context,
      );
  }
}

/** The next delay of the schedule, or parked when there is none. */
async function retry(
  waitMs: number | undefined,
  attempt: Attempt,
  subject: Subject,
  context: AttemptContext,
): Promise<Attempted> {
  const failedAttempts = subject.record.failedAttempts + 1;
  const delayMs = nextDelay(context.schedule, failedAttempts, waitMs);
  if (delayMs === undefined) return park('retries-exhausted', attempt, subject, context);
  const turn = Math.max(subject.message.turn, subject.record.turn) + 1;
  await context.stores.queue.send({ ...subject.message, turn }, delayMs);
  const nextAttemptAt = new Date(context.now().getTime() + delayMs).toISOString();
  return save({ failedAttempts, turn, nextAttemptAt }, attempt, subject, context);
}

/** Back into the queue without using up the schedule. Recorded only when it waits for something new. */
async function wait(
  delayMs: number,
  attempt: Attempt,
  subject: Subject,
  context: AttemptContext,
): Promise<Attempted> {
  await context.stores.queue.send(subject.message, delayMs);
  const { record } = subject;
  if (attempt.outcome === 'busy' || record.reason === attempt.reason) return { record, attempt };
  return save({ ...(attempt.reason && { reason: attempt.reason }) }, attempt, subject, context);
}

/** Back into the queue until the customer is no longer paused. */
function waitForCustomer(
  waitMs: number,
  attempt: Attempt,
  subject: Subject,
  context: AttemptContext,
): Promise<Attempted> {
  const nextAttemptAt = new Date(context.now().getTime() + waitMs).toISOString();
  return wait(waitMs, attempt, { ...subject, record: { ...subject.record, nextAttemptAt } }, context);
}

function park(
  reason: ParkingReason,
  attempt: Attempt,
  subject: Subject,
  context: AttemptContext,
): Promise<Attempted> {
  return finish({ status: 'parked', reason }, attempt, subject, context);
}

function finish(
  end: Partial<DeliveryRecord>,
  attempt: Attempt,
  subject: Subject,
  context: AttemptContext,
): Promise<Attempted> {
  const { nextAttemptAt: _, reason: __, ...record } = subject.record;
  return save(end, attempt, { ...subject, record }, context);
}

async function save(
  news: Partial<DeliveryRecord>,
  attempt: Attempt,
  { record, etag }: Subject,
  { stores }: AttemptContext,
): Promise<Attempted> {
  const updated = { ...record, ...news, attempts: [...record.attempts, attempt].slice(-attemptsKept) };
  describeSpan({ 'relay.status': updated.status });
  // Lost: a replay, or a second message of this change, was faster, and its own attempt decides.
  await stores.records.update(updated, etag);
  return { record: updated, attempt };
}

function mayUseUp(outageSince: number, { record }: Subject, { schedule, now }: AttemptContext): boolean {
  const fitting = delaysWithin(schedule, now().getTime() - outageSince);
  return record.failedAttempts < fitting || fitting === schedule.length;
}

const misconfiguredWait = (): number => misconfiguredWaitMs + Math.random() * misconfiguredSpreadMs;
const spread = (ms: number): number => ms * (1 + Math.random() / 2);
