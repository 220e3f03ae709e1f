/** What taking a webhook costs at least in the local host: it reads the body, and answers. */
import { app } from '@azure/functions';

app.setup({ enableHttpStream: true });
app.http('webhooks', {
  route: 'webhooks/{source}',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: async (request) => {
    await request.text();
    return { status: 202 };
  },
});
