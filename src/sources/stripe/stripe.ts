import * as z from 'zod';
import { type DeliveryContent, MalformedDelivery, type SourceKind } from '../kind.ts';
import { parseJson } from '../shared/json-body.ts';
import { hasTimestampedSignature } from '../shared/timestamped-signature.ts';
import { changesSince } from './changes-since.ts';
import { eventSchema } from './event.ts';
import { type Options, optionsSchema } from './options.ts';
import { subscription } from './subscription.ts';

/** Events of API v2 name the record and hold no data. */
const thinEventSchema = z.looseObject({ id: z.string().min(1).max(255), object: z.literal('v2.core.event') });

/**
 * Stripe's webhooks. https://docs.stripe.com/webhooks
 * `Stripe-Signature: t=…,v1=…`: a v1 must be hex(HMAC-SHA256(secret, t + "." + raw body)), keyed with the whole text of
 * the secret (`whsec_…`). While a secret is rolled there are several v1. Other schemes are skipped.
 */
export const stripe: SourceKind<Options> = {
  name: 'stripe',
  options: optionsSchema,
  mapping: 'mappings/stripe.jsonata',
  changesSince,
  subscription,
  trusted: false,
  /** An update names what changed in previous_attributes. */
  isSnapshot: (payload) => eventSchema.safeParse(payload).data?.type === 'customer.created',

  signsTime: () => true,

  verify({ headers, body }, { keys, now }) {
    return hasTimestampedSignature(headers.get('stripe-signature'), body, { keys, now });
  },

  read({ body }, { livemode, connectedAccounts }) {
    const payload = parseJson(body);
    const thin = thinEventSchema.safeParse(payload);
    if (thin.success) {
      const reason = 'a thin event without data: let the destination send snapshot events';
      return { id: thin.data.id, content: { type: 'ignored', reason } };
    }
    const event = eventSchema.safeParse(payload);
    if (!event.success) throw new MalformedDelivery('The body must be a Stripe event.');
    const { id, type: topic } = event.data;
    if (event.data.livemode !== livemode) {
      const reason = livemode ? 'an event of test mode' : 'an event of live mode';
      return { id, topic, content: { type: 'ignored', reason } };
    }
    const { account } = event.data;
    if (account != null && !connectedAccounts.includes(account)) {
      const reason = 'an event of a connected account that options.connectedAccounts does not list';
      return { id, topic, content: { type: 'ignored', reason } };
    }
    return { id, topic, content: contentOf(event.data) };
  },
};

function contentOf(event: z.infer<typeof eventSchema>): DeliveryContent {
  const { object, id } = event.data.object;
  const isCustomer = object === 'customer';
  if (isCustomer && (event.type === 'customer.deleted' || event.data.object.deleted === true)) {
    return { type: 'for-a-person', reason: `the Stripe customer ${id} was deleted` };
  }
  if (isCustomer && (event.type === 'customer.updated' || event.type === 'customer.created')) {
    return { type: 'changes', payload: event };
  }
  return { type: 'ignored', reason: "not an event about a customer's data" };
}
