import * as z from 'zod';
import type { Options } from './options.ts';

const text = z.string().max(500);
export const eventSchema = z.looseObject({
  type: text.min(1),
  fired_at: text.optional(),
  data: z.looseObject({
    id: text.optional(),
    new_id: text.optional(),
    action: text.optional(),
    merges: z.record(z.string(), z.unknown()).optional(),
  }),
});
export type Event = z.infer<typeof eventSchema>;

/** What the mapping gets: the form as an object, when it was sent, and the DirectScale id. */
export interface MailchimpEvent extends Event {
  readonly occurredAt?: string;
  readonly customerId?: string;
}

/** An event as the mapping gets it. `occurredAt`: ISO 8601; absent: nobody knows. */
export function eventWith(
  event: Event,
  occurredAt: string | undefined,
  { idField }: Options,
): MailchimpEvent {
  const { merges } = event.data;
  const customerId = merges && Object.hasOwn(merges, idField) ? merges[idField] : undefined;
  return {
    ...event,
    ...(occurredAt && { occurredAt }),
    ...(typeof customerId === 'string' && { customerId: customerId.trim() }),
  };
}
