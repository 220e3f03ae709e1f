import { app } from '@azure/functions';
import { answering } from '../src/http/answering.ts';

const handlers = () => import('./handlers/issues.ts');

/** GET /api/issues: what is parked and what is left out, by cause. */
app.http('issues', {
  route: 'issues',
  methods: ['GET'],
  authLevel: 'function',
  handler: answering(async (request) => (await handlers()).showIssues(request)),
});

/** PUT /api/issues/{id}/mute: it is known, and is not shown among the open ones. */
app.http('muteIssue', {
  route: 'issues/{issueId}/mute',
  methods: ['PUT'],
  authLevel: 'function',
  handler: answering(async (request) => (await handlers()).muteIssue(request)),
});

/** DELETE /api/issues/{id}/mute */
app.http('unmuteIssue', {
  route: 'issues/{issueId}/mute',
  methods: ['DELETE'],
  authLevel: 'function',
  handler: answering(async (request) => (await handlers()).unmuteIssue(request)),
});

/** POST /api/issues/{id}/replay: everything that has this cause; with dryRun=true only how much that is. */
app.http('replayIssue', {
  route: 'issues/{issueId}/replay',
  methods: ['POST'],
  authLevel: 'function',
  handler: answering(async (request) => (await handlers()).replayIssue(request)),
});
