import { app } from '@azure/functions';

const handlers = () => import('./handlers/upkeep.ts');

/** Every hour: changes whose message was lost go on. */
app.timer('resumeOverdue', {
  schedule: '0 20 * * * *',
  handler: async (_timer, context) => (await handlers()).resumeOverdue(context),
});

/** Every hour: the hour that is over is counted, by source. */
app.timer('sumUpHours', {
  schedule: '0 5 * * * *',
  handler: async (_timer, context) => (await handlers()).sumUpHours(context),
});

/** Every night: deliveries and bodies older than RETENTION_DAYS are deleted. */
app.timer('deleteExpired', {
  schedule: '0 40 3 * * *',
  handler: async (_timer, context) => (await handlers()).deleteExpired(context),
});
