import { hash } from 'node:crypto';
import * as z from 'zod';
import { type Delivery, type DeliveryContent, MalformedDelivery, type SourceKind } from '../kind.ts';
import { sharedType } from '../shared/event-types.ts';
import { parseJson } from '../shared/json-body.ts';
import { headerName, isSecret } from '../shared/shared-secret.ts';
import { contentOfItems, toldItem } from '../shared/told-items.ts';
import { itemOf, type SegmentItem } from './event.ts';
import { isSignedBySegment } from './signature.ts';

const optionsSchema = z.strictObject({
  customerId: z
    .union([z.literal('userId'), z.strictObject({ trait: z.string().min(1) })])
    .default({ trait: 'directscale_customer_id' })
    .describe(
      'Where the DirectScale id is: "userId" where your sites identify people by it, else the name of a trait.',
    ),
  header: headerName
    .optional()
    .describe(
      'A header of your own that every request must carry besides the signature, with one of the secrets. Needed for batches: Segment signs only the first event of a batch.',
    ),
});
type Options = z.infer<typeof optionsSchema>;

const eventSchema = z.looseObject({
  type: z.string().max(100),
  messageId: z.string().min(1).max(255).optional().catch(undefined),
});
type Event = z.infer<typeof eventSchema>;

/** More than the 4000 that a batch of Segment may hold. */
const maxEvents = 5000;

/**
 * Segment's destinations Webhooks (one event) and Webhooks (Actions) (one, or a batch).
 * https://www.twilio.com/docs/segment/connections/destinations/catalog/webhooks
 */
export const segment: SourceKind<Options> = {
  name: 'segment',
  options: optionsSchema,
  mapping: 'mappings/segment.jsonata',
  trusted: false,

  verify({ headers, body }, { options, keys }) {
    const isKnown = options.header === undefined || isSecret(headers.get(options.header), keys);
    return isSignedBySegment(headers.get('x-signature'), body, keys) && isKnown;
  },

  read({ body }, options): Delivery {
    const payload = parseJson(body);
    const events = Array.isArray(payload) ? payload : [payload];
    const parsed = z.array(eventSchema).min(1).max(maxEvents).safeParse(events);
    if (!parsed.success)
      throw new MalformedDelivery('The body must be an event of Segment, or a batch of them.');
    const topic = sharedType(parsed.data.map(({ type }) => type));
    return { id: idOf(parsed.data), ...(topic && { topic }), content: contentOf(parsed.data, options) };
  },

  async fetch(thin) {
    return toldItem(thin);
  },
};

/** Segment gives each message an id; without one (its older samples) the content stands for it. */
function idOf(events: readonly Event[]): string {
  const ids = events.map((event) => event.messageId ?? hashOf(event));
  const [only, another] = ids;
  return only !== undefined && another === undefined ? only : hashOf(ids);
}

const hashOf = (value: unknown): string => hash('sha256', JSON.stringify(value));

/** Each event of a batch is applied for itself: one that cannot be mapped does not hold up the others. */
function contentOf(events: readonly Event[], { customerId, header }: Options): DeliveryContent {
  const told = events.map((event) => itemOf(event, customerId));
  // Segment signs the first event only; the header is what the others have to show.
  const authentic = header === undefined ? told.slice(0, 1) : told;
  const unsigned = told.slice(authentic.length).filter(isTold);
  const items: SegmentItem[] = authentic.filter(isTold);
  if (unsigned.length > 0) items.push({ forAPerson: unsignedEvents(unsigned.length) });

  return contentOfItems(items, 'no identify call with a userId');
}

const isTold = (item: SegmentItem | undefined): item is SegmentItem => item !== undefined;

const unsignedEvents = (count: number): string =>
  `${count} more in the batch, which Segment did not sign: set options.header, or send no batches`;
