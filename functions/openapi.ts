import { app } from '@azure/functions';
import { answeringEverybody } from '../src/http/answering.ts';

/**
 * GET /api/openapi.json: the description of this API. Without a key, because importers and editors fetch it by its
 * address alone, and it says nothing that is not public: no source, no setting, no state.
 */
app.http('openapi', {
  route: 'openapi.json',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: answeringEverybody(async (request) =>
    (await import('./handlers/openapi.ts')).describeApi(request),
  ),
});
