import { app } from '@azure/functions';
import { answering } from '../src/http/answering.ts';

/** POST /api/import/{source}: payloads for the source's mapping, from an export, a script, or recorded during an outage. */
app.http('import', {
  route: 'import/{source}',
  methods: ['POST'],
  authLevel: 'function',
  handler: answering(async (request, context) =>
    (await import('./handlers/import.ts')).importPayloads(request, context),
  ),
});
