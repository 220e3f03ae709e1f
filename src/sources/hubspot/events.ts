import { hash } from 'node:crypto';
import * as z from 'zod';
import { contentOfItems, type ForAPerson, isForAPerson, readElement } from '../delivery-item.ts';
import { type Delivery, type DeliveryItem, MalformedDelivery } from '../kind.ts';

const idSchema = z
  .union([z.int().nonnegative(), z.string().regex(/^\d{1,20}$/)])
  .transform((id) => String(id));

/** Just enough to tell what an event is about. HubSpot's samples have the type under either name. */
const eventSchema = z.looseObject({
  subscriptionType: z.string().optional(),
  eventType: z.string().optional(),
  objectTypeId: z.string().optional(),
  portalId: idSchema.optional(),
});
type Event = z.infer<typeof eventSchema>;

const contactEventSchema = z.looseObject({ objectId: idSchema, occurredAt: z.int().nonnegative() });
const propertyChangeSchema = contactEventSchema.extend({
  propertyName: z.string().min(1).max(200),
  propertyValue: z
    .union([z.string(), z.number().transform(String), z.boolean().transform(String), z.null()])
    .optional(),
  /** Who changed it: `userId:84916424`. */
  sourceId: z.string().max(200).nullish(),
});

const changeSchema = z.object({
  name: z.string(),
  /** Absent: the event did not say; the contact's current value is taken. */
  value: z.string().exactOptional(),
  /** Epoch ms. */
  occurredAt: z.number(),
  changedBy: z.string().exactOptional(),
});
type Change = z.infer<typeof changeSchema>;

/** What a batch says of one contact. */
export const contactSchema = z.object({
  contact: z.string(),
  /** Epoch ms. */
  createdAt: z.number().exactOptional(),
  changes: z.array(changeSchema),
});

/** What one event says. */
type Said =
  | { readonly contact: string; readonly change: Change }
  | { readonly contact: string; readonly createdAt: number }
  | ForAPerson;

/** The type of object that contacts are, in the generic format of subscriptions. */
const contactTypeId = '0-1';
const handledByAPerson = new Set(['deletion', 'privacyDeletion', 'merge', 'restore']);

/** HubSpot sends at most 100 in a batch. */
const maxEvents = 5000;

/**
 * A batch of HubSpot's webhook events: an item for each contact, and one for each event that an operator must look at or
 * that cannot be read. Throws {@link MalformedDelivery} for what is no batch.
 * https://developers.hubspot.com/docs/api/webhooks
 */
export function readEvents(payload: readonly unknown[], portalId: number | undefined): Delivery {
  if (payload.length > maxEvents)
    throw new MalformedDelivery(`A batch may hold at most ${maxEvents} events.`);
  const elements = payload.map((json, index) => ({ json, index, event: readElement(eventOf, json, index) }));
  const events = elements.flatMap(({ event }): Event[] => (isForAPerson(event) ? [] : [event]));
  const topic = [...new Set(events.map(typeOf))].join(', ');

  const ours = elements.filter(
    ({ event }) => isForAPerson(event) || portalId === undefined || event.portalId === String(portalId),
  );
  const said = ours.flatMap(({ event, index }) =>
    isForAPerson(event) ? [event] : (readElement(whatIsSaidBy, event, index) ?? []),
  );
  const records = contactsOf(said).map((record): DeliveryItem => ({ record }));
  const parked = said.flatMap((item): DeliveryItem[] =>
    'forAPerson' in item ? [{ forAPerson: item.forAPerson }] : [],
  );
  const nothing =
    ours.length < elements.length
      ? 'events of another HubSpot account'
      : "no event about a contact's properties";
  return {
    id: `events:${identityOf(elements.map(({ json }) => json))}`,
    ...(topic && { topic }),
    content: contentOfItems([...records, ...parked], nothing),
  };
}

function eventOf(json: unknown): Event {
  return parse(eventSchema, json);
}

