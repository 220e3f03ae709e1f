import { app, type HttpRequest, type HttpResponseInit, type InvocationContext } from '@azure/functions';
import { attemptChange } from '../src/delivery/attempt/attempt.ts';
import type { DeliveryContext } from '../src/delivery/delivery-context.ts';
import type { DeliveryRecord } from '../src/delivery/record/record.ts';
import { type Accepted, accept } from '../src/delivery/take/accept.ts';
import { receive } from '../src/delivery/take/receive.ts';
import { answering } from '../src/http/answering.ts';
import { readBody } from '../src/http/body.ts';
import { deliveryAddress } from '../src/http/delivery-location.ts';
import { logAttempt } from '../src/http/log-attempt.ts';
import { preferenceOf } from '../src/http/prefer.ts';
import { json, problem } from '../src/http/problem.ts';
import { deliveryReport, deliveryStatus, secondsToAsk } from '../src/http/reports.ts';
import { webhookRequest } from '../src/http/webhook-request.ts';
import { getRelay, getSource } from '../src/relay.ts';
import type { Reply } from '../src/sources/kind.ts';
import { describeSpan, span } from '../src/telemetry/telemetry.ts';

/** POST /api/webhooks/{source}: a vendor's webhook. Its signature is the authentication. */
app.http('webhooks', {
  route: 'webhooks/{source}',
  methods: ['GET', 'HEAD', 'OPTIONS', 'POST'],
  authLevel: 'anonymous',
  handler: answering(takeWebhook),
});

/** When the answer waits for the outcome, the queue takes over after this long, should the process die. */
const takeOverMs = 60_000;

async function takeWebhook(request: HttpRequest, context: InvocationContext): Promise<HttpResponseInit> {
  const relay = await getRelay();
  const source = getSource(relay, request.params.source);
  const { MAX_BODY_BYTES } = relay.settings;
  const body = await readBody(request, Math.min(MAX_BODY_BYTES, source.maxBodyBytes ?? MAX_BODY_BYTES));
  const webhook = webhookRequest(request, body, relay.settings.PUBLIC_URL);
  const now = new Date();
  describeSpan({ 'relay.source': source.name });
  const received = await span('receive', {}, () => receive(source, webhook, relay.secrets, now));

  switch (received.type) {
    case 'handshake':
      return received.reply;
    case 'refused':
      context.warn(`webhook refused: source ${source.name}`);
      return problem('unauthorized', {
        detail: 'The signature is missing or does not match. Check the secret on both sides.',
      });
    case 'malformed':
      return problem('malformed-body', { detail: received.detail });
  }
  const delivery = await relay.delivery();
  const accepting =
    received.type === 'references'
      ? { ...received, type: 'ignored' as const, reason: await delivery.refreshLinks(received) }
      : received;
  const isSync = source.mode === 'sync' || preferenceOf(request.headers).wait;
  const accepted = await span('accept', { kind: 'producer' }, () =>
    accept(source.name, accepting, delivery.stores, now, isSync ? takeOverMs : 0),
  );
  describeSpan({ 'relay.delivery_id': accepted.deliveryId, 'relay.changes': accepted.records.length });
  const records = isSync ? await waitForOutcome(accepted, delivery, context) : accepted.records;
  for (const record of accepted.records) logAttempt(context, record, undefined);
  const location = deliveryAddress(request, accepted.deliveryId, relay.settings.PUBLIC_URL);
  const reply = received.request && source.kind.acknowledge?.(received.request, source.options);
  if (reply) return withLocation(reply, location);
  return answerFor(accepted.deliveryId, records, location);
}

/** The vendor's own form of success. */
function withLocation(reply: Reply, location: string): HttpResponseInit {
  return { ...reply, headers: { ...reply.headers, Location: location } };
}

/** The first attempt at each change; of a repeat, what became of the delivery so far. */
async function waitForOutcome(
  { deliveryId, isRepeat, records }: Accepted,
  delivery: DeliveryContext,
  context: InvocationContext,
): Promise<readonly DeliveryRecord[]> {
  if (isRepeat) return (await delivery.stores.records.ofDelivery(deliveryId)).map(({ record }) => record);
  const outcomes: DeliveryRecord[] = [];
  for (const record of records) {
    const attempted =
      record.status === 'pending'
        ? await attemptChange({ deliveryId, index: record.index, turn: 0 }, delivery)
        : undefined;
    if (attempted) logAttempt(context, attempted.record, attempted.attempt);
    outcomes.push(attempted?.record ?? record);
  }
  return outcomes;
}

/** 202 while something is pending, or for a repeat; 200 with the outcome of each change. */
function answerFor(
  deliveryId: string,
  records: readonly DeliveryRecord[],
  location: string,
): HttpResponseInit {
  const status = deliveryStatus(records);
  if (records.length > 0 && status !== 'pending')
    return json(200, deliveryReport(records), { Location: location });
  const retryAfter = records.length > 0 ? secondsToAsk(records, new Date()) : 2;
  return json(
    202,
    { deliveryId, status: records.length > 0 ? status : 'received-before' },
    { Location: location, 'Retry-After': String(retryAfter) },
  );
}
