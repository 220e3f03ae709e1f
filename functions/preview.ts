import { app } from '@azure/functions';
import { answering } from '../src/http/answering.ts';

/** POST /api/preview/{source}/draft: the same with the problems beside the changes, and with a mapping from the request. */
app.http('previewDraft', {
  route: 'preview/{source}/draft',
  methods: ['POST'],
  authLevel: 'function',
  handler: answering(async (request) => (await import('./handlers/draft.ts')).previewDraft(request)),
});

/** POST /api/preview/{source}: a dry run. The changes that a payload would give; nothing is sent, no signature is needed. */
app.http('preview', {
  route: 'preview/{source}',
  methods: ['POST'],
  authLevel: 'function',
  handler: answering(async (request) => (await import('./handlers/preview.ts')).preview(request)),
});
