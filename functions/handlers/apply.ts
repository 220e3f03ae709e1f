import type { InvocationContext } from '@azure/functions';
import type { AttemptContext } from '../../src/delivery/attempt/attempt-change.ts';
import { deliver } from '../../src/delivery/attempt/deliver.ts';
import { parkPoison, parkUnreadable } from '../../src/delivery/attempt/park.ts';
import { readMessage } from '../../src/delivery/record/message.ts';
import { isStorageFailure } from '../../src/delivery/store/storage-errors.ts';
import { logRecorded } from '../../src/http/log-recorded.ts';
import { getQueue, getRelay } from '../../src/relay.ts';

/** After so long, what could not be worked on comes again. */
const putBackMs = 30_000;

export async function apply(input: unknown, context: InvocationContext): Promise<void> {
  await orPutBack(input, context, async (delivery) => {
    const message = readMessage(input);
    if (!message) {
      context.error('a message of the queue cannot be read: parked');
      return parkUnreadable(input, delivery);
    }
    await deliver(message, delivery, (record, attempt) => logRecorded(context, record, attempt));
  });
}

export async function applyPoison(input: unknown, context: InvocationContext): Promise<void> {
  await orPutBack(input, context, async (delivery) => {
    const message = readMessage(input);
    if (!message) return parkUnreadable(input, delivery);
    for (const record of await parkPoison(message, delivery)) logRecorded(context, record, undefined);
  });
}

/**
 * A wrong setting, or storage that does not answer, is no fault of the message: after five failures the host would give it
 * up, and nobody would look for it. What else throws here comes back by the host's own rules.
 */
async function orPutBack(
  input: unknown,
  context: InvocationContext,
  work: (delivery: AttemptContext) => Promise<void>,
): Promise<void> {
  let delivery: AttemptContext | undefined;
  try {
    delivery = await (await getRelay()).delivery();
    await work(delivery);
  } catch (error) {
    if (delivery && !isStorageFailure(error)) throw error;
    context.error('the settings are wrong or storage does not answer: a message waits');
    await (await getQueue()).putBack(input, putBackMs);
  }
}
