import { app, type InvocationContext, type Timer } from '@azure/functions';
import { reportQueue } from '../src/delivery/operate/queue-report.ts';
import { checkHealth } from '../src/health.ts';
import { getRelay, relayState } from '../src/relay.ts';

/**
 * Every five minutes: health and the state of the queue as one line of the log. The alerts read it
 * (infra/alerts/*.kql): the platform has no metric for the age of a message.
 */
app.timer('reportHealth', {
  schedule: '0 */5 * * * *',
  handler: async (_timer: Timer, context: InvocationContext): Promise<void> => {
    const health = await checkHealth(await relayState());
    context.log(`health: ${JSON.stringify({ ...health, queue: await queueReport() })}`);
  },
});

/** Undefined when storage cannot be reached: health says so. */
async function queueReport() {
  try {
    const { stores, now } = await (await getRelay()).delivery();
    return await reportQueue(stores, now());
  } catch {
    return undefined;
  }
}
