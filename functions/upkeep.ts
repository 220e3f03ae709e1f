import { app, type InvocationContext, type Timer } from '@azure/functions';
import { deleteExpired, resumeOverdue } from '../src/delivery/operate/upkeep.ts';
import { getRelay } from '../src/relay.ts';

/** Every hour: changes whose message was lost go on. */
app.timer('resumeOverdue', {
  schedule: '0 20 * * * *',
  handler: async (_timer: Timer, context: InvocationContext): Promise<void> => {
    const { stores, now } = await (await getRelay()).delivery();
    const resumed = await resumeOverdue(stores, now());
    if (resumed > 0) context.warn(`${resumed} overdue changes are in the queue again`);
  },
});

/** Every night: deliveries and bodies older than RETENTION_DAYS are deleted. */
app.timer('deleteExpired', {
  schedule: '0 40 3 * * *',
  handler: async (_timer: Timer, context: InvocationContext): Promise<void> => {
    const relay = await getRelay();
    const { stores, now } = await relay.delivery();
    const rows = await deleteExpired(relay.settings.RETENTION_DAYS, stores, now());
    context.log(`${rows} expired rows are deleted`);
  },
});
