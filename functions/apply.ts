import { app, type InvocationContext } from '@azure/functions';
import { storageConnection } from '../src/azure/storage-connection.ts';
import { deliver } from '../src/delivery/attempt/deliver.ts';
import { parkPoison, parkUnreadable } from '../src/delivery/attempt/park.ts';
import { poisonQueueName, queueName, readMessage } from '../src/delivery/record/message.ts';
import { logRecorded } from '../src/http/log-recorded.ts';
import { getRelay } from '../src/relay.ts';

/** Works off a message of the queue: deliveries that were taken, or a change whose turn has come again. */
app.storageQueue('apply', {
  queueName,
  connection: storageConnection,
  handler: async (input: unknown, context: InvocationContext): Promise<void> => {
    const delivery = await (await getRelay()).delivery();
    const message = readMessage(input);
    if (!message) {
      context.error('a message of the queue cannot be read: parked');
      return parkUnreadable(input, delivery);
    }
    await deliver(message, delivery, (record, attempt) => logRecorded(context, record, attempt));
  },
});

/** Takes what the host gave up, because its function crashed too often, and parks it. */
app.storageQueue('applyPoison', {
  queueName: poisonQueueName,
  connection: storageConnection,
  handler: async (input: unknown, context: InvocationContext): Promise<void> => {
    const delivery = await (await getRelay()).delivery();
    const message = readMessage(input);
    if (!message) return parkUnreadable(input, delivery);
    for (const record of await parkPoison(message, delivery)) logRecorded(context, record, undefined);
  },
});
