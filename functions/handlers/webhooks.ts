import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import type { Source } from '../../src/config/source.ts';
import { type Delivered, deliverTaken } from '../../src/delivery/attempt/deliver-taken.ts';
import { deliveryIdentity, deliveryIdOf } from '../../src/delivery/record/delivery-id.ts';
import { type DeliveryRecord, emptyRecord } from '../../src/delivery/record/record.ts';
import { verify } from '../../src/delivery/take/verify.ts';
import { readBody } from '../../src/http/body.ts';
import { deliveryAddress } from '../../src/http/delivery-location.ts';
import { logRecorded } from '../../src/http/log-recorded.ts';
import { preferenceOf } from '../../src/http/prefer.ts';
import { json, ProblemError } from '../../src/http/problem.ts';
import { countingRefusals, unknownSource } from '../../src/http/refusals.ts';
import { deliveryReport, deliveryStatus, secondsToAsk } from '../../src/http/reports.ts';
import { webhookRequest } from '../../src/http/webhook-request.ts';
import { getRelay, getSource, type Relay } from '../../src/relay.ts';
import type { Delivery } from '../../src/sources/kind.ts';
import { readKept } from '../../src/sources/read-kept.ts';
import { describeSpan, span } from '../../src/telemetry/telemetry.ts';

/** If the answer waits for the outcome, the queue takes over after this long, should the process die. */
const takeOverMs = 60_000;

/** Verify, one durable write, 202. The worker (apply.ts) maps and applies what was taken. */
export async function takeWebhook(
  request: HttpRequest,
  context: InvocationContext,
): Promise<HttpResponseInit> {
  const relay = await getRelay();
  const { source = '' } = request.params;
  const isKnown = relay.sources.has(source) || relay.brokenSources.has(source);
  return countingRefusals(isKnown ? source : unknownSource, context, () =>
    takeFrom(getSource(relay, source), request, context, relay),
  );
}

async function takeFrom(
  source: Source,
  request: HttpRequest,
  context: InvocationContext,
  relay: Relay,
): Promise<HttpResponseInit> {
  const { MAX_BODY_BYTES } = relay.settings;
  const body = await readBody(request, Math.min(MAX_BODY_BYTES, source.maxBodyBytes ?? MAX_BODY_BYTES));
  const webhook = webhookRequest(request, body, relay.settings.PUBLIC_URL);
  const receivedAt = new Date();
  describeSpan({ 'relay.source': source.name });
  const verified = await span('verify', {}, () => verify(source, webhook, relay.secrets, receivedAt));
  if (verified.type === 'handshake') return verified.reply;
  if (verified.type === 'refused') {
    throw new ProblemError('unauthorized', {
      detail: 'The signature is missing or does not match. Check the secret on both sides.',
    });
  }

  // Read here for its name, and to tell the sender what cannot be read; mapped by the worker.
  const delivery = readKept(source.kind, verified.request, source.options);
  const { content } = delivery;
  const acknowledged = source.kind.acknowledge?.(verified.request, source.options);
  const locate = (deliveryId: string) => deliveryAddress(request, deliveryId, relay.settings.PUBLIC_URL);
  const answer = (deliveryId: string, otherwise: HttpResponseInit): HttpResponseInit => {
    const response = acknowledged ?? otherwise;
    return { ...response, headers: { ...response.headers, Location: locate(deliveryId) } };
  };
  if (content.type === 'ignored') {
    const record = await recordIgnored(source, delivery, content.reason, receivedAt, relay);
    logRecorded(context, record, undefined);
    return answer(record.deliveryId, json(200, deliveryReport([record])));
  }

  const isSync = source.mode === 'sync' || preferenceOf(request.headers).wait;
  const arrival = {
    source: source.name,
    senderId: delivery.id,
    request: verified.request,
    receivedAt,
  };
  const taken = await span('take', { kind: 'producer' }, () => relay.take(arrival, isSync ? takeOverMs : 0));
  describeSpan({ 'relay.delivery_id': taken.id });
  if (!isSync) return answer(taken.id, pendingAnswer(taken.id));
  const context_ = await relay.delivery();
  const delivered = await deliverTaken(taken, patience, context_, (record, attempt) =>
    logRecorded(context, record, attempt),
  );
  const records = await recordsOf(delivered, context_.stores);
  return answer(records[0]?.deliveryId ?? taken.id, outcomeAnswer(taken.id, records));
}

/** A customer that is being written to is waited for this long, in ms. */
const patience = { ms: 5000, with: 'a busy customer' } as const;

/** What is not about a customer's data ends here: one record, no body. A repeat is merely ignored once more. */
async function recordIgnored(
  source: Source,
  { id, topic }: Delivery,
  reason: string,
  receivedAt: Date,
  relay: Relay,
): Promise<DeliveryRecord> {
  const deliveryId = deliveryIdOf(receivedAt, deliveryIdentity(source.name, id));
  const record: DeliveryRecord = {
    ...emptyRecord({ deliveryId, index: 0, source: source.name, topic }),
    status: 'ignored',
    reason,
  };
  await (await relay.tables()).records.create([{ record }]);
  return record;
}

/** What became of a delivery in the call; of a repeat, what became of the first one so far. */
async function recordsOf(
  delivered: Delivered,
  { records }: Awaited<ReturnType<Relay['tables']>>,
): Promise<readonly DeliveryRecord[]> {
  if (delivered.type === 'recorded') return delivered.records;
  if (delivered.type !== 'repeat') return [];
  return (await records.ofDelivery(delivered.deliveryId)).map(({ record }) => record);
}

function pendingAnswer(deliveryId: string, retryAfterSeconds = 2): HttpResponseInit {
  return json(202, { deliveryId, status: 'pending' }, { 'Retry-After': String(retryAfterSeconds) });
}

/** 200 with the outcome of each change; 202 while something is pending. */
function outcomeAnswer(deliveryId: string, records: readonly DeliveryRecord[]): HttpResponseInit {
  if (records.length === 0) return pendingAnswer(deliveryId);
  if (deliveryStatus(records) !== 'pending') return json(200, deliveryReport(records));
  return pendingAnswer(records[0]?.deliveryId ?? deliveryId, secondsToAsk(records, new Date()));
}
