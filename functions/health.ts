import { app, type HttpResponseInit } from '@azure/functions';
import { checkHealth, checkQueue } from '../src/health.ts';
import { answering } from '../src/http/answering.ts';
import { json } from '../src/http/problem.ts';
import { relayState } from '../src/relay.ts';

/** GET /api/health: is the relay ready? For load balancers and uptime checks; says nothing else. */
app.http('health', {
  route: 'health',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: answering(async (): Promise<HttpResponseInit> => {
    const { status } = await checkHealth(await relayState());
    return json(status === 'ready' ? 200 : 503, { status });
  }),
});

/** GET /api/health/details: the same, with what is missing, the state of each dependency and of the queue. */
app.http('healthDetails', {
  route: 'health/details',
  methods: ['GET'],
  authLevel: 'function',
  handler: answering(async (): Promise<HttpResponseInit> => {
    const state = await relayState();
    const health = { ...(await checkHealth(state)), queue: await checkQueue(state) };
    return json(health.status === 'ready' ? 200 : 503, health);
  }),
});
