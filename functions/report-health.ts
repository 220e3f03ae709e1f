import { app, type InvocationContext, type Timer } from '@azure/functions';
import { checkHealth, checkQueue } from '../src/health.ts';
import { relayState } from '../src/relay.ts';

/**
 * Every five minutes: health and the state of the queue as one line of the log. The alerts read it
 * (infra/alerts/*.kql): the platform has no metric for the age of a message.
 */
app.timer('reportHealth', {
  schedule: '0 */5 * * * *',
  handler: async (_timer: Timer, context: InvocationContext): Promise<void> => {
    const state = await relayState();
    const health = { ...(await checkHealth(state)), queue: await checkQueue(state) };
    context.log(`health: ${JSON.stringify(health)}`);
  },
});
