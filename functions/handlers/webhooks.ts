import { setTimeout as delay } from 'node:timers/promises';
import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import type { Source } from '../../src/config/source.ts';
import type { Delivered } from '../../src/delivery/attempt/deliver-taken.ts';
import { countAccepted } from '../../src/delivery/record/change-metrics.ts';
import { deliveryIdentity, deliveryIdOf } from '../../src/delivery/record/delivery-id.ts';
import type { Taken } from '../../src/delivery/record/message.ts';
import { type DeliveryRecord, emptyRecord } from '../../src/delivery/record/record.ts';
import type { Arrival } from '../../src/delivery/take/take.ts';
import { verify } from '../../src/delivery/take/verify.ts';
import { readBody } from '../../src/http/body.ts';
import { deliveryAddress } from '../../src/http/delivery-location.ts';
import { logRecorded } from '../../src/http/log-recorded.ts';
import { isFirstInMinute } from '../../src/http/once-a-minute.ts';
import { preferenceOf } from '../../src/http/prefer.ts';
import { json, ProblemError } from '../../src/http/problem.ts';
import { countingRefusals, unknownSource } from '../../src/http/refusals.ts';
import { deliveryReport, deliveryStatus, secondsToAsk } from '../../src/http/reports.ts';
import { webhookRequest } from '../../src/http/webhook-request.ts';
import { getRelay, getSource, type Relay, relayState } from '../../src/relay.ts';
import type { Delivery } from '../../src/sources/kind.ts';
import { readKept } from '../../src/sources/read-kept.ts';
import { describeSpan, span } from '../../src/telemetry/telemetry.ts';

/** Verify, one durable write, 202. The worker (apply.ts) maps and applies what was taken. */
export async function takeWebhook(
  request: HttpRequest,
  context: InvocationContext,
): Promise<HttpResponseInit> {
  const { source = '' } = request.params;
  const state = await relayState();
  // Without a configuration no name is known.
  const relay = 'relay' in state ? state.relay : undefined;
  const isKnown = relay && (relay.sources.has(source) || relay.brokenSources.has(source));
  return countingRefusals(
    isKnown ? source : unknownSource,
    context,
    async () => {
      const ready = relay ?? (await getRelay());
      return takeFrom(getSource(ready, source), request, context, ready);
    },
    (reason) => void (isKnown && noteRefusal(source, reason, relay)),
  );
}

/** For operators only: the sender does not wait for it, and it may fail. */
async function noteRefusal(source: string, reason: string, relay: Relay): Promise<void> {
  try {
    await (await relay.lastRefusals()).put(source, { at: new Date().toISOString(), reason });
  } catch {
    // The log has it, too.
  }
}

async function takeFrom(
  source: Source,
  request: HttpRequest,
  context: InvocationContext,
  relay: Relay,
): Promise<HttpResponseInit> {
  const { MAX_BODY_BYTES, PUBLIC_URL } = relay.settings;
  const body = await readBody(request, Math.min(MAX_BODY_BYTES, source.maxBodyBytes ?? MAX_BODY_BYTES));
  const webhook = webhookRequest(request, body, PUBLIC_URL);
  const receivedAt = new Date();
  describeSpan({ 'relay.source': source.name });
  const verified = await span('verify', {}, () => verify(source, webhook, relay.secrets, receivedAt));
  if (verified.type === 'handshake') {
    // Of some kinds anybody may ask for it.
    isFirstInMinute(`handshake ${source.name}`);
    return verified.reply;
  }
  if (verified.type === 'refused') {
    throw new ProblemError('unauthorized', {
      detail: 'The signature is missing or does not match. Check the secret on both sides.',
    });
  }

  // Read here for its name, and to tell the sender what cannot be read; mapped by the worker.
  const delivery = readKept(source.kind, verified.request, source.options);
  const arrival = { source: source.name, senderId: delivery.id, request: verified.request, receivedAt };
  const prefer = preferenceOf(request.headers);
  const { deliveryId, ...answer } =
    delivery.content.type === 'ignored'
      ? await recordIgnored(arrival, delivery, delivery.content.reason, context, relay)
      : source.mode === 'sync' || prefer.wait
        ? await takeAndWait(arrival, prefer.waitMs, context, relay)
        : await take(arrival, relay);
  const location = { Location: deliveryAddress(request, deliveryId, PUBLIC_URL) };
  const response = source.kind.acknowledge?.(verified.request, source.options) ?? answer.response;
  return { ...response, headers: { ...response.headers, ...location } };
}

