import { app } from '@azure/functions';
import { answering } from '../src/http/answering.ts';

const handlers = () => import('./handlers/deliveries.ts');

/** GET /api/deliveries: what happened, newest first, a page at a time. */
app.http('deliveries', {
  route: 'deliveries',
  methods: ['GET'],
  authLevel: 'function',
  handler: answering(async (request) => (await handlers()).listDeliveries(request)),
});

/** GET /api/deliveries/{id}: one delivery. 202 while pending, so that a Logic App's HTTP action waits by itself. */
app.http('delivery', {
  route: 'deliveries/{deliveryId}',
  methods: ['GET'],
  authLevel: 'function',
  handler: answering(async (request) => (await handlers()).showDelivery(request)),
});

/** GET /api/deliveries/{id}/remapped: what today's mapping would make of it; nothing is changed. */
app.http('remapDelivery', {
  route: 'deliveries/{deliveryId}/remapped',
  methods: ['GET'],
  authLevel: 'function',
  handler: answering(async (request) => (await import('./handlers/remapped.ts')).showRemapped(request)),
});

/** POST /api/deliveries/{id}/replay: through today's mapping and into the queue again. */
app.http('replayDelivery', {
  route: 'deliveries/{deliveryId}/replay',
  methods: ['POST'],
  authLevel: 'function',
  handler: answering(async (request) => (await handlers()).replayDelivery(request)),
});

/** POST /api/deliveries/replay: all that match the query; parked ones unless it names another status. */
app.http('replayDeliveries', {
  route: 'deliveries/replay',
  methods: ['POST'],
  authLevel: 'function',
  handler: answering(async (request) => (await handlers()).replayDeliveries(request)),
});

/** DELETE /api/customers/{customerId}/deliveries: forgets what is kept of a customer. */
app.http('forgetCustomer', {
  route: 'customers/{customerId}/deliveries',
  methods: ['DELETE'],
  authLevel: 'function',
  handler: answering(async (request) => (await handlers()).forget(request)),
});
