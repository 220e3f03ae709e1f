import { hash } from 'node:crypto';
import type { Source } from '../../config/source.ts';
import { isAddressed } from '../../domain/change.ts';
import { deliveryIdentity, deliveryIdOf } from '../record/delivery-id.ts';
import { pausedByHand } from '../record/hand-pause.ts';
import { openKindOf } from '../record/open-kind.ts';
import type { Outcome } from '../record/outcome.ts';
import { type PackedRequest, packRequest } from '../record/packed-request.ts';
import { type ReadPayload, requestOf } from '../record/read-payload.ts';
import type { DeliveryRecord, RecordedChange } from '../record/record.ts';
import type { AttemptContext, Attempted, OnRecorded, Patience } from './attempt-change.ts';
import { type FirstAttempt, settleFirst } from './first-attempt.ts';
import { readDelivery, recordedChangesOf } from './read-delivery.ts';
import { sendNext } from './resume.ts';
import { attemptOrRefused } from './take-on.ts';

/** What became of a payload that was read. */
export interface DeliveredRead {
  /** A record for each of its changes, as it is after the attempt; not all of them are kept. */
  readonly records: readonly DeliveryRecord[];
  /** Why no calls are made to DirectScale now: nothing is kept of the rest, it is to be read again. */
  readonly stopped?: Stopped;
}

/** Why nobody can go on now, and for about how long. */
export interface Stopped {
  readonly reason: string;
  readonly waitMs: number;
}

/** What was read, of which source. */
export interface Read extends ReadPayload {
  readonly source: Source;
  /** False: whoever is not linked, nor named by id, is left alone. Looking up all of a shop's customers costs calls. */
  readonly mayLookUp: boolean;
}

/** Whoever reads reads again: it waits for the end of a pause, but no longer than a run may stand still. */
const patience: Patience = { ms: 20_000, with: 'every hold' };

/**
 * The way in for what was read from a vendor or a file: maps the payload with the source's mapping and attempts each of its
 * changes at once, as a delivery of its own. Nothing is taken into the queue before, since it can be read again; when this
 * resolves without `stopped`, each change is finished or recorded with its next message. Kept is only what tells an
 * operator something: what was written, what is pending, what is parked, or has a field left out, for the first time. What DirectScale holds already,
 * and whom it does not know, leaves no record: a walk over all customers must not fill the tables. Throws what storage
 * throws, and a MappingUnusable.
 */
export async function deliverRead(
  read: Read,
  context: AttemptContext,
  onRecorded: OnRecorded,
): Promise<DeliveredRead> {
  const held = await context.heldByHand(['all', `source:${read.source.name}`]);
  if (held) return { records: [], stopped: { reason: pausedByHand, waitMs: held.waitMs } };
  const { request, contentHash, changes } = await changesOfRead(read);
  const settled: FirstAttempt[] = [];
  let stopped: Stopped | undefined;
  for (const change of changes) {
    const attempted = await attempt(change, read, context);
    stopped = 'outcome' in attempted ? stopOf(attempted.outcome) : undefined;
    if (stopped) break;
    const first = 'outcome' in attempted ? await settleFirst(attempted, context) : attempted;
    if (first) settled.push(first);
  }
  const kept: FirstAttempt[] = [];
  for (const one of settled) if (await isKept(one.record, contentHash, context)) kept.push(one);
  if (kept.length > 0) {
    await keep(kept, packRequest(request), context);
    for (const { record, attempt } of kept) onRecorded(record, attempt);
  }
  return { records: settled.map(({ record }) => record), ...(stopped && { stopped }) };
}

