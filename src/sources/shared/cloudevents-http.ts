import { hash } from 'node:crypto';
import * as z from 'zod';
import { type ForAPerson, isForAPerson, readElement } from '../delivery-item.ts';
import { type KeptRequest, MalformedDelivery, type Reply, type WebhookRequest } from '../kind.ts';
import { parseJson } from './json-body.ts';

/** The headers that {@link readCloudEvents} needs. */
export const cloudEventHeaders = /^(content-type|ce-[a-z0-9]+)$/;

const eventSchema = z.looseObject({
  specversion: z.literal('1.0'),
  id: z.string().min(1),
  source: z.string().min(1),
  type: z.string().min(1),
  time: z.string().optional(),
  subject: z.string().optional(),
  datacontenttype: z.string().optional(),
  data_base64: z.base64().optional(),
});

/** A CloudEvent: its attributes, extensions included, and its `data`. */
export type CloudEvent = z.infer<typeof eventSchema>;

/** More events than Event Grid puts into one request. */
const maxEvents = 5000;

/**
 * The events of a request in structured, batched or binary mode, JSON data parsed, `data_base64` decoded. An event has the
 * four attributes that CloudEvents 1.0 requires; an element of a batch that lacks one is for a person.
 * Throws {@link MalformedDelivery} for a body that is neither an event nor a batch.
 * https://github.com/cloudevents/spec/blob/main/cloudevents/bindings/http-protocol-binding.md
 */
export function readCloudEvents({ headers, body }: KeptRequest): (CloudEvent | ForAPerson)[] {
  const mediaType = mediaTypeOf(headers.get('content-type'));
  if (mediaType === 'application/cloudevents+json') return [eventOf(parseJson(body))];
  if (mediaType === 'application/cloudevents-batch+json') return readEventArray(parseJson(body));
  if (mediaType.startsWith('application/cloudevents')) {
    throw new MalformedDelivery('Of the formats of CloudEvents only JSON is supported.');
  }
  if (headers.has('ce-specversion')) return [binaryEvent(headers, body)];
  throw new MalformedDelivery(
    'The request is not a CloudEvent: neither its content type nor ce- headers say so.',
  );
}

/** The events of a batch, each read for itself. Throws {@link MalformedDelivery} for what is no batch. */
export function readEventArray(json: unknown): (CloudEvent | ForAPerson)[] {
  return batchOf(json).map((element, index) => readElement(eventOf, element, index));
}

/** The elements of a batch, not too many. Throws {@link MalformedDelivery}. */
export function batchOf(json: unknown): unknown[] {
  if (!Array.isArray(json)) throw new MalformedDelivery('A batch must be an array of events.');
  if (json.length > maxEvents) throw new MalformedDelivery(`A batch may hold at most ${maxEvents} events.`);
  return json;
}

/** One event in its JSON form. Throws {@link MalformedDelivery}. */
export function eventOf(json: unknown): CloudEvent {
  const parsed = eventSchema.safeParse(json);
  if (!parsed.success) {
    const names = parsed.error.issues.map(({ path }) => path.join('.') || 'event').join(', ');
    throw new MalformedDelivery(`Not a CloudEvent 1.0: ${names} missing or wrong.`);
  }
  const { data_base64, ...event } = parsed.data;
  if (data_base64 === undefined) return event;
  return withData(event, Buffer.from(data_base64, 'base64'));
}

/**
 * Equal for every repeat: `source` and `id` together name an event (spec.md, "id"). Several events are named by the
 * hash of all their names, what cannot be read by the whole body. Empty batches are all the same.
 */
export function deliveryIdOf<Event extends object>(
  events: readonly (Event | ForAPerson)[],
  nameOf: (event: Event) => readonly string[],
  body: Uint8Array,
): string {
  const names = events.map((event) => (isForAPerson(event) ? [hash('sha256', body)] : nameOf(event)));
  const [only] = names;
  if (only && names.length === 1) return JSON.stringify(only);
  return hash('sha256', JSON.stringify(names));
}

/**
 * The consent to a sender's request to send: abuse protection of the webhook profile. Not an authentication.
 * https://github.com/cloudevents/spec/blob/main/cloudevents/http-webhook.md, section 4
 */
export function consent(headers: Headers): Reply {
  const rate = headers.get('webhook-request-rate') ?? '';
  return {
    status: 200,
    headers: {
      Allow: 'POST',
      'WebHook-Allowed-Origin': headers.get('webhook-request-origin') ?? '',
      'WebHook-Allowed-Rate': /^\d{1,9}$/.test(rate) ? rate : '*',
    },
  };
}

/** Whether a request asks for {@link consent}. */
export function asksForConsent({ method, headers }: WebhookRequest): boolean {
  return method === 'OPTIONS' && /^[\w.:*-]{1,253}$/.test(headers.get('webhook-request-origin') ?? '');
}

function binaryEvent(headers: Headers, body: Uint8Array): CloudEvent {
  const attributes: Record<string, string> = {};
  for (const [name, value] of headers) {
    if (name.startsWith('ce-')) attributes[name.slice('ce-'.length)] = decodeHeader(value);
  }
  const contentType = headers.get('content-type');
  const event = eventOf({ ...attributes, ...(contentType && { datacontenttype: contentType }) });
  return body.byteLength > 0 ? withData(event, body) : event;
}

/** JSON is what data is unless its content type says otherwise (json-format.md, section 3.1). */
function withData(event: CloudEvent, bytes: Uint8Array): CloudEvent {
  const mediaType = mediaTypeOf(event.datacontenttype ?? 'application/json');
  if (/[/+]json$/.test(mediaType)) return { ...event, data: parseJson(bytes) };
  return { ...event, data: Buffer.from(bytes).toString('utf8') };
}

/**
 * Attribute values in headers are percent-encoded UTF-8 (http-protocol-binding.md, section 3.1.3.2). What is not, such as
 * a lone `%` of a sender that does not encode, is taken as it stands.
 */
function decodeHeader(value: string): string {
  const text = value.replace(/^"(.*)"$/, '$1');
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function mediaTypeOf(contentType: string | null): string {
  return (contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}
