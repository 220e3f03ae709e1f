import { QueueClient } from '@azure/storage-queue';
import { azureCredential } from '../../azure/credential.ts';
import { serviceAddress, storageConnection } from '../../azure/storage-connection.ts';
import { poisonQueueName, queueName } from '../record/queue-names.ts';
import { type MessageQueue, storageMessageQueue } from './message-queue.ts';

const retryOptions = { maxTries: 3, tryTimeoutInMs: 5000, retryDelayInMs: 100, maxRetryDelayInMs: 1000 };

/**
 * Opens the queue and creates it if it is missing: by connection string, or by the account's name (or its service's
 * address) with the managed identity. Throws what the SDK throws. Import this file at first use only: it brings the
 * queue SDK along.
 */
export async function openQueue(env: NodeJS.ProcessEnv): Promise<MessageQueue> {
  const client = clientFor(env);
  const queue = client(queueName);
  await queue.createIfNotExists();
  return storageMessageQueue(queue, client(poisonQueueName));
}

function clientFor(env: NodeJS.ProcessEnv): (name: string) => QueueClient {
  const connectionString = env[storageConnection];
  if (connectionString) return (name) => new QueueClient(connectionString, name, { retryOptions });
  const credential = azureCredential(env[`${storageConnection}__clientId`]);
  const address = serviceAddress(env, 'queue');
  return (name) => new QueueClient(`${address}/${name}`, credential, { retryOptions });
}
