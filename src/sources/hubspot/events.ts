import { hash } from 'node:crypto';
import * as z from 'zod';
import { type Delivery, type JsonValue, MalformedDelivery } from '../kind.ts';

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
  propertyValue: z.union([z.string(), z.number().transform(String), z.null()]).optional(),
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

/** What a batch says of one contact, or an event of it that an operator must handle. */
export const contactItemSchema = z.union([
  z.object({ contact: z.string(), forAPerson: z.string() }),
  z.object({
    contact: z.string(),
    /** Epoch ms. */
    createdAt: z.number().exactOptional(),
    changes: z.array(changeSchema),
  }),
]);

interface Contact {
  /** Epoch ms. */
  createdAt?: number;
  /** By name of the property. */
  readonly changes: Map<string, z.infer<typeof changeSchema>>;
}

/** The type of object that contacts are, in the generic format of subscriptions. */
const contactTypeId = '0-1';
const whatAPersonDecides = new Set(['deletion', 'privacyDeletion', 'merge', 'restore']);

/**
 * A batch of HubSpot's webhook events: one item for each contact. Throws {@link MalformedDelivery}.
 * https://developers.hubspot.com/docs/api/webhooks
 */
export function readEvents(payload: readonly unknown[], portalId: number | undefined): Delivery {
  const events = payload.map((event) => parse(eventSchema, event));
  const topic = [...new Set(events.map(typeOf))].join(', ');
  const delivery = { id: `events:${identityOf(events)}`, ...(topic && { topic }) };

  const ours = events.filter((event) => portalId === undefined || event.portalId === String(portalId));
  const contacts = contactsOf(ours);
  const forAPerson = ours
    .filter((event) => whatAPersonDecides.has(contactActionOf(event) ?? ''))
    .map((event) => ({ contact: parse(contactEventSchema, event).objectId, forAPerson: wordsOf(event) }));

  if (contacts.length > 0)
    return { ...delivery, content: { type: 'thin', items: [...contacts, ...forAPerson] } };
  if (forAPerson.length > 0) {
    const reason = [...new Set(forAPerson.map((item) => item.forAPerson))].join('; ');
    return { ...delivery, content: { type: 'for-a-person', reason } };
  }
  const reason =
    ours.length < events.length
      ? 'events of another HubSpot account'
      : "no event about a contact's properties";
  return { ...delivery, content: { type: 'ignored', reason } };
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
function identityOf(events: readonly Event[]): string {
  const texts = events.map(({ attemptNumber: _, ...event }) => JSON.stringify(Object.entries(event).sort()));
  return hash('sha256', [...new Set(texts)].sort().join());
}

/** One item for each contact, with the newest event of each property. */
function contactsOf(events: readonly Event[]): JsonValue[] {
  const contacts = new Map<string, Contact>();
  const contactOf = (id: string): Contact => {
    const contact = contacts.get(id) ?? { changes: new Map() };
    contacts.set(id, contact);
    return contact;
  };
  for (const event of events) {
    const action = contactActionOf(event);
    if (action === 'creation') {
      const { objectId, occurredAt } = parse(contactEventSchema, event);
      contactOf(objectId).createdAt = occurredAt;
    } else if (action === 'propertyChange') {
      const parsed = parse(propertyChangeSchema, event);
      const { objectId, occurredAt, propertyName: name, propertyValue, sourceId: changedBy } = parsed;
      const { changes } = contactOf(objectId);
      const isOlder = occurredAt < (changes.get(name)?.occurredAt ?? 0);
      const value = propertyValue ?? undefined;
      if (isOlder) continue;
      changes.set(name, {
        name,
        occurredAt,
        ...(value !== undefined && { value }),
        ...(changedBy && { changedBy }),
      });
    }
  }
  return [...contacts].map(([contact, { createdAt, changes }]) => ({
    contact,
    ...(createdAt !== undefined && { createdAt }),
    changes: [...changes.values()],
  }));
}

function wordsOf(event: Event): string {
  const { objectId, primaryObjectId, mergedObjectIds, newObjectId } = event;
  if (contactActionOf(event) !== 'merge') return `${typeOf(event)} of contact ${objectId}`;
  const merged = Array.isArray(mergedObjectIds) ? mergedObjectIds.join(', ') : '';
  return `${typeOf(event)} of contacts ${merged} into ${newObjectId ?? primaryObjectId ?? objectId}`;
}

function parse<Type extends z.ZodType>(schema: Type, event: unknown): z.output<Type> {
  const parsed = schema.safeParse(event);
  if (!parsed.success) throw new MalformedDelivery('The body must be an array of HubSpot webhook events.');
  return parsed.data;
}
