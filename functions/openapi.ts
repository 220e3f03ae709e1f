import { app, type HttpRequest, type HttpResponseInit } from '@azure/functions';
import { answering } from '../src/http/answering.ts';
import { json, ProblemError } from '../src/http/problem.ts';
import { publicOrigin } from '../src/http/webhook-request.ts';
import { relayState } from '../src/relay.ts';

/**
 * GET /api/openapi.json: the description of this API. Without a key, because importers and editors fetch it by its
 * address alone, and it says nothing that is not public: no source, no setting, no state.
 */
app.http('openapi', {
  route: 'openapi.json',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: answering(describe),
});

async function describe(request: HttpRequest): Promise<HttpResponseInit> {
  const version = request.query.get('version') ?? '3';
  if (version !== '2' && version !== '3') {
    throw new ProblemError('invalid', {
      detail: 'Correct the query: see violations.',
      violations: [{ path: 'version', message: 'must be 2 or 3' }],
    });
  }
  const state = await relayState();
  const origin = publicOrigin(request, 'relay' in state ? state.relay.settings.PUBLIC_URL : undefined);
  // Rarely asked for: loaded then, not at the start.
  const { openApi } = await import('../src/http/openapi/document.ts');
  if (version === '3') return json(200, openApi(origin));
  const { asVersion2 } = await import('../src/http/openapi/version-2.ts');
  return json(200, asVersion2(openApi(origin)));
}
