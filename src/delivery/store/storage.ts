import { TableClient } from '@azure/data-tables';
import { QueueClient } from '@azure/storage-queue';
import { azureCredential } from '../../azure/credential.ts';
import { storageConnection } from '../../azure/storage-connection.ts';
import { changeQueueName, poisonQueueName } from './change-queue.ts';

/** The tables and the queue that hold what the relay must not forget. */
export interface Storage {
  /** One state row per customer, and an index of the deliveries that concern it. */
  readonly customers: TableClient;
  /** Deliveries with their changes and raw bodies, newest first within a day. */
  readonly deliveries: TableClient;
  /** Which deliveries were seen, by their identity. */
  readonly seen: TableClient;
  /** Which record of a source is which customer. */
  readonly links: TableClient;
  /** What has to be applied: references to changes, never values. */
  readonly queue: QueueClient;
  /** What the host gave up. */
  readonly poison: QueueClient;
}

const tableRetries = { maxRetries: 2, retryDelayInMs: 100, maxRetryDelayInMs: 1000 };
const queueRetries = { maxTries: 3, retryDelayInMs: 100, maxRetryDelayInMs: 1000 };

/**
 * Opens the storage account and creates what is missing in it: by connection string, or by the account's name (or
 * its services' addresses) with the managed identity. Throws what the SDK throws.
 */
export async function openStorage(env: NodeJS.ProcessEnv): Promise<Storage> {
  const connectionString = env[storageConnection];
  const storage = connectionString ? byConnectionString(connectionString) : byIdentity(env);
  await Promise.all([
    storage.customers.createTable(),
    storage.deliveries.createTable(),
    storage.seen.createTable(),
    storage.links.createTable(),
    storage.queue.createIfNotExists(),
  ]);
  return storage;
}

function byConnectionString(connectionString: string): Storage {
  const isLocal = /UseDevelopmentStorage=true|http:\/\//i.test(connectionString);
  const options = { retryOptions: tableRetries, allowInsecureConnection: isLocal };
  return clients(
    (name) => TableClient.fromConnectionString(connectionString, name, options),
    (name) => new QueueClient(connectionString, name, { retryOptions: queueRetries }),
  );
}

function byIdentity(env: NodeJS.ProcessEnv): Storage {
  const credential = azureCredential(env[`${storageConnection}__clientId`]);
  const address = (service: 'table' | 'queue') =>
    env[`${storageConnection}__${service}ServiceUri`]?.replace(/\/+$/, '') ??
    `https://${env[`${storageConnection}__accountName`]}.${service}.core.windows.net`;
  return clients(
    (name) => new TableClient(address('table'), name, credential, { retryOptions: tableRetries }),
    (name) => new QueueClient(`${address('queue')}/${name}`, credential, { retryOptions: queueRetries }),
  );
}

function clients(table: (name: string) => TableClient, queue: (name: string) => QueueClient): Storage {
  return {
    customers: table('relaycustomers'),
    deliveries: table('relaydeliveries'),
    seen: table('relayseen'),
    links: table('relaylinks'),
    queue: queue(changeQueueName),
    poison: queue(poisonQueueName),
  };
}
