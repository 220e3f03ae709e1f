import { app } from '@azure/functions';
import { answering } from '../src/http/answering.ts';

const handlers = () => import('./handlers/operate.ts');

/** GET /api/sources: the sources of relay.json, and how they stand. */
app.http('sources', {
  route: 'sources',
  methods: ['GET'],
  authLevel: 'function',
  handler: answering(async (request) => (await handlers()).listSources(request)),
});

/** GET /api/counts: what became of changes, by source and hour. */
app.http('counts', {
  route: 'counts',
  methods: ['GET'],
  authLevel: 'function',
  handler: answering(async (request) => (await handlers()).showCounts(request)),
});

/** GET /api/pauses: what is paused by hand. */
app.http('pauses', {
  route: 'pauses',
  methods: ['GET'],
  authLevel: 'function',
  handler: answering(async (request) => (await handlers()).listPauses(request)),
});

/** PUT /api/pauses/{subject}: nothing is written of everything, a source or a customer. */
app.http('pause', {
  route: 'pauses/{subject}',
  methods: ['PUT'],
  authLevel: 'function',
  handler: answering(async (request) => (await handlers()).pause(request)),
});

/** DELETE /api/pauses/{subject} */
app.http('resume', {
  route: 'pauses/{subject}',
  methods: ['DELETE'],
  authLevel: 'function',
  handler: answering(async (request) => (await handlers()).resume(request)),
});

/** GET /api/acts: what operators did, newest first. */
app.http('acts', {
  route: 'acts',
  methods: ['GET'],
  authLevel: 'function',
  handler: answering(async (request) => (await handlers()).listActs(request)),
});
