import type { DequeuedMessageItem } from '@azure/storage-queue';

/** What the host appends to a queue's name for the messages that it gives up. */
export const poisonSuffix = '-poison';

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** The text of a message, or undefined if it should be base64 and is not. */
export function messageText(raw: string, encoding: 'base64' | 'none'): string | undefined {
  if (encoding === 'none') return raw;
  return base64.test(raw) ? Buffer.from(raw, 'base64').toString() : undefined;
}

/**
 * The trigger metadata that the host sends with a message. It merges the top-level properties of a JSON object into
 * it, all but arrays (azure-functions-host, WorkerFunctionInvoker.ApplyBindingData); the library makes the keys camelCase.
 */
export function queueMetadata(message: DequeuedMessageItem, text: string): Readonly<Record<string, unknown>> {
  return {
    QueueTrigger: { string: text },
    Id: { string: message.messageId },
    PopReceipt: { string: message.popReceipt },
    DequeueCount: { int: message.dequeueCount },
    InsertionTime: dateOf(message.insertedOn),
    ExpirationTime: dateOf(message.expiresOn),
    NextVisibleTime: dateOf(message.nextVisibleOn),
    ...propertiesOf(text),
  };
}

function dateOf(date: Date): unknown {
  return { json: JSON.stringify(date.toISOString().replace('Z', '+00:00')) };
}

function propertiesOf(text: string): Record<string, unknown> {
  const parsed = parse(text);
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return {};
  const kept = Object.entries(parsed).filter(([, value]) => value !== null && !Array.isArray(value));
  return Object.fromEntries(
    kept.map(([name, value]) => [
      name,
      typeof value === 'object' ? { json: JSON.stringify(value) } : { string: String(value) },
    ]),
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