const typeOf = ({ subscriptionType, eventType }: Event): string => subscriptionType ?? eventType ?? 'no type';

/** `propertyChange` of `contact.propertyChange`, or of `object.propertyChange` for a contact. */
function contactActionOf(event: Event): string | undefined {
  const [object, action] = typeOf(event).split('.');
  return object === 'contact' || (object === 'object' && event.objectTypeId === contactTypeId)
    ? action
    : undefined;
}

/** Equal for a repeat, which differs in `attemptNumber` and perhaps in the order: `eventId` alone is not unique. */
function identityOf(events: readonly unknown[]): string {
  const texts = events.map((event) => {
    if (typeof event !== 'object' || event === null) return JSON.stringify(event);
    const members = Object.entries(event).filter(([name]) => name !== 'attemptNumber');
    return JSON.stringify(members.sort(([a], [b]) => (a < b ? -1 : 1)));
  });
  return hash('sha256', [...new Set(texts)].sort().join());
}

/** What an event says of a contact; undefined: nothing. Throws {@link MalformedDelivery}. */
function whatIsSaidBy(json: unknown): Said | undefined {
  const event = eventOf(json);
  const action = contactActionOf(event);
  if (action === 'creation') {
    const { objectId, occurredAt } = parse(contactEventSchema, event);
    return { contact: objectId, createdAt: occurredAt };
  }
  if (action === 'propertyChange') {
    const change = parse(propertyChangeSchema, event);
    const { objectId, occurredAt, propertyName: name, propertyValue, sourceId: changedBy } = change;
    const value = propertyValue ?? undefined;
    return {
      contact: objectId,
      change: { name, occurredAt, ...(value !== undefined && { value }), ...(changedBy && { changedBy }) },
    };
  }
  return handledByAPerson.has(action ?? '') ? { forAPerson: wordsOf(event) } : undefined;
}

/** What is said of each contact: the newest change of each property. */
function contactsOf(said: readonly Said[]): z.infer<typeof contactSchema>[] {
  const contacts = new Map<string, { createdAt?: number; readonly changes: Map<string, Change> }>();
  for (const item of said) {
    if ('forAPerson' in item) continue;
    const contact = contacts.get(item.contact) ?? { changes: new Map<string, Change>() };
    contacts.set(item.contact, contact);
    if ('createdAt' in item) contact.createdAt = item.createdAt;
    else if (item.change.occurredAt >= (contact.changes.get(item.change.name)?.occurredAt ?? 0))
      contact.changes.set(item.change.name, item.change);
  }
  return [...contacts].map(([contact, { createdAt, changes }]) => ({
    contact,
    ...(createdAt !== undefined && { createdAt }),
    changes: [...changes.values()],
  }));
}

const mergeSchema = z.object({
  objectId: idSchema.optional().catch(undefined),
  primaryObjectId: idSchema.optional().catch(undefined),
  newObjectId: idSchema.optional().catch(undefined),
  mergedObjectIds: z.array(idSchema).max(100).catch([]),
});

function wordsOf(event: Event): string {
  const {
    objectId = 'without an id',
    primaryObjectId,
    mergedObjectIds,
    newObjectId,
  } = parse(mergeSchema, event);
  if (contactActionOf(event) !== 'merge') return `${typeOf(event)} of contact ${objectId}`;
  const merged = mergedObjectIds.join(', ');
  return `${typeOf(event)} of contacts ${merged} into ${newObjectId ?? primaryObjectId ?? objectId}`;
}

function parse<Type extends z.ZodType>(schema: Type, event: unknown): z.output<Type> {
  const parsed = schema.safeParse(event);
  if (parsed.success) return parsed.data;
  const names = [...new Set(parsed.error.issues.map(({ path }) => path.join('.') || 'event'))].join(', ');
  throw new MalformedDelivery(`Not a HubSpot webhook event: ${names} missing or wrong.`);
}
