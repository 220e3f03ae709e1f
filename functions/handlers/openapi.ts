import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import * as z from 'zod';
import { openApi } from '../../src/http/openapi/document.ts';
import { json } from '../../src/http/problem.ts';
import { validated } from '../../src/http/validated.ts';
import { publicOrigin } from '../../src/http/webhook-request.ts';
import { relayState } from '../../src/relay.ts';

const querySchema = z.object({ version: z.enum(['2', '3'], { error: 'must be 2 or 3' }).default('3') });

export async function describeApi(request: HttpRequest): Promise<HttpResponseInit> {
  const { version } = validated(querySchema, { version: request.query.get('version') ?? undefined });
  const state = await relayState();
  const origin = publicOrigin(request, 'relay' in state ? state.relay.settings.PUBLIC_URL : undefined);
  if (version === '3') return json(200, openApi(origin));
  const { asVersion2 } = await import('../../src/http/openapi/version-2.ts');
  return json(200, asVersion2(openApi(origin)));
}
