import { hash } from 'node:crypto';
import * as z from 'zod';
import { type Delivery, type DeliveryContent, MalformedDelivery, type SourceKind } from '../kind.ts';
import { parseJson } from '../shared/json-body.ts';
import { saysSnapshot } from '../shared/record-change.ts';
import { basicCredentials, isSecret } from '../shared/shared-secret.ts';
import { changesSince } from './changes-since.ts';
import { type Options, optionsSchema } from './options.ts';
import { type PersonChange, readPerson } from './person.ts';
import { subscription } from './subscription.ts';

const id = z.union([z.int().nonnegative(), z.string().min(1).max(100)]).transform(String);
const time = z.union([z.string().max(100), z.number()]).nullish();

const metaSchema = z.looseObject({
  id,
  entity: z.string().max(100),
  action: z.string().max(100),
  entity_id: id,
  timestamp: time,
  user_id: id.nullish(),
  merged_to_id: id.nullish(),
  merged_from_id: id.nullish(),
});
type Meta = z.infer<typeof metaSchema>;

const eventSchema = z.looseObject({
  meta: metaSchema,
  data: z.unknown().optional(),
  previous: z.unknown().optional(),
});
type Event = z.infer<typeof eventSchema>;

const version1Schema = z.looseObject({ meta: z.looseObject({ object: z.string(), action: z.string() }) });

/**
 * Pipedrive's webhooks, version 2: HTTP Basic, nothing is signed. The secret is `user:password`.
 * https://pipedrive.readme.io/docs/guide-for-webhooks-v2
 */
export const pipedrive: SourceKind<Options> = {
  name: 'pipedrive',
  options: optionsSchema,
  mapping: 'mappings/pipedrive.jsonata',
  trusted: false,
  isSnapshot: saysSnapshot,

  secretForm: () => 'user-and-password',

  verify({ headers }, { keys }) {
    return isSecret(basicCredentials(headers), keys);
  },

  read({ body }, options) {
    const payload = parseJson(body);
    const event = eventSchema.safeParse(payload).data;
    if (!event) return readVersion1(payload, body);
    const { meta } = event;
    return {
      // Whether the two events of a merge, or those of a bulk edit, share an id is not documented.
      id: [meta.id, meta.action, meta.entity, meta.entity_id].join(':'),
      topic: `${meta.action}.${meta.entity}`,
      content: contentOf(event, options),
    };
  },

  changesSince,
  subscription,
};

/** A webhook of version 1 has another form: an operator must create one of version 2. */
function readVersion1(payload: unknown, body: Uint8Array): Delivery {
  const event = version1Schema.safeParse(payload).data;
  if (!event) throw new MalformedDelivery('The body must be an event of a Pipedrive webhook.');
  const { object, action } = event.meta;
  return {
    id: hash('sha256', body),
    topic: `${action}.${object}`.slice(0, 200),
    content:
      object === 'person'
        ? { type: 'for-a-person', reason: 'an event of version 1: create the webhook with version 2.0' }
        : { type: 'ignored', reason: 'not an event about a person' },
  };
}

function contentOf({ meta, data, previous }: Event, { idField, fields }: Options): DeliveryContent {
  const { entity, action, entity_id: recordId, user_id } = meta;
  if (entity !== 'person') return { type: 'ignored', reason: 'not an event about a person' };
  const forAPerson = (what: string): DeliveryContent => ({
    type: 'for-a-person',
    reason: `person ${recordId} ${what}`,
  });
  if (action === 'delete' && meta.merged_to_id) return forAPerson(`was merged into ${meta.merged_to_id}`);
  if (action === 'delete') return forAPerson('was deleted in Pipedrive');
  if (meta.merged_from_id) return forAPerson(`took over ${meta.merged_from_id} in a merge`);
  if (action !== 'change' && action !== 'create') return forAPerson(`had a ${action}`);

  const read = readPerson(data, previous, idField, fields);
  if (typeof read === 'string') return forAPerson(read);
  // A new person is not a customer until it has the DirectScale id.
  if (action === 'create' && !read.customerId)
    return { type: 'ignored', reason: 'a new person without a DirectScale id' };
  const occurredAt = occurredAtOf(read.person, meta);
  const payload: PersonChange = {
    recordId,
    ...(occurredAt !== undefined && { occurredAt }),
    ...(user_id && { changedBy: user_id }),
    ...read,
  };
  return { type: 'changes', payload };
}

/** The person's own time, which counts whole seconds: the event's within the same second is the finer one. */
function occurredAtOf(
  person: Readonly<Record<string, unknown>>,
  { timestamp }: Meta,
): string | number | undefined {
  const updated = time.safeParse(person.update_time).data ?? undefined;
  const sent = timestamp ?? undefined;
  if (updated === undefined || sent === undefined) return updated ?? sent;
  const laterMs = new Date(sent).getTime() - new Date(updated).getTime();
  return laterMs >= 0 && laterMs < 1000 ? sent : updated;
}
