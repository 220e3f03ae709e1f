import { app, type HttpResponseInit } from '@azure/functions';
import { type HealthStatus, healthDetails, healthStatus } from '../src/health.ts';
import { answering } from '../src/http/answering.ts';
import { json } from '../src/http/problem.ts';
import { relayState } from '../src/relay.ts';

/**
 * GET /api/health: can the relay take webhooks? For gateways, load balancers and uptime checks; says nothing else.
 * 200 with `degraded` while something does not work: whoever takes the relay away then, loses what it would have queued.
 */
app.http('health', {
  route: 'health',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: answering(async (): Promise<HttpResponseInit> => {
    const status = await healthStatus(await relayState());
    return json(httpStatusOf(status), { status });
  }),
});

/** GET /api/health/details: the same, with what is missing and the state of each dependency. */
app.http('healthDetails', {
  route: 'health/details',
  methods: ['GET'],
  authLevel: 'function',
  handler: answering(async (): Promise<HttpResponseInit> => {
    const health = await healthDetails(await relayState());
    return json(httpStatusOf(health.status), health);
  }),
});

const httpStatusOf = (status: HealthStatus): number => (status === 'not-ready' ? 503 : 200);
