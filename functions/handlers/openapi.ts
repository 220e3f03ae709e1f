import { hash } from 'node:crypto';
import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import * as z from 'zod';
import { isKnown } from '../../src/http/if-none-match.ts';
import { openApi } from '../../src/http/openapi/document.ts';
import { validated } from '../../src/http/validated.ts';
import { publicAddress } from '../../src/http/webhook-request.ts';
import { relayState } from '../../src/relay.ts';

const querySchema = z.object({ version: z.enum(['2', '3'], { error: 'must be 2 or 3' }).default('3') });
type Version = z.infer<typeof querySchema>['version'];

interface Built {
  readonly origin: string;
  readonly body: string;
  readonly etag: string;
}

/** The last one of each version: in Azure the origin is always the same. */
const built = new Map<Version, Built>();

export async function describeApi(request: HttpRequest): Promise<HttpResponseInit> {
  const { version } = validated(querySchema, { version: request.query.get('version') ?? undefined });
  const state = await relayState();
  const origin = publicAddress(request, 'relay' in state ? state.relay.settings.PUBLIC_URL : undefined);
  const before = built.get(version);
  const { body, etag } = before?.origin === origin ? before : await build(version, origin);
  const headers = { ETag: etag, 'Cache-Control': 'public, max-age=300' };
  if (isKnown(request.headers.get('if-none-match'), etag)) return { status: 304, headers };
  return { status: 200, headers: { ...headers, 'Content-Type': 'application/json' }, body };
}

async function build(version: Version, origin: string): Promise<Built> {
  const description = openApi(origin);
  const body = JSON.stringify(
    version === '3'
      ? description
      : (await import('../../src/http/openapi/version-2.ts')).asVersion2(description),
  );
  const made = { origin, body, etag: `"${hash('sha256', body, 'base64url')}"` };
  built.set(version, made);
  return made;
}
