import { app } from '@azure/functions';
import { answeringEverybody } from '../src/http/answering.ts';

/**
 * GET /api/console: the console's page, script and style. Without a key, because a browser fetches them before anybody
 * can enter one, and there is no data in them: what they show they ask the API for.
 */
app.http('console', {
  route: 'console/{*path}',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: answeringEverybody(async (request) =>
    (await import('./handlers/console.ts')).showConsole(request),
  ),
});
