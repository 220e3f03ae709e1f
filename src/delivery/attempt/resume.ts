import { currentTraceparent } from '../../telemetry/telemetry.ts';
import type { ChangeMessage } from '../record/message.ts';
import type { DeliveryRecord, RecordedChange } from '../record/record.ts';
import type { Stores } from '../store/stores.ts';

interface ResumeContext {
  readonly stores: Pick<Stores, 'queue' | 'records'>;
}

/** Puts the next message of a change into the queue. */
export async function sendNext(
  { deliveryId, index }: Pick<DeliveryRecord, 'deliveryId' | 'index'>,
  { delayMs, ...next }: Pick<ChangeMessage, 'turn' | 'recordMayComeUntil'> & { readonly delayMs: number },
  { stores }: ResumeContext,
): Promise<void> {
  const traceparent = currentTraceparent();
  const message = { deliveryId, index, ...next, ...(traceparent && { traceparent }) };
  await stores.queue.send(message, delayMs);
}

/**
 * Sends changes again that are finished but in doubt: an older call may have come after theirs. A change that waits for
 * such a newer one would else wait for ever.
 */
export async function resumeFinished(changeIds: readonly string[], context: ResumeContext): Promise<void> {
  const { records } = context.stores;
  for (const changeId of changeIds) {
    const [deliveryId = '', index] = changeId.split('/');
    const stored = await records.read({ deliveryId, index: Number(index) });
    if (!stored || !isFinished(stored)) continue;
    const turn = stored.record.turn + 1;
    const record: DeliveryRecord = { ...stored.record, status: 'pending', reason: 'overtaken', turn };
    // Before the message, which would else be taken for a leftover. If the process dies in between, upkeep sends it.
    if (await records.update({ record }, stored)) await sendNext(record, { turn, delayMs: 0 }, context);
  }
}

/** Whether a change was written, or was thought to be. */
function isFinished({ record, change, thin }: RecordedChange): boolean {
  const isApplied =
    record.status === 'applied' || record.status === 'unchanged' || record.status === 'returned';
  return isApplied && (change !== undefined || thin !== undefined);
}
