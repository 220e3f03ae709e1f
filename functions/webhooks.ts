import { app } from '@azure/functions';
import { answering } from '../src/http/answering.ts';

// Kept: importing it for every request anew costs more than checking a signature.
let handlers: Promise<typeof import('./handlers/webhooks.ts')> | undefined;

/** POST /api/webhooks/{source}: a vendor's webhook. Its signature is the authentication. */
app.http('webhooks', {
  route: 'webhooks/{source}',
  methods: ['GET', 'HEAD', 'OPTIONS', 'POST'],
  authLevel: 'anonymous',
  handler: answering(async (request, context) => {
    handlers ??= import('./handlers/webhooks.ts');
    return (await handlers).takeWebhook(request, context);
  }),
});
