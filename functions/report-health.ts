import { app } from '@azure/functions';

/**
 * Every five minutes: health and the state of the queue as one line of the log. The alerts read it
 * (infra/alerts/*.kql): the platform has no metric for the age of a message.
 */
app.timer('reportHealth', {
  schedule: '0 */5 * * * *',
  handler: async (_timer, context) => (await import('./handlers/report-health.ts')).reportHealth(context),
});
