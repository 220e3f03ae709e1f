import { hash } from 'node:crypto';
import * as z from 'zod';
import { type LookUp, type LookUpName, writtenCustomerIdSchema } from '../../domain/customer-reference.ts';
import { type Delivery, MalformedDelivery, type SourceKind } from '../kind.ts';
import { parseJson } from '../shared/json-body.ts';
import { bearerToken, isSecret } from '../shared/shared-secret.ts';

const optionsSchema = z.strictObject({
  externalReferenceOf: z
    .string()
    .min(1)
    .optional()
    .describe(
      "The source whose records' ids DirectScale holds as ExternalReferenceId: its records are linked by these events.",
    ),
});
type Options = z.infer<typeof optionsSchema>;

const text = z.string().nullish();

const eventSchema = z.looseObject({
  EventType: z.string().max(100),
  EventDateUtc: text,
  AssociateId: writtenCustomerIdSchema,
  BackOfficeId: text,
  ExternalReferenceId: text,
  EmailAddress: text,
  Username: text,
});
type Event = z.infer<typeof eventSchema>;

const topicSchema = z.looseObject({ EventType: z.string().max(100) });

/** Both have the same model. https://github.com/DirectScale/Sample-WebHook-Reciever */
const associateEvents = ['CreateAssociateEvent', 'UpdateAssociateEvent'];

const referenceMembers = {
  backOfficeId: 'BackOfficeId',
  externalReferenceId: 'ExternalReferenceId',
  emailAddress: 'EmailAddress',
  username: 'Username',
} as const satisfies Partial<Record<LookUpName, keyof Event>>;

/**
 * DirectScale's own events. They tell what customers can be found by, and are used for nothing else: nothing is ever
 * written back. `Authorization: Bearer <extension secret>`. https://developers.directscale.com/docs/how-events-and-webhooks-work
 */
export const directscale: SourceKind<Options> = {
  name: 'directscale',
  options: optionsSchema,
  // There is nothing to map: its events make no changes.
  selfMapped: true,
  trusted: false,
  headersRead: /^x-directscale-message-id$/,

  verify({ headers }, { keys }) {
    return isSecret(bearerToken(headers), keys);
  },

  /** DirectScale documents 200 within a minute as success; whether a 202 counts is not known. */
  acknowledge: () => ({ status: 200 }),

  read({ headers, body }, { externalReferenceOf }): Delivery {
    const payload = parseJson(body);
    const { data: named } = topicSchema.safeParse(payload);
    if (!named)
      throw new MalformedDelivery('The body must be an event of DirectScale: EventType is missing.');
    // The message id is not signed: the hash of the body counts as well.
    const bodyHash = hash('sha256', body);
    const id = [headers.get('x-directscale-message-id')?.slice(0, 200), bodyHash].filter(Boolean).join(':');
    const topic = named.EventType;
    if (!associateEvents.includes(topic)) {
      return { id, topic, content: { type: 'ignored', reason: 'not an event about a customer' } };
    }
    const { data: event } = eventSchema.safeParse(payload);
    if (!event) throw new MalformedDelivery('The event names no associate.');
    const recordId = event.ExternalReferenceId?.trim();
    return {
      id,
      topic,
      content: {
        type: 'references',
        customerId: event.AssociateId,
        references: referencesIn(event),
        ...(externalReferenceOf && recordId && { link: { source: externalReferenceOf, recordId } }),
        ...timeOf(event),
      },
    };
  },
};

function referencesIn(event: Event): LookUp[] {
  return Object.entries(referenceMembers).flatMap(([by, member]) => {
    const value = event[member]?.trim();
    // The keys of an object literal are what its type says.
    return value ? [{ by: by as keyof typeof referenceMembers, value }] : [];
  });
}

/** Times of the event bus have no zone: they are UTC. */
function timeOf({ EventDateUtc }: Event): { at?: string } {
  const time = Date.parse(
    /(Z|[+-]\d\d:\d\d)$/.test(EventDateUtc ?? '') ? `${EventDateUtc}` : `${EventDateUtc}Z`,
  );
  return Number.isNaN(time) ? {} : { at: new Date(time).toISOString() };
}
