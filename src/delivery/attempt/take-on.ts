import { currentTraceparent, describeSpan } from '../../telemetry/telemetry.ts';
import type { ChangeMessage } from '../record/message.ts';
import type { Park } from '../record/outcome.ts';
import type { DeliveryRecord, RecordedChange } from '../record/record.ts';
import { forgetDelivery } from '../store/forget-delivery.ts';
import { isStorageRefusal } from '../store/storage-errors.ts';
import {
  type AttemptContext,
  type Attempted,
  attemptChange,
  type OnRecorded,
  type Patience,
} from './attempt-change.ts';
import { follow } from './follow.ts';

/**
 * Takes a recorded change on whose turn has come: one attempt, and what follows from it. What must not be lost is in the
 * queue before the record says so. Throws what storage throws; then the message must come back.
 */
export async function takeOn(
  message: ChangeMessage,
  patience: Patience,
  context: AttemptContext,
  onRecorded: OnRecorded,
): Promise<void> {
  const { records, states } = context.stores;
  const stored = await records.read(message);
  // No record: deleted on request. Final, or taken on by a later message: this one is a leftover.
  if (stored?.record.status !== 'pending' || message.turn < stored.record.turn) return;

  const { outcome, ...known } = await attemptOrRefused(stored, patience, context);
  if (outcome.told.outcome === 'forgotten') {
    await forgetDelivery(message.deliveryId, known.record.customerId ?? '', context.stores);
    return;
  }
  const { record, attempt, isNews, next } = follow(outcome, known.record, message.turn, context);
  const { customerId } = record;
  if (customerId !== undefined && customerId !== stored.record.customerId && outcome.follows !== 'done')
    await states.addDelivery(customerId, message.deliveryId);
  if (next) await sendNext(record, next, context);
  // Lost: a replay, or a second message of this change, was faster, and its own attempt decides.
  if (isNews) await records.update({ record }, stored);
  describeSpan({ 'relay.status': record.status });
  onRecorded(record, attempt);
}

const storageRefused: Park = {
  follows: 'park',
  reason: 'storage-refused',
  note: 'the storage account refuses to keep what belongs to this change',
  told: { outcome: 'storage-refused' },
};

/** An attempt; what storage refuses is the relay's own fault and would be refused for ever, so it is parked. */
export async function attemptOrRefused(
  recorded: RecordedChange,
  patience: Patience,
  context: AttemptContext,
): Promise<Attempted> {
  try {
    const attempted = await attemptChange(recorded, patience, context);
    const { outcome } = attempted;
    if (outcome.follows === 'retry') await resumeFinished(outcome.behind ?? [], context);
    return attempted;
  } catch (error) {
    if (!isStorageRefusal(error)) throw error;
    return { ...recorded, outcome: storageRefused };
  }
}

/** Puts the next message of a change into the queue. */
export async function sendNext(
  { deliveryId, index }: Pick<DeliveryRecord, 'deliveryId' | 'index'>,
  { turn, delayMs }: { readonly turn: number; readonly delayMs: number },
  { stores }: AttemptContext,
): Promise<void> {
  const traceparent = currentTraceparent();
  const message = { deliveryId, index, turn, ...(traceparent && { traceparent }) };
  await stores.queue.send(message, delayMs);
}

/**
 * Sends changes again that are finished but in doubt: an older call may have come after theirs. A change that waits for
 * such a newer one would else wait for ever.
 */
async function resumeFinished(changeIds: readonly string[], context: AttemptContext): Promise<void> {
  const { records } = context.stores;
  for (const changeId of changeIds) {
    const [deliveryId = '', index] = changeId.split('/');
    const stored = await records.read({ deliveryId, index: Number(index) });
    if (!stored || !isFinished(stored)) continue;
    const turn = stored.record.turn + 1;
    await sendNext(stored.record, { turn, delayMs: 0 }, context);
    await records.update(
      { record: { ...stored.record, status: 'pending', reason: 'overtaken', turn } },
      stored,
    );
  }
}

/** Whether a change was written, or was thought to be. */
function isFinished({ record, change, thin }: RecordedChange): boolean {
  const isApplied =
    record.status === 'applied' || record.status === 'unchanged' || record.status === 'returned';
  return isApplied && (change !== undefined || thin !== undefined);
}
