import type { DeliveryContent, DeliveryItem, JsonValue } from './kind.ts';
import { MalformedDelivery } from './kind.ts';

/** An item that is parked: an operator must look at it, or it cannot be read. */
export interface ForAPerson {
  readonly forAPerson: string;
}

/** A payload out of a body, as an item. */
export function payloadItem(payload: unknown): DeliveryItem {
  return { payload: payload as JsonValue }; // out of a body, it is JSON
}

/** What reading one of several elements gives; one that cannot be read is parked with the reason and its place. */
export function readElement<Element>(
  read: (json: unknown) => Element,
  json: unknown,
  index: number,
): Element | ForAPerson {
  try {
    return read(json);
  } catch (error) {
    if (!(error instanceof MalformedDelivery)) throw error;
    return { forAPerson: `element ${index + 1} of the batch cannot be read: ${error.message}` };
  }
}

/** Whether an element could not be read. */
export function isForAPerson(element: object): element is ForAPerson {
  return 'forAPerson' in element && Object.keys(element).length === 1;
}

/** What a delivery comes to that says these things; `nothing`: the reason why it says none. */
export function contentOfItems(items: readonly DeliveryItem[], nothing: string): DeliveryContent {
  const [only, another] = items;
  if (only === undefined) return { type: 'ignored', reason: nothing };
  if (another !== undefined || 'record' in only) return { type: 'items', items };
  if ('forAPerson' in only) return { type: 'for-a-person', reason: only.forAPerson };
  return { type: 'changes', payload: only.payload };
}
