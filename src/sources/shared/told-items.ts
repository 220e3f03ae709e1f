import * as z from 'zod';
import type { DeliveryContent, Fetched, JsonValue } from '../kind.ts';

const forAPersonSchema = z.object({ forAPerson: z.string() });

/** Something that a person must look at. */
export type ForAPerson = z.infer<typeof forAPersonSchema>;

/**
 * What a delivery comes to whose items already say everything: payloads for the mapping. Each of several items is
 * applied for itself: what a person must look at, or what cannot be mapped, does not hold up what came beside it.
 */
export function contentOfItems<Item extends JsonValue>(
  items: readonly (Item | ForAPerson)[],
  nothing: string,
): DeliveryContent {
  const [only] = items;
  if (only === undefined) return { type: 'ignored', reason: nothing };
  if (items.length > 1) return { type: 'thin', items };
  const told = toldItem(only);
  return told.type === 'found' ? { type: 'changes', payload: told.payload } : told;
}

/** An item of {@link contentOfItems} when its turn comes: there is nothing to fetch. */
export function toldItem(item: JsonValue): Extract<Fetched, { type: 'found' | 'for-a-person' }> {
  const { data } = forAPersonSchema.safeParse(item);
  return data ? { type: 'for-a-person', reason: data.forAPerson } : { type: 'found', payload: item };
}
