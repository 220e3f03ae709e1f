import * as z from 'zod';
import type { ForAPerson } from '../delivery-item.ts';
import type { JsonValue } from '../kind.ts';

const traits = z.record(z.string(), z.custom<JsonValue>());

/** What the mapping gets of an identify call. */
type Identify = {
  readonly userId: string;
  readonly customerId?: string;
  readonly messageId?: string;
  readonly timestamp?: string;
  readonly traits: Readonly<Record<string, JsonValue>>;
};

/** What one event of a batch says of a person, or that an operator must handle it. */
export type SegmentItem = { readonly payload: Identify } | ForAPerson;

const id = z.union([z.string().trim().min(1).max(255), z.number().transform(String)]);

/** What is of another form than the specification says counts as not there. */
const eventSchema = z.object({
  type: z.string(),
  userId: id.optional().catch(undefined),
  messageId: z.string().optional().catch(undefined),
  timestamp: z.string().optional().catch(undefined),
  traits: traits.catch({}),
});

const whatAPersonDecides: ReadonlySet<string> = new Set(['delete', 'suppress']);

/**
 * What an event says of a person whom the sender knows; undefined: nothing (another call, or an anonymous visitor).
 * https://www.twilio.com/docs/segment/connections/spec/identify
 */
export function itemOf(
  event: { readonly type: string },
  customerIdFrom: 'userId' | { readonly trait: string },
): SegmentItem | undefined {
  const { type, userId, messageId, timestamp, traits } = eventSchema.parse(event);
  if (whatAPersonDecides.has(type)) {
    return { forAPerson: `Segment tells of a ${type} request for the user ${userId ?? 'without a userId'}` };
  }
  if (type !== 'identify' || userId === undefined) return undefined;
  const given =
    customerIdFrom === 'userId'
      ? userId
      : Object.hasOwn(traits, customerIdFrom.trait)
        ? id.safeParse(traits[customerIdFrom.trait]).data
        : undefined;
  return {
    payload: {
      userId,
      ...(given !== undefined && { customerId: given }),
      ...(messageId !== undefined && { messageId }),
      ...(timestamp !== undefined && { timestamp }),
      traits,
    },
  };
}
