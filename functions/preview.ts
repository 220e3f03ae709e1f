import { app } from '@azure/functions';
import { answering } from '../src/http/answering.ts';

/** POST /api/preview/{source}: a dry run. The changes that a payload would give; nothing is sent, no signature is needed. */
app.http('preview', {
  route: 'preview/{source}',
  methods: ['POST'],
  authLevel: 'function',
  handler: answering(async (request) => (await import('./handlers/preview.ts')).preview(request)),
});
