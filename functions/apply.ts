import { app, type InvocationContext } from '@azure/functions';
import { storageConnection } from '../src/azure/storage-connection.ts';
import { attemptChange } from '../src/delivery/attempt/attempt.ts';
import { parkPoison, parkUnreadable, putBack } from '../src/delivery/attempt/park.ts';
import { changeQueueName, poisonQueueName, readChangeMessage } from '../src/delivery/store/change-queue.ts';
import { isStorageFailure } from '../src/delivery/store/storage-errors.ts';
import { logAttempt } from '../src/http/log-attempt.ts';
import { getRelay } from '../src/relay.ts';
import { span } from '../src/telemetry/telemetry.ts';

/** Far below the time after which the host ends a function (functionTimeout in host.json). */
const holdMs = 20_000;

/** Takes a change from the queue and makes one attempt at it. What throws here comes back by the host's own rules. */
app.storageQueue('apply', {
  queueName: changeQueueName,
  connection: storageConnection,
  handler: async (input: unknown, context: InvocationContext): Promise<void> => {
    const delivery = await (await getRelay()).delivery();
    const message = readChangeMessage(input);
    if (!message) {
      context.error('a message of the queue cannot be read: parked');
      return parkUnreadable(input, delivery);
    }
    const { deliveryId, index } = message;
    const attributes = { 'relay.delivery_id': deliveryId, 'relay.change_index': index };
    const parent = message.traceparent ?? context.traceContext?.traceParent;
    try {
      await span('apply change', { kind: 'consumer', attributes, parent }, async () => {
        const attempted = await attemptChange(message, { ...delivery, holdMs });
        if (attempted) logAttempt(context, attempted.record, attempted.attempt);
      });
    } catch (error) {
      // After a few of these the host would take the message for poison.
      if (!isStorageFailure(error)) throw error;
      context.error(`storage-unavailable: change ${deliveryId}/${index} waits`);
      await putBack(message, delivery);
    }
  },
});

/** Takes what the host gave up, because its function crashed too often, and parks it. */
app.storageQueue('applyPoison', {
  queueName: poisonQueueName,
  connection: storageConnection,
  handler: async (input: unknown, context: InvocationContext): Promise<void> => {
    const delivery = await (await getRelay()).delivery();
    const message = readChangeMessage(input);
    if (!message) return parkUnreadable(input, delivery);
    const record = await parkPoison(message, delivery);
    if (record) logAttempt(context, record, undefined);
  },
});
