import pLimit from 'p-limit';
import { directSource } from '../../config/source.ts';
import { MappingUnusable } from '../../mapping/mapping-unusable.ts';
import { SecretMissing, SecretStoreUnavailable } from '../../secrets/secret-store.ts';
import { currentTraceparent, describeSpan } from '../../telemetry/telemetry.ts';
import { countAccepted } from '../record/change-metrics.ts';
import { deliveryIdentity, receivedAtOf } from '../record/delivery-id.ts';
import type { Taken } from '../record/message.ts';
import { type PackedRequest, unpackRequest } from '../record/packed-request.ts';
import type { DeliveryRecord, RecordedChange } from '../record/record.ts';
import type { AttemptContext, OnRecorded, Patience } from './attempt-change.ts';
import { attemptFirst } from './first-attempt.ts';
import {
  type DeliveryContent,
  type ReadDelivery,
  readDelivery,
  readDirect,
  recordedChangesOf,
} from './read-delivery.ts';

/** What became of a delivery that was taken. */
export type Delivered =
  | { readonly type: 'recorded'; readonly records: readonly DeliveryRecord[] }
  /** The same delivery came before, under this id. */
  | { readonly type: 'repeat'; readonly deliveryId: string }
  /** It cannot be read now, and is in the queue again. */
  | { readonly type: 'put-back' }
  /** What it says is forgotten on request. */
  | { readonly type: 'forgotten' };

/** A delivery of more changes than this gives each of them a message of its own: one invocation must not take minutes. */
const changesAtOnce = 20;
/** So many of them are applied side by side. */
const changesAtATime = 8;
/** A delivery that cannot be read now (a broken mapping, a missing secret) comes back after this long. */
const putBackMs = 15_000;

/**
 * Reads and maps a delivery that was just taken, attempts each of its changes, and records what came of it. What must not
 * be lost is in the queue before a record says so. The first of its repeats has the identity; another one is dropped, and
 * so is the same message if it comes again. Throws what storage throws; then the delivery must come again.
 */
export async function deliverTaken(
  taken: Taken,
  patience: Patience,
  context: AttemptContext,
  onRecorded: OnRecorded,
): Promise<Delivered> {
  const { records, seen } = context.stores;
  const request = await requestOf(taken, context);
  if (!request) return { type: 'forgotten' };
  const read = await unlessUnreadable(() => readTaken(taken, request, context));
  if (!read) return putBack(taken, context);

  const claim = await seen.claim(deliveryIdentity(taken.source, read.senderId || taken.id), taken.id);
  if (claim.deliveryId !== taken.id) {
    // Nobody would find it to forget it: no record belongs to it.
    if (taken.body === undefined) await records.removeRequest(taken.id);
    return { type: 'repeat', deliveryId: claim.deliveryId };
  }
  if (claim.isForgotten) return { type: 'forgotten' };
  const before = claim.isNew ? [] : await records.ofDelivery(taken.id);
  if (before.length > 0) return { type: 'recorded', records: await sendAgain(before, context) };

  const content = await unlessUnreadable(() => withLinksRefreshed(read.content, context));
  if (!content) return putBack(taken, context);
  const recorded = recordedChangesOf(content, {
    deliveryId: taken.id,
    source: taken.source,
    topic: read.topic,
  });
  // The direct route keeps no request: there is nothing but the change.
  const kept = taken.source === directSource || taken.body === undefined ? undefined : request;
  const limit = pLimit(changesAtATime);
  if (recorded.length > changesAtOnce) {
    await records.create(recorded, kept);
    for (const { record } of recorded) countAccepted(record);
    return { type: 'recorded', records: await sendAgain(recorded, context) };
  }

  const results = await Promise.all(
    recorded.map((change) => limit(() => attemptFirst(change, patience, context))),
  );
  const attempted = results.filter((result) => result !== undefined);
  const isWhole = attempted.length === results.length;
  if (attempted.length === 0) await seen.markForgotten(taken.id);
  else await records.create(attempted, isWhole ? kept : undefined);
  // What was stored ahead still says everything of whoever is forgotten.
  if (!isWhole && taken.body === undefined) await records.removeRequest(taken.id);
  if (attempted.length === 0) return { type: 'forgotten' };
  for (const { record, attempt } of attempted) {
    countAccepted(record);
    describeSpan({ 'relay.status': record.status });
    onRecorded(record, attempt);
  }
  return { type: 'recorded', records: attempted.map(({ record }) => record) };
}

/** What DirectScale says a customer can be found by is used at once; what it led to is the reason for the record. */
async function withLinksRefreshed(
  content: DeliveryContent,
  { refreshLinks }: AttemptContext,
): Promise<DeliveryContent> {
  if (content.type !== 'references') return content;
  return { type: 'ignored', reason: await refreshLinks(content) };
}

/** Undefined: it was stored ahead because it is large, and was forgotten since. */
async function requestOf(taken: Taken, { stores }: AttemptContext): Promise<PackedRequest | undefined> {
  if (taken.body === undefined) return stores.records.request(taken.id);
  return { headers: taken.headers, body: Buffer.from(taken.body, 'base64') };
}

async function readTaken(
  taken: Taken,
  packed: PackedRequest,
  { sources }: AttemptContext,
): Promise<ReadDelivery> {
  const request = unpackRequest(packed);
  if (taken.source === directSource) return readDirect(request);
  const source = sources.get(taken.source);
  if (source) return readDelivery(source, request, receivedAtOf(taken.id));
  const violations = [{ path: '', message: 'the source is not in relay.json any more' }];
  return { senderId: '', content: { type: 'unmappable', violations } };
}

/** Undefined: the configuration is at fault, and nothing can be said of the delivery before that is put right. */
async function unlessUnreadable<Result>(read: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await read();
  } catch (error) {
    if (
      error instanceof MappingUnusable ||
      error instanceof SecretMissing ||
      error instanceof SecretStoreUnavailable
    ) {
      console.error(`${error.code}: ${error.message}: a delivery waits`);
      return undefined;
    }
    throw error;
  }
}

async function putBack(taken: Taken, { stores, random }: AttemptContext): Promise<Delivered> {
  await stores.queue.sendTaken([taken], putBackMs * (1 + random() / 3));
  return { type: 'put-back' };
}

/** Messages for the recorded changes that nobody has attempted yet. One too many does no harm. */
async function sendAgain(
  recorded: readonly RecordedChange[],
  { stores }: AttemptContext,
): Promise<DeliveryRecord[]> {
  const traceparent = currentTraceparent();
  const untried = recorded.filter(
    ({ record }) => record.status === 'pending' && record.attempts.length === 0,
  );
  const limit = pLimit(changesAtATime);
  await Promise.all(
    untried.map(({ record: { deliveryId, index, turn } }) =>
      limit(() => stores.queue.send({ deliveryId, index, turn, ...(traceparent && { traceparent }) })),
    ),
  );
  return recorded.map(({ record }) => record);
}
