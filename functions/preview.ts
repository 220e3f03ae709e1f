import { app, type HttpRequest, type HttpResponseInit } from '@azure/functions';
import { mapPayload } from '../src/delivery/attempt/read-delivery.ts';
import { answering } from '../src/http/answering.ts';
import { readBody } from '../src/http/body.ts';
import { json, problem } from '../src/http/problem.ts';
import { webhookRequest } from '../src/http/webhook-request.ts';
import { getRelay, getSource } from '../src/relay.ts';
import { parseJson } from '../src/sources/shared/json-body.ts';

/** POST /api/preview/{source}: a dry run. The changes that a payload would give; nothing is sent, no signature is needed. */
app.http('preview', {
  route: 'preview/{source}',
  methods: ['POST'],
  authLevel: 'function',
  handler: answering(preview),
});

async function preview(request: HttpRequest): Promise<HttpResponseInit> {
  const relay = await getRelay();
  const source = getSource(relay, request.params.source);
  const body = await readBody(request, relay.settings.MAX_BODY_BYTES);
  const webhook = webhookRequest(request, body, relay.settings.PUBLIC_URL);
  const content = isRecord(request)
    ? { type: 'changes' as const, payload: parseJson(body) }
    : source.kind.read(webhook, source.options).content;
  if (content.type === 'references')
    return json(200, { status: 'references', customerId: content.customerId });
  if (content.type === 'thin') return json(200, { status: 'thin', items: content.items });
  if (content.type !== 'changes') return json(200, { status: content.type, reason: content.reason });
  const mapped = await mapPayload(source, content.payload, new Date());
  if (Array.isArray(mapped)) return json(200, { status: 'mapped', changes: mapped });
  return problem('invalid', {
    detail: 'The mapping yields something that cannot be sent; see violations.',
    violations: mapped.violations,
  });
}

/** `?record=true`: the body is the record that a thin event names, as the vendor's API gives it. */
function isRecord(request: HttpRequest): boolean {
  return request.query.get('record') === 'true';
}
