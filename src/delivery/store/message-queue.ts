import type { QueueClient } from '@azure/storage-queue';
import { type ChangeMessage, type Message, messageText, readMessage, type Taken } from '../record/message.ts';
import { isMissing, unless } from './storage-errors.ts';

/** What a message may hold, in bytes; storage takes 64 KiB. */
export const messageBytes = 60_000;

/** The queue between the functions that take deliveries and those that apply them. A message never expires. */
export interface MessageQueue {
  /** Puts deliveries into the queue, in one message that is seen after `delayMs`. */
  sendTaken(deliveries: readonly Taken[], delayMs?: number): Promise<void>;
  /** Puts a recorded change into the queue; it is seen after `delayMs`. */
  send(message: ChangeMessage, delayMs?: number): Promise<void>;
  /** Puts a message as the host gave it, parsed or not, into the queue again; it is seen after `delayMs`. */
  putBack(input: unknown, delayMs: number): Promise<void>;
  /** What is in the queue now; `due`: some of the messages that nobody has taken yet, about the oldest ones. */
  look(): Promise<{
    readonly waiting: number;
    readonly poison: number;
    readonly due: readonly Message[];
  }>;
}

/** The longest that queue storage can hide a message: seven days. */
const maxDelaySeconds = 7 * 24 * 3600;

/** As many as storage shows at a time. */
const maxPeeked = 32;

export function storageMessageQueue(queue: QueueClient, poison: QueueClient): MessageQueue {
  async function sendText(text: string, delayMs: number): Promise<void> {
    // Plain, so host.json says messageEncoding "none".
    await queue.sendMessage(text, {
      messageTimeToLive: -1,
      visibilityTimeout: Math.min(Math.ceil(delayMs / 1000), maxDelaySeconds),
    });
  }
  const send = (message: object, delayMs: number) => sendText(JSON.stringify(message), delayMs);
  return {
    sendTaken: (deliveries, delayMs = 0) => send({ deliveries }, delayMs),
    send: (message, delayMs = 0) => send(message, delayMs),
    putBack: (input, delayMs) => sendText(messageText(input), delayMs),

    async look() {
      const [{ approximateMessagesCount: waiting = 0 }, poisoned, { peekedMessageItems }] = await Promise.all(
        [
          queue.getProperties(),
          // The host creates it with its first message.
          unless(isMissing, undefined, () => poison.getProperties()),
          queue.peekMessages({ numberOfMessages: maxPeeked }),
        ],
      );
      const due = peekedMessageItems.flatMap(({ messageText }) => readMessage(messageText) ?? []);
      return { waiting, poison: poisoned?.approximateMessagesCount ?? 0, due };
    },
  };
}
