import * as z from 'zod';
import { traceparentSchema } from '../../telemetry/traceparent-schema.ts';
import { deliveryIdSchema } from './delivery-id.ts';

/** A delivery as it was taken: whole, but for a request that was stored first because it is large. */
const takenSchema = z.strictObject({
  /** Holds the time of receipt. */
  id: deliveryIdSchema,
  source: z.string(),
  /** What the kind reads of the request: headers, and the body as it is kept, in base64. */
  headers: z.array(z.tuple([z.string(), z.string()])),
  body: z.string().exactOptional(),
  /** The trace that the delivery belongs to (W3C Trace Context); absent where nobody records traces. */
  traceparent: traceparentSchema.exactOptional(),
});
export type Taken = z.infer<typeof takenSchema>;

/** The message with which deliveries that were taken together come to the worker. */
const takenMessageSchema = z.strictObject({ deliveries: z.array(takenSchema).min(1) });

/** The message with which a recorded change is taken on: it names the record, which holds the change. */
const changeMessageSchema = z.strictObject({
  deliveryId: deliveryIdSchema,
  index: z.int().nonnegative(),
  /** Counts the messages that were sent to take a change on; a message before the record's turn is a leftover. */
  turn: z.int().nonnegative(),
  /** Of a first attempt, whose record is written after the message: until then a record that is not there may still come. */
  recordMayComeUntil: z.iso.datetime().exactOptional(),
  traceparent: traceparentSchema.exactOptional(),
});
export type ChangeMessage = z.infer<typeof changeMessageSchema>;

const messageSchema = z.union([takenMessageSchema, changeMessageSchema]);
export type Message = z.infer<typeof messageSchema>;

/**
 * Reads a message as the trigger hands it over: an object, or text that is JSON, plain or in base64.
 * Undefined if it is none of the relay's.
 */
export function readMessage(input: unknown): Message | undefined {
  const candidates =
    typeof input === 'string'
      ? [parse(input), parse(Buffer.from(input, 'base64').toString('utf8'))]
      : [input];
  for (const candidate of candidates) {
    const message = messageSchema.safeParse(candidate);
    if (message.success) return message.data;
  }
  return undefined;
}

/** The text of a message that the trigger handed over: it parses what is JSON. */
export const messageText = (input: unknown): string =>
  typeof input === 'string' ? input : (JSON.stringify(input) ?? String(input));

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
