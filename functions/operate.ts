import { app } from '@azure/functions';
import { answering } from '../src/http/answering.ts';

const handlers = () => import('./handlers/operate.ts');

/** GET /api/acts: what operators did, newest first. */
app.http('acts', {
  route: 'acts',
  methods: ['GET'],
  authLevel: 'function',
  handler: answering(async (request) => (await handlers()).listActs(request)),
});
