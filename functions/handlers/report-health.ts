import type { InvocationContext } from '@azure/functions';
import { healthDetails } from '../../src/health.ts';
import { relayState } from '../../src/relay.ts';

export async function reportHealth(context: InvocationContext): Promise<void> {
  context.log(`health: ${JSON.stringify(await healthDetails(await relayState()))}`);
}
