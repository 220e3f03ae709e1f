import type { InvocationContext } from '@azure/functions';
import * as upkeep from '../../src/delivery/operate/upkeep.ts';
import { getRelay } from '../../src/relay.ts';

export async function resumeOverdue(context: InvocationContext): Promise<void> {
  const resumed = await upkeep.resumeOverdue(await (await getRelay()).delivery());
  if (resumed > 0) context.warn(`${resumed} overdue changes are in the queue again`);
}

export async function deleteExpired(context: InvocationContext): Promise<void> {
  const relay = await getRelay();
  const rows = await upkeep.deleteExpired(relay.settings.RETENTION_DAYS, await relay.delivery());
  context.log(`${rows} expired rows are deleted`);
}
