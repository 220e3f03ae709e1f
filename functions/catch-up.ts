import { app } from '@azure/functions';
import { answering } from '../src/http/answering.ts';

const handlers = () => import('./handlers/catch-up.ts');

/** Every five minutes: what is due is begun, and what is not at its end goes on. */
app.timer('catchUp', {
  schedule: '30 */5 * * * *',
  handler: async (_timer, context) => (await handlers()).catchUpAll(context),
});

/** Every Sunday: all customers are compared with DirectScale; `catchUp` goes on with it. */
app.timer('reconcile', {
  schedule: '0 30 1 * * 0',
  handler: async (_timer, context) => (await handlers()).reconcileAll(context),
});

/** Every day: does each vendor that tells still send its webhooks here? */
app.timer('guardSubscriptions', {
  schedule: '0 10 5 * * *',
  handler: async (_timer, context) => (await import('./handlers/guard.ts')).guardAll(context),
});

/** POST /api/catch-up/{source}: begins a walk over the vendor's customers or goes on with it, for some seconds. */
app.http('walk', {
  route: 'catch-up/{source}',
  methods: ['POST'],
  authLevel: 'function',
  handler: answering(async (request, context) => (await handlers()).walkOnce(request, context)),
});

/** GET /api/catch-up/{source}: how each walk of a source stands. */
app.http('walks', {
  route: 'catch-up/{source}',
  methods: ['GET'],
  authLevel: 'function',
  handler: answering(async (request) => (await handlers()).showWalks(request)),
});
