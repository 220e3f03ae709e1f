import { setTimeout as delay } from 'node:timers/promises';
import type { DequeuedMessageItem, QueueClient } from '@azure/storage-queue';
import { connectionString, expandSettings } from './app-settings.ts';
import type { Binding } from './core-module.ts';
import type { QueueSettings } from './host-json.ts';
import { messageText, poisonSuffix, queueMetadata } from './queue-message.ts';
import { Running } from './running.ts';

export interface QueueTriggerOptions {
  readonly trigger: Binding;
  readonly settings: QueueSettings;
  /** How long a message is invisible while its function runs, in ms; whole seconds. Renewed halfway. */
  readonly lockMs: number;
  /** One invocation; rejects when it failed. */
  run(text: string, metadata: Readonly<Record<string, unknown>>): Promise<void>;
  log(level: string, message: string): void;
}

export interface QueueTrigger {
  /** Takes no more messages; resolves when those in progress are dealt with. */
  stop(): Promise<void>;
}

const firstPollMs = 100;

/**
 * Starts a storage-queue trigger with the real host's rules: at most `batchSize + newBatchThreshold` messages at a
 * time, polls further apart while the queue is empty, deletes on success, makes a failed message visible after
 * `visibilityTimeout`, and moves it to `NAME-poison` at the `maxDequeueCount`th failure. Creates the queue.
 */
export async function startQueueTrigger(options: QueueTriggerOptions): Promise<QueueTrigger> {
  const { trigger, settings, log } = options;
  const { QueueServiceClient } = await import('@azure/storage-queue');
  const connection = connectionString(trigger.connection);
  const service = QueueServiceClient.fromConnectionString(connection, {
    // Polling is retry enough, and a stop must not wait for storage that is down.
    retryOptions: { maxTries: 1 },
  });
  const queue = service.getQueueClient(expandSettings(trigger.queueName ?? ''));
  // A message whose end storage did not hear, for a broken connection, would be hidden for as long as its lock.
  const settling = QueueServiceClient.fromConnectionString(connection, {
    retryOptions: { maxTries: 4, retryDelayInMs: 200, maxRetryDelayInMs: 1000 },
  }).getQueueClient(queue.name);
  const poison = service.getQueueClient(`${queue.name}${poisonSuffix}`);

  let created = false;
  const stopping = new AbortController();
  const running = new Running();
  await create().catch((error) => log('error', `queue ${queue.name} cannot be created: ${textOf(error)}`));
  const polling = poll();
  return {
    async stop() {
      stopping.abort();
      await polling;
      while (running.size > 0) await running.next();
    },
  };

  async function create(): Promise<void> {
    await queue.createIfNotExists();
    created = true;
  }

  async function poll(): Promise<void> {
    let pauseMs = firstPollMs;
    while (!stopping.signal.aborted) {
      const messages = await receive();
      for (const message of messages) void running.add(handle(message));
      if (messages.length > 0) {
        pauseMs = firstPollMs;
        while (running.size > settings.newBatchThreshold) await running.next();
      } else {
        await delay(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
        pauseMs = Math.min(pauseMs * 2, settings.maxPollingInterval);
      }
    }
  }

  async function receive(): Promise<readonly DequeuedMessageItem[]> {
    try {
      if (!created) await create();
      const visibilityTimeout = Math.ceil(options.lockMs / 1000);
      const answer = await queue.receiveMessages({ numberOfMessages: settings.batchSize, visibilityTimeout });
      return answer.receivedMessageItems;
    } catch (error) {
      log('warning', `queue ${queue.name} cannot be read: ${textOf(error)}`);
      return [];
    }
  }

  /** Never rejects: what cannot be settled comes back when its lock has expired. */
  async function handle(message: DequeuedMessageItem): Promise<void> {
    const lock = holdLock(queue, message, options.lockMs);
    const fate = await run(message);
    const popReceipt = await lock.release();
    try {
      if (fate === 'poison') await moveToPoison(message);
      if (fate === 'again') {
        const visibilityTimeout = Math.ceil(settings.visibilityTimeout / 1000);
        await settling.updateMessage(message.messageId, popReceipt, undefined, visibilityTimeout);
      } else {
        await settling.deleteMessage(message.messageId, popReceipt);
      }
    } catch (error) {
      log('warning', `message ${message.messageId} of ${queue.name} was not settled: ${textOf(error)}`);
    }
  }

  async function run(message: DequeuedMessageItem): Promise<'done' | 'again' | 'poison'> {
    if (message.dequeueCount > settings.maxDequeueCount) return 'poison';
    const text = messageText(message.messageText, settings.messageEncoding);
    if (text === undefined) {
      log(
        'error',
        `message ${message.messageId} of ${queue.name} is not base64: see messageEncoding in host.json`,
      );
      return 'poison';
    }
    try {
      await options.run(text, queueMetadata(message, text));
      return 'done';
    } catch {
      return message.dequeueCount < settings.maxDequeueCount ? 'again' : 'poison';
    }
  }

  async function moveToPoison(message: DequeuedMessageItem): Promise<void> {
    await poison.createIfNotExists();
    await poison.sendMessage(message.messageText);
    log(
      'error',
      `message ${message.messageId} moved to ${poison.name} (dequeue count ${message.dequeueCount})`,
    );
  }
}

/** Renews the message's invisibility halfway through. `release` ends that and gives the pop receipt that now holds. */
function holdLock(queue: QueueClient, { messageId, popReceipt }: DequeuedMessageItem, lockMs: number) {
  const released = new AbortController();
  const renewing = renew();
  return {
    async release(): Promise<string> {
      released.abort();
      return renewing;
    },
  };

  async function renew(): Promise<string> {
    let receipt = popReceipt;
    for (;;) {
      await delay(lockMs / 2, undefined, { signal: released.signal }).catch(() => undefined);
      if (released.signal.aborted) return receipt;
      try {
        const visibilityTimeout = Math.ceil(lockMs / 1000);
        receipt =
          (await queue.updateMessage(messageId, receipt, undefined, visibilityTimeout)).popReceipt ?? receipt;
      } catch {
        // Lost or deleted by the function itself: settling the message will say so.
        return receipt;
      }
    }
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
