import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { TableClient } from '@azure/data-tables';
import { app } from '@azure/functions';
import { QueueClient } from '@azure/storage-queue';
import * as z from 'zod';
import { createSharedWrite } from '../../src/lib/shared-write.ts';
import { takeWebhooks } from './take-webhooks.ts';

const storage = process.env.AzureWebJobsStorage ?? '';
const queueName = 'same-calls';
const queue = new QueueClient(storage, queueName);
const tableNamed = (name: string) =>
  TableClient.fromConnectionString(storage, name, { allowInsecureConnection: true });
const [customers, seen, records] = ['samecustomers', 'sameseen', 'samerecords'].map(tableNamed) as [
  TableClient,
  TableClient,
  TableClient,
];
const created = Promise.all([
  queue.createIfNotExists(),
  ...[customers, seen, records].map((table) => table.createTable()),
]);

const atATime = 16;
const inGroups = <Item>(items: readonly Item[]): Item[][] =>
  Array.from({ length: Math.ceil(items.length / atATime) }, (_, group) =>
    items.slice(group * atATime, (group + 1) * atATime),
  );

/** As large as the state, and the record with its request, of a customer of the sample. */
const state = 's'.repeat(2500);
const record = 'r'.repeat(1800);

const send = createSharedWrite<string>(inGroups, async (bodies) => {
  await created;
  await queue.sendMessage(JSON.stringify(bodies.map((body) => Buffer.from(body).toString('base64'))));
});
const recordAll = createSharedWrite<string>(inGroups, async (rowKeys) => {
  await records.submitTransaction(
    rowKeys.flatMap((rowKey) => [
      ['create', { partitionKey: 'hour', rowKey: `c${rowKey}`, record }],
      ['create', { partitionKey: 'hour', rowKey: `b${rowKey}`, record }],
    ]),
  );
});

const bodiesSchema = z.array(z.base64().transform((text) => Buffer.from(text, 'base64').toString()));

/** What is to be written to which customer. */
interface Said {
  readonly customerId: string;
  readonly fields: object;
}

/**
 * Registers an app that makes the calls which the relay makes on the good path, with rows as large as its own, by the same
 * libraries and shared in the same way: for what `read` makes of a body.
 */
export function makeSameCalls(
  read: (body: string) => Promise<Said>,
  isAuthentic?: Parameters<typeof takeWebhooks>[1],
): void {
  takeWebhooks(send, isAuthentic);
  app.storageQueue('applySame', {
    queueName,
    connection: 'AzureWebJobsStorage',
    handler: async (message) => {
      const bodies = bodiesSchema.parse(typeof message === 'string' ? JSON.parse(message) : message);
      await Promise.all(bodies.map(async (body) => apply(await read(body))));
    },
  });
}

async function apply({ customerId, fields }: Said): Promise<void> {
  const id = crypto.randomUUID();
  await seen.createEntity({ partitionKey: id.slice(0, 2), rowKey: id });
  const row = { partitionKey: customerId, rowKey: 'state', state };
  await customers.getEntity(customerId, 'state').catch(() => undefined);
  await customers.submitTransaction([
    ['upsert', row, 'Replace'],
    ['upsert', { partitionKey: customerId, rowKey: `d${id}` }, 'Replace'],
  ]);
  await patch(customerId, JSON.stringify(fields));
  await customers.updateEntity(row, 'Replace');
  await recordAll(id);
}

async function patch(customerId: string, body: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  request(`${process.env.DIRECTSCALE_BASE_URL}/v1/customers/${customerId}`, {
    method: 'PATCH',
    headers: {
      'Content-Type': 'application/json',
      'Ocp-Apim-Subscription-Key': process.env.SUBSCRIPTION_KEY ?? '',
    },
  })
    .once('response', (answer) => void text(answer).then(() => resolve(), reject))
    .once('error', reject)
    .end(body);
  await promise;
}
