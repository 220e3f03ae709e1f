import { hash } from 'node:crypto';
import * as z from 'zod';
import {
  type DeliveryContent,
  MalformedDelivery,
  type Reply,
  type SourceKind,
  type VerificationContext,
  type WebhookRequest,
} from '../kind.ts';
import { parseForm } from '../shared/form-body.ts';
import { isSecret } from '../shared/shared-secret.ts';
import { hasTimestampedSignature } from '../shared/timestamped-signature.ts';
import { isTimeZone, momentOf } from './local-time.ts';

const optionsSchema = z.strictObject({
  authentication: z
    .enum(['signature', 'url'])
    .default('signature')
    .describe(
      'signature: by X-Mailchimp-Signature. url: by a secret in the address (?key=…), for webhooks made before Mailchimp signed.',
    ),
  idField: z
    .string()
    .regex(/^[A-Z0-9_]{1,50}$/, { error: 'must be a merge tag: capital letters, digits, _' })
    .default('DSID')
    .describe('The merge tag of the field that holds the DirectScale id.'),
  subscribe: z
    .boolean()
    .default(false)
    .describe(
      'true: a subscription is taken like a change of a profile. Only where subscribers cannot fill in the field of the DirectScale id themselves.',
    ),
  timeZone: z
    .string()
    .refine(isTimeZone, { error: 'must be the name of a time zone, such as America/Denver' })
    .default('UTC')
    .describe('The time zone of fired_at, which Mailchimp does not document.'),
});
type Options = z.infer<typeof optionsSchema>;

const text = z.string().max(500);
const eventSchema = z.looseObject({
  type: text.min(1),
  fired_at: text.optional(),
  data: z.looseObject({
    id: text.optional(),
    new_id: text.optional(),
    action: text.optional(),
    merges: z.record(z.string(), z.unknown()).optional(),
  }),
});
type Event = z.infer<typeof eventSchema>;

/** What the mapping gets: the form as an object, when it was sent, and the DirectScale id. */
interface MailchimpEvent extends Event {
  readonly occurredAt?: string;
  readonly customerId?: string;
}

/**
 * The webhooks of a Mailchimp audience: forms, one event each, without an id.
 * https://mailchimp.com/developer/marketing/guides/sync-audience-data-webhooks
 */
export const mailchimp: SourceKind<Options> = {
  name: 'mailchimp',
  options: optionsSchema,
  mapping: 'mappings/mailchimp.jsonata',
  trusted: false,
  /** Only upemail says what changed; the others bring the whole contact. */
  isSnapshot: (payload) => typeOf(payload) !== 'upemail',

  /** Mailchimp calls the address when a webhook is made, before it gives out the secret with which it will sign. */
  handshake(request, context) {
    const isCheck = request.method === 'GET' || request.method === 'HEAD';
    const isExpected = context.options.authentication === 'signature' || holdsSecret(request, context);
    return isCheck && isExpected ? success : undefined;
  },

  signsTime: ({ authentication }) => authentication === 'signature',

  verify(request, context) {
    if (context.options.authentication === 'url') return holdsSecret(request, context);
    return hasTimestampedSignature(request.headers.get('x-mailchimp-signature'), request.body, context);
  },

  read({ body }, options) {
    const event = eventSchema.safeParse(parseForm(body));
    if (!event.success) throw new MalformedDelivery('The body must be an event of Mailchimp.');
    const { type, fired_at = '', data } = event.data;
    // Nothing in the form names the event; two of the same second with the same content are the same.
    const bodyHash = hash('sha256', body);
    const id = [type, data.id ?? data.new_id ?? '', fired_at, bodyHash].join(':');
    return { id, topic: type, content: contentOf(event.data, options) };
  },

  acknowledge: () => success,
};

const typeOf = (payload: unknown): string | undefined => eventSchema.safeParse(payload).data?.type;

const success: Reply = { status: 200 };

function holdsSecret({ url }: WebhookRequest, { keys }: VerificationContext<Options>): boolean {
  return isSecret(url.searchParams.get('key'), keys);
}

function contentOf(event: Event, { subscribe, idField, timeZone }: Options): DeliveryContent {
  switch (event.type) {
    case 'subscribe':
      if (!subscribe) return { type: 'ignored', reason: 'a subscription: options.subscribe is not true' };
      break;
    case 'profile':
    case 'upemail':
      break;
    case 'unsubscribe':
      return unsubscribed(event.data.action);
    case 'cleaned':
      return { type: 'ignored', reason: 'mail to the address bounces; the address stays what it is' };
    default:
      return { type: 'ignored', reason: "not an event about a contact's data" };
  }
  const occurredAt = momentOf(event.fired_at ?? '', timeZone);
  const { merges } = event.data;
  const customerId = merges && Object.hasOwn(merges, idField) ? merges[idField] : undefined;
  const payload: MailchimpEvent = {
    ...event,
    ...(occurredAt && { occurredAt }),
    ...(typeof customerId === 'string' && { customerId: customerId.trim() }),
  };
  return { type: 'changes', payload };
}

/** `unsub` is what Mailchimp documents. Any other action (`delete`) means more than that the contact wants no mail. */
function unsubscribed(action = 'unsub'): DeliveryContent {
  if (action === 'unsub')
    return { type: 'ignored', reason: 'a contact unsubscribed, which is no field of a customer' };
  const named = /^\w{1,20}$/.test(action) ? ` (action ${action})` : '';
  return { type: 'for-a-person', reason: `a contact was removed from the audience in Mailchimp${named}` };
}
