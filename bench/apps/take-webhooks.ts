import { app } from '@azure/functions';

/**
 * Registers the function to which the bench sends webhooks, as the relay does: it does this with the body, and answers 202; or
 * 401 if the request is not authentic.
 */
export function takeWebhooks(
  take: (body: string) => Promise<void>,
  isAuthentic: (body: string, headers: { get(name: string): string | null }) => boolean = () => true,
): void {
  app.setup({ enableHttpStream: true });
  app.http('webhooks', {
    route: 'webhooks/{source}',
    methods: ['POST'],
    authLevel: 'anonymous',
    handler: async (request) => {
      const body = await request.text();
      if (!isAuthentic(body, request.headers)) return { status: 401 };
      await take(body);
      return { status: 202 };
    },
  });
}
