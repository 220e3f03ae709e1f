import { app } from '@azure/functions';
import { answering, answeringEverybody } from '../src/http/answering.ts';

const handlers = () => import('./handlers/health.ts');

/** GET /api/health: can the relay take webhooks? For gateways, load balancers and uptime checks; says nothing else. */
app.http('health', {
  route: 'health',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: answeringEverybody(async () => (await handlers()).showHealth()),
});

/** GET /api/health/details: the same, with what is missing and the state of each dependency. */
app.http('healthDetails', {
  route: 'health/details',
  methods: ['GET'],
  authLevel: 'function',
  handler: answering(async () => (await handlers()).showHealthDetails()),
});
