import { hash } from 'node:crypto';
import * as z from 'zod';
import { contentOfItems, type ForAPerson, isForAPerson, readElement } from '../delivery-item.ts';
import { verifiedAsHeader } from '../kept-request.ts';
import { type Delivery, type DeliveryContent, MalformedDelivery, type SourceKind } from '../kind.ts';
import { sharedType } from '../shared/event-types.ts';
import { parseJson } from '../shared/json-body.ts';
import { headerName, isSecret } from '../shared/shared-secret.ts';
import { itemOf, type SegmentItem } from './event.ts';
import { isSignedAsAWhole, isSignedBySegment } from './signature.ts';

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
      'A header of your own that every request must carry besides the signature, with one of the secrets. Needed for batches of which Segment signs only the first event.',
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

/** All of the body is signed, not only the first event of a batch. */
const asAWhole = 'a whole';

/**
 * Segment's destinations Webhooks (one event) and Webhooks (Actions) (one, or a batch).
 * https://www.twilio.com/docs/segment/connections/destinations/catalog/webhooks
 */
export const segment: SourceKind<Options> = {
  name: 'segment',
  options: optionsSchema,
  mapping: 'mappings/segment.jsonata',
  trusted: false,
  /** A call tells what its sender knows of a person, not what changed. */
  isSnapshot: () => true,

  verify({ headers, body }, { options, keys }) {
    const isKnown = options.header === undefined || isSecret(headers.get(options.header), keys);
    return isSignedBySegment(headers.get('x-signature'), body, keys) && isKnown;
  },

  verifiedAs({ headers, body }, { options, keys }) {
    const isWhole =
      options.header !== undefined || isSignedAsAWhole(headers.get('x-signature') ?? '', body, keys);
    return isWhole ? asAWhole : undefined;
  },

  read({ headers, body }, options): Delivery {
    const payload = parseJson(body);
    const elements: unknown[] = Array.isArray(payload) ? payload : [payload];
    if (elements.length === 0 || elements.length > maxEvents)
      throw new MalformedDelivery(`A batch must hold 1 to ${maxEvents} events of Segment.`);
    const events = Array.isArray(payload)
      ? elements.map((element, index) => readElement(eventOf, element, index))
      : [eventOf(payload)];
    // Without the header of the options, only what Segment signed says which delivery this is, and what it says.
    const isWhole = options.header !== undefined || headers.get(verifiedAsHeader) === asAWhole;
    const signed = isWhole ? events : events.slice(0, 1);
    const topic = sharedType(signed.flatMap((event) => (isForAPerson(event) ? [] : event.type)));
    return {
      id: idOf(signed),
      ...(topic && { topic }),
      content: contentOf(signed, events.slice(signed.length), options),
    };
  },
};

function eventOf(json: unknown): Event {
  const event = eventSchema.safeParse(json);
  if (!event.success)
    throw new MalformedDelivery('The body must be an event of Segment, or a batch of them.');
  return event.data;
}

/** Segment gives each message an id; without one (its older samples) the content stands for it. */
function idOf(events: readonly (Event | ForAPerson)[]): string {
  const ids = events.map((event) =>
    isForAPerson(event) ? hashOf(event) : (event.messageId ?? hashOf(event)),
  );
  const [only, another] = ids;
  return only !== undefined && another === undefined ? only : hashOf(ids);
}

const hashOf = (value: unknown): string => hash('sha256', JSON.stringify(value));

/** Each event of a batch is applied for itself: one that cannot be read or mapped does not hold up the others. */
function contentOf(
  signed: readonly (Event | ForAPerson)[],
  unsigned: readonly (Event | ForAPerson)[],
  { customerId }: Options,
): DeliveryContent {
  const itemsOf = (events: readonly (Event | ForAPerson)[]) =>
    events.flatMap((event): SegmentItem[] => {
      const item = isForAPerson(event) ? event : itemOf(event, customerId);
      return item ? [item] : [];
    });
  const items = itemsOf(signed);
  const { length } = itemsOf(unsigned);
  if (length > 0) items.push({ forAPerson: unsignedEvents(length) });
  return contentOfItems(items, 'no identify call with a userId');
}

const unsignedEvents = (count: number): string =>
  `${count} more in the batch, which Segment did not sign: set options.header, or send no batches`;
