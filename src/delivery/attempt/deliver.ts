import pLimit from 'p-limit';
import { describeSpan, span } from '../../telemetry/telemetry.ts';
import type { Message, Taken } from '../record/message.ts';
import { isStorageFailure, isStorageRefusal } from '../store/storage-errors.ts';
import type { AttemptContext, OnRecorded, Patience } from './attempt-change.ts';
import { deliverTaken } from './deliver-taken.ts';
import { parkTaken } from './park.ts';
import { takeOn } from './take-on.ts';

/** So many deliveries of one message are worked on side by side. */
const deliveriesAtATime = 16;

/** Far below the time after which the host ends a function (functionTimeout in host.json). */
const patience: Patience = { ms: 20_000, with: 'every hold' };

/** After so long, what storage would not take is tried again. */
const putBackMs = 30_000;

/**
 * Works off one message of the queue: deliveries that were just taken, or a recorded change whose turn has come. Each
 * delivery stands for itself: what fails is put back, the others are done. Rejects if that is not possible, or if
 * something unexpected happens; then the whole message must come back, which does no harm to what is done.
 */
export async function deliver(
  message: Message,
  context: AttemptContext,
  onRecorded: OnRecorded,
): Promise<void> {
  if (!('deliveries' in message)) {
    await storageMayFail(
      () =>
        traced(message.traceparent, async () => {
          describeSpan({ 'relay.delivery_id': message.deliveryId });
          await takeOn(message, patience, context, onRecorded);
        }),
      () => context.stores.queue.send(message, putBackMs),
    );
    return;
  }
  const limit = pLimit(deliveriesAtATime);
  const results = await Promise.allSettled(
    message.deliveries.map((taken) => limit(() => deliverOne(taken, context, onRecorded))),
  );
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}

async function deliverOne(taken: Taken, context: AttemptContext, onRecorded: OnRecorded): Promise<void> {
  await storageMayFail(
    () =>
      traced(taken.traceparent, async () => {
        describeSpan({ 'relay.source': taken.source, 'relay.delivery_id': taken.id });
        await deliverUnlessRefused(taken, context, onRecorded);
      }),
    () => context.stores.queue.sendTaken([taken], putBackMs),
  );
}

/** What storage refuses to keep it would refuse for ever: the delivery is parked as it came. */
async function deliverUnlessRefused(
  taken: Taken,
  context: AttemptContext,
  onRecorded: OnRecorded,
): Promise<void> {
  try {
    await deliverTaken(taken, patience, context, onRecorded);
  } catch (error) {
    if (!isStorageRefusal(error)) throw error;
    for (const record of await parkTaken(taken, 'storage-refused', context)) onRecorded(record, undefined);
  }
}

const traced = (parent: string | undefined, work: () => Promise<unknown>): Promise<unknown> =>
  span('apply change', { kind: 'consumer', parent }, work);

/** Puts a message back that could not even be read or recorded: after a few failures the host would call it poison. */
async function storageMayFail(work: () => Promise<unknown>, putBack: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isStorageFailure(error)) throw error;
    console.error('storage-unavailable: a message waits');
    await putBack();
  }
}
