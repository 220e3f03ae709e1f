import * as z from 'zod';
import { contentOfItems, type ForAPerson, isForAPerson, payloadItem } from '../delivery-item.ts';
import type { DeliveryContent, DeliveryItem } from '../kind.ts';

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
 * What the elements of one delivery come to, each for itself: the payload of a wanted type, in a list as the mapping takes
 * it; what is for a person, or cannot be read, is parked.
 */
export function contentOf<Event extends object>(
  elements: readonly (Event | ForAPerson)[],
  typeOf: (event: Event) => string,
  { types, forAPerson = [] }: EventTypes,
): DeliveryContent {
  const items = elements.flatMap((element): DeliveryItem[] => {
    if (isForAPerson(element)) return [{ forAPerson: element.forAPerson }];
    const type = typeOf(element);
    if (forAPerson.includes(type)) return [{ forAPerson: type }];
    return !types || types.includes(type) ? [payloadItem([element])] : [];
  });
  return contentOfItems(items, 'not a type that the source takes');
}

/** The type that all the events share, as the topic of their delivery. */
export function sharedType(types: readonly string[]): string | undefined {
  return new Set(types).size === 1 ? types[0] : undefined;
}
