import type { QueueClient } from '@azure/storage-queue';
import * as z from 'zod';
import { traceparentSchema } from '../../telemetry/traceparent-schema.ts';
import { deliveryIdSchema } from '../record/delivery-id.ts';
import { isMissing, unless } from './storage-errors.ts';

export const changeQueueName = 'customer-changes';
/** Where the host puts a message whose function crashed too often. */
export const poisonQueueName = `${changeQueueName}-poison`;

/** A message: which change is to be applied. Holds no value, so nothing personal lies in the queue. */
export const changeMessageSchema = z.strictObject({
  deliveryId: deliveryIdSchema,
  index: z.int().nonnegative(),
  /** Counts the messages that were sent to take a change on; a message before the record's turn is a leftover. */
  turn: z.int().nonnegative(),
  /** The trace that the change belongs to (W3C Trace Context); absent where nobody records traces. */
  traceparent: traceparentSchema.exactOptional(),
});

export type ChangeMessage = z.infer<typeof changeMessageSchema>;

export interface ChangeQueue {
  /** Puts a change into the queue; it is seen after `delayMs`. A message never expires. */
  send(message: ChangeMessage, delayMs?: number): Promise<void>;
  /** What is in the queue now; `due`: some of the messages that nobody has taken yet, about the oldest ones. */
  look(): Promise<{
    readonly waiting: number;
    readonly poison: number;
    readonly due: readonly ChangeMessage[];
  }>;
}

/** The longest that queue storage can hide a message: seven days. */
const maxDelaySeconds = 7 * 24 * 3600;

/** As many as storage shows at a time. */
const maxPeeked = 32;

export function storageChangeQueue(queue: QueueClient, poison: QueueClient): ChangeQueue {
  return {
    async send(message, delayMs = 0) {
      // Plain, so host.json says messageEncoding "none".
      await queue.sendMessage(JSON.stringify(message), {
        messageTimeToLive: -1,
        visibilityTimeout: Math.min(Math.ceil(delayMs / 1000), maxDelaySeconds),
      });
    },

    async look() {
      const [{ approximateMessagesCount: waiting = 0 }, poisoned, { peekedMessageItems }] = await Promise.all(
        [
          queue.getProperties(),
          // The host creates it with its first message.
          unless(isMissing, undefined, () => poison.getProperties()),
          queue.peekMessages({ numberOfMessages: maxPeeked }),
        ],
      );
      const due = peekedMessageItems.flatMap(({ messageText }) => readChangeMessage(messageText) ?? []);
      return { waiting, poison: poisoned?.approximateMessagesCount ?? 0, due };
    },
  };
}

/**
 * Reads a message as the trigger hands it over: an object, or text that is JSON, plain or in base64.
 * Undefined when it is not one of ours.
 */
export function readChangeMessage(input: unknown): ChangeMessage | undefined {
  const candidates =
    typeof input === 'string'
      ? [parse(input), parse(Buffer.from(input, 'base64').toString('utf8'))]
      : [input];
  for (const candidate of candidates) {
    const message = changeMessageSchema.safeParse(candidate);
    if (message.success) return message.data;
  }
  return undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