/** A file that is imported once more gives the same deliveries: what is pending goes on, the others are told anew. */
async function keep(
  changes: readonly FirstAttempt[],
  request: PackedRequest,
  context: AttemptContext,
): Promise<void> {
  const { records } = context.stores;
  const [first] = changes;
  // Nearly all are applied at once and are nowhere else: to write them says, too, whether they are there.
  const isSimple = changes.every(({ record }) => openKindOf(record) === undefined);
  if (isSimple && (await records.create(changes, request))) return;
  const before = first ? await records.ofDelivery(first.record.deliveryId) : [];
  if (before.length === 0) {
    await records.create(changes, request);
    return;
  }
  for (const { record, attempt: _, ...applicable } of changes) {
    const stored = before.find((one) => one.record.index === record.index);
    // Only this time is there something to record of it.
    if (!stored) await records.create([{ record, ...applicable }]);
    if (!stored || stored.record.status === 'pending') continue;
    const turn = Math.max(record.turn, stored.record.turn) + 1;
    const isUpdated = await records.update({ record: { ...record, turn }, ...applicable }, stored);
    if (!isUpdated || record.status !== 'pending') continue;
    // The message that was sent for it is a leftover by this turn: it may have come before the record said that the change is
    // pending. If the process dies in between, upkeep sends one.
    const dueAt = Date.parse(record.nextAttemptAt ?? record.receivedAt);
    await sendNext(record, { turn, delayMs: Math.max(0, dueAt - context.now().getTime()) }, context);
  }
}

/** The changes that a payload gives, each with a record that is not kept yet. Throws a MappingUnusable. */
export async function changesOfRead(read: Read) {
  const { source, readAt, foundBy } = read;
  const request = requestOf(read);
  const contentHash = hash('sha256', request.body);
  const deliveryId = deliveryIdOf(readAt, deliveryIdentity(source.name, `${foundBy} ${contentHash}`));
  const { content } = await readDelivery(source, request, readAt);
  const changes = recordedChangesOf(content, { deliveryId, source: source.name, foundBy });
  return { request, contentHash, changes };
}

/** Whether nobody knows whom a change is about without a look-up. */
export async function needsLookUp(
  { change, record }: RecordedChange,
  { stores }: AttemptContext,
): Promise<boolean> {
  if (!change || isAddressed(change)) return false;
  const { source, recordId } = record;
  return recordId === undefined || (await stores.links.find(source, recordId)) === undefined;
}

/** What no call is needed for (unmappable, ignored) stays as it is. */
async function attempt(
  change: RecordedChange,
  { mayLookUp }: Read,
  context: AttemptContext,
): Promise<Attempted | FirstAttempt> {
  const { record } = change;
  if (record.status !== 'pending') return { ...change, attempt: undefined };
  if (mayLookUp || !(await needsLookUp(change, context))) return attemptOrRefused(change, patience, context);
  return { record: { ...record, status: 'parked', reason: 'customer-not-found' }, attempt: undefined };
}

/** An outcome that every other change would have, too: thousands must not pile up in the queue for it. */
export function stopOf(outcome: Outcome): Stopped | undefined {
  if (outcome.follows !== 'retry' && outcome.follows !== 'hold') return undefined;
  const { told } = outcome;
  if (told.outcome !== 'paused' && told.outcome !== 'misconfigured') return undefined;
  // Of one customer alone: the others go on.
  if (told.reason === pausedByHand) return undefined;
  const waitMs = outcome.follows === 'hold' ? outcome.waitMs : (outcome.outage?.waitMs ?? outcome.waitMs);
  return { reason: told.reason ?? told.outcome, waitMs: waitMs ?? 0 };
}

async function isKept(
  record: DeliveryRecord,
  contentHash: string,
  { stores }: AttemptContext,
): Promise<boolean> {
  const { status, reason, source, foundBy, deliveryId } = record;
  if (status === 'applied' || status === 'pending') return true;
  // Most of a shop's customers may be no customers of DirectScale.
  if (openKindOf(record) === undefined || reason === 'customer-not-found') return false;
  // Whoever imports is told at once, and has the payload.
  if (foundBy === 'import' && reason === 'unmappable') return false;
  // The next walk reads the same payload again: it is told once.
  const identity = deliveryIdentity(source, `read ${contentHash}`);
  const claim = await stores.seen.claim(identity, deliveryId);
  // An event that is read again is the same delivery; so is a file that is imported once more, but whoever does that is told anew.
  if (foundBy === 'import' && claim.deliveryId === deliveryId) return true;
  return (await stores.records.ofDelivery(claim.deliveryId)).length === 0;
}
