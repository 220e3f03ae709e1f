import type { InvocationContext } from '@azure/functions';
import * as countHours from '../../src/delivery/operate/count-hours.ts';
import * as leftOut from '../../src/delivery/operate/report-left-out.ts';
import * as upkeep from '../../src/delivery/operate/upkeep.ts';
import { getRelay } from '../../src/relay.ts';

export async function resumeOverdue(context: InvocationContext): Promise<void> {
  const { stores, now } = await (await getRelay()).delivery();
  const { resumed, failed } = await upkeep.resumeOverdue(stores, now());
  if (resumed > 0) context.warn(`${resumed} overdue changes are in the queue again`);
  if (failed.length > 0)
    context.error(`${failed.length} overdue changes cannot be resumed: ${failed.slice(0, 20).join(', ')}`);
}

export async function sumUpHours(context: InvocationContext): Promise<void> {
  const hours = await countHours.sumUpHours(await (await getRelay()).tables(), new Date());
  context.log(`${hours} hours are counted`);
}

export async function deleteExpired(context: InvocationContext): Promise<void> {
  const relay = await getRelay();
  const { stores, now } = await relay.delivery();
  const rows = await upkeep.deleteExpired(relay.settings.RETENTION_DAYS, stores, now());
  context.log(`${rows} expired rows are deleted`);
}

const dayMs = 24 * 3_600_000;

export async function reportLeftOut(context: InvocationContext): Promise<void> {
  const { stores, now } = await (await getRelay()).delivery();
  const report = await leftOut.reportLeftOut(new Date(now().getTime() - dayMs), stores);
  context.log(`left out: ${JSON.stringify(report)}`);
}
