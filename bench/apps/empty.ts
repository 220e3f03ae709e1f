/** The least that an app can be: one function that answers. */
import { app } from '@azure/functions';

app.setup({ enableHttpStream: true });
app.http('empty', { authLevel: 'anonymous', handler: async () => ({ status: 204 }) });
