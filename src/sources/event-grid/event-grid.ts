import * as z from 'zod';
import { type ForAPerson, isForAPerson, readElement } from '../delivery-item.ts';
import {
  type KeptRequest,
  MalformedDelivery,
  type SourceKind,
  type VerificationContext,
  type WebhookRequest,
} from '../kind.ts';
import {
  asksForConsent,
  batchOf,
  type CloudEvent,
  cloudEventHeaders,
  consent,
  deliveryIdOf,
  readCloudEvents,
} from '../shared/cloudevents-http.ts';
import { contentOf, eventTypeOptions, sharedType } from '../shared/event-types.ts';
import { parseJson } from '../shared/json-body.ts';
import { headerName, isSecret } from '../shared/shared-secret.ts';

const optionsSchema = z.strictObject({
  ...eventTypeOptions,
  header: headerName.default('x-relay-key').describe('The delivery property (header) that holds the secret.'),
  query: z.string().min(1).default('key').describe('The query parameter that holds the secret.'),
});

type Options = z.infer<typeof optionsSchema>;

const gridEventSchema = z.looseObject({
  id: z.string().min(1),
  topic: z.string().optional(),
  eventType: z.string().min(1),
  eventTime: z.string().optional(),
  data: z.unknown(),
});

type GridEvent = z.infer<typeof gridEventSchema>;

const validationType = 'Microsoft.EventGrid.SubscriptionValidationEvent';

const validationSchema = z.tuple([
  z.looseObject({
    eventType: z.literal(validationType),
    data: z.looseObject({ validationCode: z.string().min(1) }),
  }),
]);

/** What `aeg-event-type` can be besides a notification. A validation gets here when its secret was found only late. */
const notANotification = new Map([
  ['subscriptiondeletion', 'the subscription was deleted'],
  ['subscriptionvalidation', 'a validation of the subscription: start it again'],
]);

/**
 * Azure Event Grid, in its own schema and in that of CloudEvents. Nothing is signed: a secret in a header
 * (delivery property) or in the query. https://learn.microsoft.com/azure/event-grid/webhook-event-delivery
 */
export const eventGrid: SourceKind<Options> = {
  name: 'event-grid',
  options: optionsSchema,
  trusted: false,
  headersRead: new RegExp(`^aeg-event-type$|${cloudEventHeaders.source}`),

  /** Answered only if the request holds the secret: otherwise any Azure account could subscribe the relay. */
  handshake(request, context) {
    if (!verify(request, context)) return undefined;
    if (asksForConsent(request)) return consent(request.headers);
    const given = request.headers.get('aeg-event-type')?.toLowerCase();
    if (given === undefined ? !mayBeValidation(request) : given !== 'subscriptionvalidation')
      return undefined;
    const validation = validationSchema.safeParse(parseJson(request.body));
    if (!validation.success) {
      if (given === undefined) return undefined;
      throw new MalformedDelivery('Not a subscription validation event.');
    }
    return {
      status: 200,
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ validationResponse: validation.data[0].data.validationCode }),
    };
  },

  verify,

  read(request, options) {
    const events = readEvents(request);
    const topic = sharedType(events.flatMap((event) => (isForAPerson(event) ? [] : typeOf(event))));
    const delivery = { id: deliveryIdOf(events, nameOf, request.body), ...(topic && { topic }) };
    const reason = notANotification.get(request.headers.get('aeg-event-type')?.toLowerCase() ?? '');
    if (reason) return { ...delivery, content: { type: 'ignored', reason } };
    return { ...delivery, content: contentOf(events, typeOf, options) };
  },
};

function verify({ headers, url }: WebhookRequest, { keys, options }: VerificationContext<Options>): boolean {
  const inHeader = isSecret(headers.get(options.header), keys);
  return isSecret(url.searchParams.get(options.query), keys) || inHeader;
}

/** More than a validation has. */
const validationBytes = 8192;

/** A proxy may have taken the header away. */
function mayBeValidation({ method, body }: WebhookRequest): boolean {
  return (
    method === 'POST' && body.byteLength <= validationBytes && Buffer.from(body).includes(validationType)
  );
}

/** The events as they were sent, in the one schema or the other. */
function readEvents(request: KeptRequest): readonly (CloudEvent | GridEvent | ForAPerson)[] {
  const { headers, body } = request;
  if (headers.has('ce-specversion') || /^application\/cloudevents/i.test(headers.get('content-type') ?? '')) {
    return readCloudEvents(request);
  }
  return batchOf(parseJson(body)).map((element, index) => readElement(gridEventOf, element, index));
}

function gridEventOf(json: unknown): GridEvent {
  const event = gridEventSchema.safeParse(json);
  if (!event.success) throw new MalformedDelivery('Not an event of Event Grid.');
  return event.data;
}

const typeOf = (event: CloudEvent | GridEvent): string =>
  'eventType' in event && typeof event.eventType === 'string' ? event.eventType : String(event.type);

const nameOf = (event: CloudEvent | GridEvent): string[] => [
  String(event.source ?? event.topic ?? ''),
  event.id,
];
