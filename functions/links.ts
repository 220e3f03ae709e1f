import { app } from '@azure/functions';
import { answering } from '../src/http/answering.ts';

const handlers = () => import('./handlers/links.ts');

/** GET /api/links: which record is which customer, a page at a time. */
app.http('links', {
  route: 'links',
  methods: ['GET'],
  authLevel: 'function',
  handler: answering(async (request) => (await handlers()).listLinks(request)),
});

/** POST /api/links: up to 1000 links at once, all or, when one of them is invalid, none. */
app.http('setLinks', {
  route: 'links',
  methods: ['POST'],
  authLevel: 'function',
  handler: answering(async (request) => (await handlers()).setLinks(request)),
});

/** GET /api/links/{source}/{recordId} */
app.http('link', {
  route: 'links/{source}/{recordId}',
  methods: ['GET'],
  authLevel: 'function',
  handler: answering(async (request) => (await handlers()).showLink(request)),
});

/** PUT /api/links/{source}/{recordId}: the operator knows which customer the record is. */
app.http('setLink', {
  route: 'links/{source}/{recordId}',
  methods: ['PUT'],
  authLevel: 'function',
  handler: answering(async (request) => (await handlers()).setLink(request)),
});

/** DELETE /api/links/{source}/{recordId}: the next change of the record is looked up. */
app.http('removeLink', {
  route: 'links/{source}/{recordId}',
  methods: ['DELETE'],
  authLevel: 'function',
  handler: answering(async (request) => (await handlers()).removeLink(request)),
});
