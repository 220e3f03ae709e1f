import * as z from 'zod';
import { contentOfItems, payloadItem } from '../delivery-item.ts';
import { type DeliveryItem, MalformedDelivery, type SourceKind } from '../kind.ts';
import { parseJson } from '../shared/json-body.ts';
import {
  standardHeader,
  standardIdHeader,
  verifyStandardWebhook,
} from '../shared/standard-webhooks-scheme.ts';

const optionsSchema = z.strictObject({});

/**
 * The relay's own form, for in-house systems: `{customer, occurredAt, fields}` or an array of them, signed by the
 * Standard Webhooks scheme. Its payload needs no mapping.
 */
export const canonical: SourceKind<z.infer<typeof optionsSchema>> = {
  name: 'canonical',
  options: optionsSchema,
  selfMapped: true,
  trusted: true,
  headersRead: standardIdHeader,

  secretForm: () => 'standard-webhooks',
  signsTime: () => true,

  verify({ headers, body }, { keys, now }) {
    return verifyStandardWebhook(headers, body, keys, now);
  },

  read({ headers, body }) {
    const payload = parseJson(body);
    if (typeof payload !== 'object' || payload === null) {
      throw new MalformedDelivery('The body must be a change or an array of changes.');
    }
    const id = standardHeader(headers, 'id') ?? '';
    const content = Array.isArray(payload)
      ? contentOfItems(payload.map(itemOf), 'an array without a change')
      : { type: 'changes' as const, payload };
    return { id, content };
  },
};

/** What is wrong in an object is told by its path when it is read as a change. */
function itemOf(element: unknown, index: number): DeliveryItem {
  const isObject = typeof element === 'object' && element !== null && !Array.isArray(element);
  return isObject ? payloadItem(element) : { forAPerson: `element ${index + 1} of the array is no change` };
}
