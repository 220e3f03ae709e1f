import { app, type HttpRequest, type HttpResponseInit } from '@azure/functions';
import * as z from 'zod';
import { answering } from '../src/http/answering.ts';
import { json } from '../src/http/problem.ts';
import { validated } from '../src/http/validated.ts';
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

const querySchema = z.object({ version: z.enum(['2', '3'], { error: 'must be 2 or 3' }).default('3') });

async function describe(request: HttpRequest): Promise<HttpResponseInit> {
  const { version } = validated(querySchema, { version: request.query.get('version') ?? undefined });
  const state = await relayState();
  const origin = publicOrigin(request, 'relay' in state ? state.relay.settings.PUBLIC_URL : undefined);
  // Rarely asked for: loaded then, not at the start.
  const { openApi } = await import('../src/http/openapi/document.ts');
  if (version === '3') return json(200, openApi(origin));
  const { asVersion2 } = await import('../src/http/openapi/version-2.ts');
  return json(200, asVersion2(openApi(origin)));
}
