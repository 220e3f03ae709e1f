import type { InvocationContext } from '@azure/functions';
import { deliver } from '../../src/delivery/attempt/deliver.ts';
import { parkPoison, parkUnreadable } from '../../src/delivery/attempt/park.ts';
import { readMessage } from '../../src/delivery/record/message.ts';
import { logRecorded } from '../../src/http/log-recorded.ts';
import { getRelay } from '../../src/relay.ts';

/** What throws here comes back by the host's own rules. */
export async function apply(input: unknown, context: InvocationContext): Promise<void> {
  const delivery = await (await getRelay()).delivery();
  const message = readMessage(input);
  if (!message) {
    context.error('a message of the queue cannot be read: parked');
    return parkUnreadable(input, delivery);
  }
  await deliver(message, delivery, (record, attempt) => logRecorded(context, record, attempt));
}

export async function applyPoison(input: unknown, context: InvocationContext): Promise<void> {
  const delivery = await (await getRelay()).delivery();
  const message = readMessage(input);
  if (!message) return parkUnreadable(input, delivery);
  for (const record of await parkPoison(message, delivery)) logRecorded(context, record, undefined);
}
