import { app } from '@azure/functions';

/** Registers the function to which the bench sends webhooks, as the relay does: it does this with the body, and answers 202. */
export function takeWebhooks(take: (body: string) => Promise<void>): void {
  app.setup({ enableHttpStream: true });
  app.http('webhooks', {
    route: 'webhooks/{source}',
    methods: ['POST'],
    authLevel: 'anonymous',
    handler: async (request) => {
      await take(await request.text());
      return { status: 202 };
    },
  });
}
