import { app } from '@azure/functions';
import { answering } from '../src/http/answering.ts';

/** POST /api/webhooks/{source}: a vendor's webhook. Its signature is the authentication. */
app.http('webhooks', {
  route: 'webhooks/{source}',
  methods: ['GET', 'HEAD', 'OPTIONS', 'POST'],
  authLevel: 'anonymous',
  handler: answering(async (request, context) =>
    (await import('./handlers/webhooks.ts')).takeWebhook(request, context),
  ),
});
