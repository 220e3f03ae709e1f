import { hash } from 'node:crypto';
import {
  type DeliveryContent,
  MalformedDelivery,
  type Reply,
  type SourceKind,
  type VerificationContext,
  type WebhookRequest,
} from '../kind.ts';
import { parseForm } from '../shared/form-body.ts';
import { momentOf } from '../shared/local-time.ts';
import { isSecret } from '../shared/shared-secret.ts';
import { hasTimestampedSignature } from '../shared/timestamped-signature.ts';
import { changesSince } from './changes-since.ts';
import { type Event, eventSchema, eventWith } from './event.ts';
import { type Options, optionsSchema } from './options.ts';
import { subscription } from './subscription.ts';

/**
 * The webhooks of a Mailchimp audience: forms, one event each, without an id.
 * https://mailchimp.com/developer/marketing/guides/sync-audience-data-webhooks
 */
export const mailchimp: SourceKind<Options> = {
  name: 'mailchimp',
  options: optionsSchema,
  mapping: 'mappings/mailchimp.jsonata',
  changesSince,
  subscription,
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

function contentOf(event: Event, options: Options): DeliveryContent {
  switch (event.type) {
    case 'subscribe':
      if (!options.subscribe)
        return { type: 'ignored', reason: 'a subscription: options.subscribe is not true' };
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
  const payload = eventWith(event, momentOf(event.fired_at ?? '', options.timeZone), options);
  return { type: 'changes', payload };
}

/** `unsub` is what Mailchimp documents. Any other action (`delete`) means more than that the contact wants no mail. */
function unsubscribed(action = 'unsub'): DeliveryContent {
  if (action === 'unsub')
    return { type: 'ignored', reason: 'a contact unsubscribed, which is no field of a customer' };
  const named = /^\w{1,20}$/.test(action) ? ` (action ${action})` : '';
  return { type: 'for-a-person', reason: `a contact was removed from the audience in Mailchimp${named}` };
}
