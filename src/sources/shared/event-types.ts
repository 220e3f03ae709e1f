import * as z from 'zod';
import type { DeliveryContent } from '../kind.ts';

const types = z.array(z.string().min(1)).min(1);

/** The options of kinds whose senders choose the names of their events. */
export const eventTypeOptions = {
  types: types
    .optional()
    .describe('The event types that the mapping gets; others are ignored. Absent: every type.'),
  forAPerson: types
    .optional()
    .describe('Event types that are parked for a person: deletions, merges, requests to anonymize.'),
};

/** What {@link eventTypeOptions} says. */
interface EventTypes {
  readonly types?: readonly string[] | undefined;
  readonly forAPerson?: readonly string[] | undefined;
}

/**
 * What the events of one delivery come to: those of the wanted types as the payload. A delivery in which one event is
 * for a person is parked whole: a deletion must not be overtaken by the changes beside it.
 */
export function contentOf<Event>(
  events: readonly Event[],
  typeOf: (event: Event) => string,
  { types, forAPerson = [] }: EventTypes,
): DeliveryContent {
  const deletion = events.map(typeOf).find((type) => forAPerson.includes(type));
  if (deletion !== undefined) {
    const reason = events.length > 1 ? `a batch with ${deletion} in it` : deletion;
    return { type: 'for-a-person', reason };
  }
  const wanted = types ? events.filter((event) => types.includes(typeOf(event))) : events;
  if (wanted.length === 0) return { type: 'ignored', reason: 'not a type that the source takes' };
  return { type: 'changes', payload: wanted };
}

/** The type that all the events share, as the topic of their delivery. */
export function sharedType(types: readonly string[]): string | undefined {
  return new Set(types).size === 1 ? types[0] : undefined;
}
