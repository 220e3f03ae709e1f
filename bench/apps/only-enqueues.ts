/** What an app in the local host costs at least: it puts the body into a queue, and takes it out again. */
import { app } from '@azure/functions';
import { QueueClient } from '@azure/storage-queue';
import { takeWebhooks } from './take-webhooks.ts';

const queueName = 'only-enqueues';
const queue = new QueueClient(process.env.AzureWebJobsStorage ?? '', queueName);

takeWebhooks(async (body) => void (await queue.sendMessage(body)));
app.storageQueue('takeOut', { queueName, connection: 'AzureWebJobsStorage', handler: async () => {} });
