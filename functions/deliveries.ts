import { app, type HttpRequest, type HttpResponseInit } from '@azure/functions';
import type { DeliveryContext } from '../src/delivery/delivery-context.ts';
import { findChanges } from '../src/delivery/operate/find.ts';
import { replay } from '../src/delivery/operate/replay.ts';
import { replayAll } from '../src/delivery/operate/replay-all.ts';
import { forgetCustomer } from '../src/delivery/operate/upkeep.ts';
import { isDeliveryId } from '../src/delivery/record/delivery-id.ts';
import { addressedReferenceSchema } from '../src/domain/customer-reference.ts';
import { answering } from '../src/http/answering.ts';
import { changeFilterOf } from '../src/http/change-filter.ts';
import { deliveryLocation } from '../src/http/delivery-location.ts';
import { json, problem } from '../src/http/problem.ts';
import { deliveryReport, listedChange, secondsToAsk } from '../src/http/reports.ts';
import { validated } from '../src/http/validated.ts';
import { getRelay, type Relay } from '../src/relay.ts';

/** GET /api/deliveries: what happened, newest first, a page at a time. */
app.http('deliveries', {
  route: 'deliveries',
  methods: ['GET'],
  authLevel: 'function',
  handler: answering(async (request) => {
    const { filter, limit, from } = changeFilterOf(request);
    const { stores } = await (await getRelay()).delivery();
    const { records, next } = await findChanges(filter, limit, from, stores);
    return json(200, { changes: records.map(listedChange), ...(next && { next }) });
  }),
});

/** GET /api/deliveries/{id}: one delivery. 202 while pending, so that a Logic App's HTTP action waits by itself. */
app.http('delivery', {
  route: 'deliveries/{deliveryId}',
  methods: ['GET'],
  authLevel: 'function',
  handler: answering(async (request) => {
    const relay = await getRelay();
    return showDelivery(request, relay, await relay.delivery());
  }),
});

/** POST /api/deliveries/{id}/replay: through today's mapping and into the queue again. */
app.http('replayDelivery', {
  route: 'deliveries/{deliveryId}/replay',
  methods: ['POST'],
  authLevel: 'function',
  handler: answering(async (request) => {
    const relay = await getRelay();
    const delivery = await relay.delivery();
    const { deliveryId = '' } = request.params;
    if (!isDeliveryId(deliveryId)) return unknownDelivery();
    const replayed = await replay(deliveryId, relay.sources, delivery.stores, new Date());
    switch (replayed.type) {
      case 'unknown':
        return unknownDelivery();
      case 'nothing-to-replay':
        return problem('nothing-to-replay', {
          detail:
            'Nothing is kept of it that could be sent: it was ignored, or its source is gone from relay.json.',
        });
      default:
        return showDelivery(request, relay, delivery);
    }
  }),
});

/** POST /api/deliveries/replay: all that match the query; parked ones unless it names another status. */
app.http('replayDeliveries', {
  route: 'deliveries/replay',
  methods: ['POST'],
  authLevel: 'function',
  handler: answering(async (request) => {
    const { filter, from } = changeFilterOf(request);
    const relay = await getRelay();
    const { stores } = await relay.delivery();
    const status = filter.status ?? 'parked';
    return json(200, await replayAll({ ...filter, status }, from, relay.sources, stores));
  }),
});

/** DELETE /api/customers/{customerId}/deliveries: forgets what is kept of a customer. */
app.http('forgetCustomer', {
  route: 'customers/{customerId}/deliveries',
  methods: ['DELETE'],
  authLevel: 'function',
  handler: answering(async (request) => {
    const { customerId } = validated(addressedReferenceSchema, { customerId: request.params.customerId });
    const delivery = await (await getRelay()).delivery();
    return json(200, { deletedRecords: await forgetCustomer(customerId, delivery) });
  }),
});

async function showDelivery(
  request: HttpRequest,
  relay: Relay,
  { stores, now }: DeliveryContext,
): Promise<HttpResponseInit> {
  const { deliveryId = '' } = request.params;
  if (!isDeliveryId(deliveryId)) return unknownDelivery();
  const records = (await stores.records.ofDelivery(deliveryId)).map(({ record }) => record);
  if (records.length === 0) return unknownDelivery();
  const report = deliveryReport(records);
  const kept = request.query.get('body') === 'true' ? await stores.records.request(deliveryId) : undefined;
  const answer = { ...report, ...(kept && { body: Buffer.from(kept.body).toString('utf8') }) };
  if (report.status !== 'pending') return json(200, answer);
  return json(202, answer, {
    Location: deliveryLocation(request, deliveryId, relay.settings.PUBLIC_URL),
    'Retry-After': String(secondsToAsk(records, now())),
  });
}

function unknownDelivery(): HttpResponseInit {
  return problem('unknown-delivery', {
    detail: 'No delivery has this id, or it is older than RETENTION_DAYS and deleted.',
  });
}