/** What is answered, unless the vendor wants an answer of its own, and where the outcome will be. */
interface Answer {
  readonly deliveryId: string;
  readonly response: HttpResponseInit;
}

async function take(arrival: Arrival, relay: Relay): Promise<Answer> {
  const { id } = await takeDurably(arrival, relay);
  return { deliveryId: id, response: pending(id) };
}

/** The same, and the first attempt in the call, for `waitMs` at most; the queue takes over if the process dies. */
async function takeAndWait(
  arrival: Arrival,
  waitMs: number,
  context: InvocationContext,
  relay: Relay,
): Promise<Answer> {
  const taken = await takeDurably(arrival, relay, takeOverMs);
  const delivering = deliverNow(taken, context, relay);
  const timer = new AbortController();
  const late = delay(waitMs, undefined, { signal: timer.signal }).catch(() => undefined);
  const records = (await Promise.race([delivering, late])) ?? [];
  timer.abort();
  // What fails after that is logged, and the queue takes over.
  delivering.catch(() => context.warn(`delivery ${taken.id} goes on in the queue`));
  const deliveryId = records[0]?.deliveryId ?? taken.id;
  if (records.length > 0 && deliveryStatus(records) !== 'pending')
    return { deliveryId, response: json(200, deliveryReport(records)) };
  const retryAfter = records.length > 0 ? secondsToAsk(records, new Date()) : undefined;
  return { deliveryId, response: pending(deliveryId, retryAfter) };
}

async function deliverNow(
  taken: Taken,
  context: InvocationContext,
  relay: Relay,
): Promise<readonly DeliveryRecord[]> {
  const [{ deliverTaken }, delivery] = await Promise.all([
    import('../../src/delivery/attempt/deliver-taken.ts'),
    relay.delivery(),
  ]);
  const delivered = await deliverTaken(taken, patience, delivery, (record, attempt) =>
    logRecorded(context, record, attempt),
  );
  return recordsOf(delivered, delivery.stores);
}

const takeOverMs = 60_000;
/** A customer that is being written to is waited for this long, in ms. */
const patience = { ms: 5000, with: 'a busy customer' } as const;

async function takeDurably(arrival: Arrival, relay: Relay, hiddenMs = 0): Promise<Taken> {
  const taken = await span('take', { kind: 'producer' }, () => relay.take(arrival, hiddenMs));
  describeSpan({ 'relay.delivery_id': taken.id });
  return taken;
}

/** What is not about a customer's data ends here: one record, no body. A repeat is merely ignored once more. */
async function recordIgnored(
  { source, senderId, receivedAt }: Arrival,
  { topic }: Delivery,
  reason: string,
  context: InvocationContext,
  relay: Relay,
): Promise<Answer> {
  const deliveryId = deliveryIdOf(receivedAt, deliveryIdentity(source, senderId));
  const empty = emptyRecord({ deliveryId, index: 0, source, topic });
  const record: DeliveryRecord = { ...empty, status: 'ignored', reason };
  await (await relay.tables()).records.create([{ record }]);
  countAccepted(record);
  logRecorded(context, record, undefined);
  return { deliveryId, response: json(200, deliveryReport([record])) };
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

function pending(deliveryId: string, retryAfterSeconds = 2): HttpResponseInit {
  return json(202, { deliveryId, status: 'pending' }, { 'Retry-After': String(retryAfterSeconds) });
}
