/** A process of its own that makes the load: signed webhooks, or bare messages into a queue. Asked over IPC. */
import { Agent, request } from 'node:http';
import { QueueClient } from '@azure/storage-queue';
import { signedWebhook } from '../shopify-webhook.ts';
import { type Load, type LoadResult, loadSchema } from './load.ts';

const agent = new Agent({ keepAlive: true });
let nextWebhook = 0;

process.on('message', (message) => {
  run(loadSchema.parse(message)).then(
    (result) => process.send?.(result),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.on('disconnect', () => process.exit());

async function run({ target, senders, until }: Load): Promise<LoadResult> {
  const work = target.kind === 'webhook' ? webhooks(target) : await messages(target.connectionString);
  const times: number[] = [];
  let begun = 0;
  const cpu = process.cpuUsage();
  const start = performance.now();
  const goesOn = () =>
    until.count === undefined ? performance.now() - start < until.seconds * 1000 : begun < until.count;
  const sender = async () => {
    while (goesOn()) {
      begun++;
      const sent = performance.now();
      await work();
      times.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: senders }, sender));
  const { user, system } = process.cpuUsage(cpu);
  return { times, seconds: (performance.now() - start) / 1000, cpuMs: (user + system) / 1000 };
}

function webhooks({ url, expectedStatus }: { url: string; expectedStatus: number }): () => Promise<void> {
  const { hostname, port, pathname: path } = new URL(url);
  return () => {
    const { body, headers } = signedWebhook(nextWebhook++);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const sending = request(
      { agent, hostname, port, path, method: 'POST', headers: { ...headers, 'Content-Length': body.length } },
      (answer) => {
        answer.resume();
        answer.once('end', () => {
          if (answer.statusCode === expectedStatus) resolve();
          else reject(new Error(`${url} answered ${answer.statusCode}`));
        });
        answer.once('error', reject);
      },
    );
    sending.once('error', reject);
    sending.end(body);
    return promise;
  };
}

/** The same bodies, without anything else, into a queue that is empty before. */
async function messages(connectionString: string): Promise<() => Promise<void>> {
  const queue = new QueueClient(connectionString, 'bare-messages');
  await queue.createIfNotExists();
  await queue.clearMessages();
  const text = signedWebhook(0).body.toString();
  return async () => void (await queue.sendMessage(text));
}
