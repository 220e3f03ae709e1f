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

/** Every morning: which fields were left out of the changes of a day, how often and why, as one line of the log. */
app.timer('reportLeftOut', {
  schedule: '0 30 5 * * *',
  handler: async (_timer, context) => (await handlers()).reportLeftOut(context),
});

/** Every night: deliveries and bodies older than RETENTION_DAYS are deleted. */
app.timer('deleteExpired', {
  schedule: '0 40 3 * * *',
  handler: async (_timer, context) => (await handlers()).deleteExpired(context),
});
