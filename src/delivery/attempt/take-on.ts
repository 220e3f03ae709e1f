import { describeSpan } from '../../telemetry/telemetry.ts';
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
import { sendNext } from './resume.ts';

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
  const { records } = context.stores;
  const stored = await records.read(message);
  if (!stored) return waitForRecord(message, context);
  // Final, or taken on by a later message: this one is a leftover.
  if (stored.record.status !== 'pending' || message.turn < stored.record.turn) return;

  const { outcome, ...known } = await attemptOrRefused(stored, patience, context);
  if (outcome.told.outcome === 'forgotten') {
    const { index, customerId: forgotten } = known.record;
    const isMeant = (record: DeliveryRecord) =>
      record.index === index || (forgotten !== undefined && record.customerId === forgotten);
    await forgetDelivery(message.deliveryId, isMeant, context.stores);
    return;
  }
  const { record, attempt, isNews, next } = follow(outcome, known.record, message.turn, context);
  if (next) await sendNext(record, next, context);
  // Lost to a replay or a second message of this change: its own attempt decides. But whoever sent this very message may
  // only now have said so in the record: then nobody else comes.
  if (isNews && !(await records.update({ record }, stored)))
    return takeOn(message, patience, context, onRecorded);
  describeSpan({ 'relay.status': record.status });
  onRecorded(record, attempt);
}

/** The record was deleted on request, and the message is a leftover; or it is not written yet, and the message comes again. */
async function waitForRecord(message: ChangeMessage, { stores, now }: AttemptContext): Promise<void> {
  const { recordMayComeUntil } = message;
  if (recordMayComeUntil !== undefined && now().getTime() < Date.parse(recordMayComeUntil))
    await stores.queue.send(message, recordWaitMs);
}

/** A record that is not there yet is looked for again after this long. */
const recordWaitMs = 5000;

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
    return await attemptChange(recorded, patience, context);
  } catch (error) {
    if (!isStorageRefusal(error)) throw error;
    return { ...recorded, outcome: storageRefused };
  }
}
