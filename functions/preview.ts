import { app, type HttpRequest, type HttpResponseInit } from '@azure/functions';
import { keep, mapPayload } from '../src/delivery/take/receive.ts';
import type { Change } from '../src/domain/change.ts';
import type { LookUpName } from '../src/domain/customer-reference.ts';
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
    : source.kind.read(keep(webhook, source.kind), source.options).content;
  if (content.type === 'references')
    return json(200, { status: 'references', customerId: content.customerId });
  if (content.type === 'thin') return json(200, { status: 'thin', items: content.items });
  if (content.type !== 'changes') return json(200, { status: content.type, reason: content.reason });
  const mapped = await mapPayload(source, content.payload, new Date());
  if (Array.isArray(mapped)) {
    const changes = mapped.map((change) => ({ ...change, ...noteOf(change, source.lookUp) }));
    return json(200, { status: 'mapped', changes });
  }
  return problem('invalid', {
    detail: 'The mapping yields something that cannot be sent; see violations.',
    violations: mapped.violations,
  });
}

/** Why the relay would park the change without having looked for its customer; nothing if it looks. */
function noteOf({ customer }: Change, allowed: ReadonlySet<LookUpName>): { note?: string } {
  if ('customerId' in customer || customer.lookUp.some(({ by }) => allowed.has(by))) return {};
  const notAllowed = customer.lookUp.map(
    ({ by }) => `${by} is not looked up: relay.json does not list it under lookUp`,
  );
  const nothing = 'the mapping gives nothing to look the customer up by';
  return { note: `would be parked unless the record is linked: ${notAllowed.join('; ') || nothing}` };
}

/** `?record=true`: the body is the record that a thin event names, as the vendor's API gives it. */
function isRecord(request: HttpRequest): boolean {
  return request.query.get('record') === 'true';
}
