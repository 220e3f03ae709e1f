import type { InvocationContext } from '@azure/functions';
import { reportQueue } from '../../src/delivery/operate/queue-report.ts';
import { checkHealth } from '../../src/health.ts';
import { getRelay, relayState } from '../../src/relay.ts';

export async function reportHealth(context: InvocationContext): Promise<void> {
  const health = await checkHealth(await relayState());
  context.log(`health: ${JSON.stringify({ ...health, queue: await queueReport() })}`);
}

/** Undefined when storage cannot be reached: health says so. */
async function queueReport() {
  try {
    const { stores, now } = await (await getRelay()).delivery();
    return await reportQueue(stores, now());
  } catch {
    return undefined;
  }
}
