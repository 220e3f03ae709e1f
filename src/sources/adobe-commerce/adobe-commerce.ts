import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { isForAPerson, readElement } from '../delivery-item.ts';
import type { Reply, SourceKind, WebhookRequest } from '../kind.ts';
import { type CloudEvent, deliveryIdOf, eventOf, readEventArray } from '../shared/cloudevents-http.ts';
import { contentOf, sharedType } from '../shared/event-types.ts';
import { jsonIn, parseJson } from '../shared/json-body.ts';
import { changesSince } from './changes-since.ts';
import { customerEvent, deletion } from './event-names.ts';
import { type Options, optionsSchema } from './options.ts';
import { isSignedByOneOf } from './signatures.ts';
import { subscription } from './subscription.ts';

/**
 * Adobe Commerce, by I/O Events or by its Webhooks module. The secrets are the public keys, in PEM.
 * https://developer.adobe.com/events/docs/guides/ (digital signatures) and
 * https://developer.adobe.com/commerce/extensibility/webhooks/signature-verification/
 */
export const adobeCommerce: SourceKind<Options> = {
  name: 'adobe-commerce',
  options: optionsSchema,
  mapping: 'mappings/adobe-commerce.jsonata',
  changesSince,
  subscription,
  trusted: false,
  /** Customer and address come whole each time. */
  isSnapshot: () => true,

  secretForm: () => 'rsa-public-key',

  handshake(request, { options }) {
    return options.product === 'io-events' ? answerToChallenge(request) : undefined;
  },

  verify({ headers, body }, { options, keys }) {
    if (options.product === 'commerce-webhooks') {
      const signed = Buffer.from(Buffer.from(body).toString('base64'));
      return isSignedByOneOf(keys, signed, headers.get('x-adobe-commerce-webhook-signature'));
    }
    const first = isSignedByOneOf(keys, body, headers.get('x-adobe-digital-signature-1'));
    const second = isSignedByOneOf(keys, body, headers.get('x-adobe-digital-signature-2'));
    return (first || second) && isFor(options.clientId ?? '', body);
  },

  read({ body }, options) {
    const json = parseJson(body);
    if (options.product === 'commerce-webhooks') {
      // The hook has no id and is never called again: each call is a delivery of its own.
      return { id: randomUUID(), content: { type: 'changes', payload: json } };
    }
    // Adobe drops events for good on a 400: what is not a CloudEvent is parked.
    const events = Array.isArray(json) ? readEventArray(json) : [readElement(eventOf, json, 0)];
    const types = events.flatMap((event) => (isForAPerson(event) ? [] : event.type));
    const topic = sharedType(types);
    return {
      id: deliveryIdOf(events, nameOf, body),
      ...(topic && { topic }),
      content: contentOf(events, ({ type }: CloudEvent) => type, {
        types: options.types ?? types.filter((type) => customerEvent.test(type)),
        forAPerson: options.forAPerson ?? types.filter((type) => deletion.test(type)),
      }),
    };
  },

  acknowledge(_request, { product }): Reply {
    if (product === 'io-events') return { status: 202 };
    return { status: 200, headers: { 'Content-Type': 'application/json' }, body: '{"op":"success"}' };
  },
};

const eventId = z.union([z.string(), z.number().transform(String)]);

const nameOf = ({ source, id, eventid }: CloudEvent): string[] => [
  source,
  eventId.safeParse(eventid).data ?? id,
];

/** The challenge comes by GET. Anyone can send one: it is returned as JSON, never as something that a browser runs. */
function answerToChallenge({ method, url, body }: WebhookRequest): Reply | undefined {
  if (method === 'GET') {
    const challenge = url.searchParams.get('challenge');
    return challenge && challenge.length <= 1000 ? json({ challenge }) : undefined;
  }
  // A GET that failed is followed by a URL for an operator to open. The relay opens no URL that a request gives.
  return method === 'POST' && isValidationUrl(body)
    ? json({ message: 'Open validationUrl yourself, or save the registration again.' })
    : undefined;
}

const validationSchema = z.strictObject({ validationUrl: z.url() });

function isValidationUrl(body: Uint8Array): boolean {
  if (body.byteLength > 4096) return false;
  const { validationUrl } = validationSchema.safeParse(jsonIn(body)).data ?? {};
  if (validationUrl === undefined) return false;
  const { origin, pathname } = new URL(validationUrl);
  return origin === 'https://csm.adobe.io' && pathname === '/csm/registrations/validate';
}

const recipientsSchema = z
  .object({ recipient_client_id: z.unknown().optional(), recipientclientid: z.unknown().optional() })
  .transform(Object.values<unknown>);

/** Whether every event names this recipient and no other: the keys are the same for all of Adobe's customers. */
function isFor(clientId: string, body: Uint8Array): boolean {
  const json = jsonIn(body);
  const events: unknown[] = Array.isArray(json) ? json : [json];
  return events.length > 0 && events.every((event) => namesOnly(clientId, event));
}

function namesOnly(clientId: string, event: unknown): boolean {
  const recipients = recipientsSchema.safeParse(event).data ?? [];
  return recipients.length > 0 && recipients.every((recipient) => recipient === clientId);
}

function json(value: unknown): Reply {
  const headers = { 'Content-Type': 'application/json', 'X-Content-Type-Options': 'nosniff' };
  return { status: 200, headers, body: JSON.stringify(value) };
}
