/** What an app in the local host costs at least: it puts the body into a queue, and takes it out again. */
import { app } from '@azure/functions';
import { QueueClient } from '@azure/storage-queue';

const queueName = 'only-enqueues';
const queue = new QueueClient(process.env.AzureWebJobsStorage ?? '', queueName);

app.setup({ enableHttpStream: true });
app.http('webhooks', {
  route: 'webhooks/{source}',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: async (request) => {
    await queue.sendMessage(await request.text());
    return { status: 202 };
  },
});
app.storageQueue('takeOut', { queueName, connection: 'AzureWebJobsStorage', handler: async () => {} });
