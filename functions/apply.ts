import { app } from '@azure/functions';
import { storageConnection } from '../src/azure/storage-connection.ts';
import { poisonQueueName, queueName } from '../src/delivery/record/queue-names.ts';

let loaded: Promise<typeof import('./handlers/apply.ts')> | undefined;

/** Kept: importing them for every message anew takes time. */
function handlers() {
  loaded ??= import('./handlers/apply.ts');
  return loaded;
}

/** Works off a message of the queue: deliveries that were taken, or a change whose turn has come again. */
app.storageQueue('apply', {
  queueName,
  connection: storageConnection,
  handler: async (input, context) => (await handlers()).apply(input, context),
});

/** Takes what the host gave up, because its function crashed too often, and parks it. */
app.storageQueue('applyPoison', {
  queueName: poisonQueueName,
  connection: storageConnection,
  handler: async (input, context) => (await handlers()).applyPoison(input, context),
});
