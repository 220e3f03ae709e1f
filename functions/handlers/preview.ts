import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { mapPayload } from '../../src/delivery/attempt/read-delivery.ts';
import { readBody } from '../../src/http/body.ts';
import { json, problem } from '../../src/http/problem.ts';
import { webhookRequest } from '../../src/http/webhook-request.ts';
import { getRelay, getSource } from '../../src/relay.ts';
import { keptBefore } from '../../src/sources/kept-request.ts';
import { parseJson } from '../../src/sources/shared/json-body.ts';

export async function preview(request: HttpRequest): Promise<HttpResponseInit> {
  const relay = await getRelay();
  const source = getSource(relay, request.params.source);
  const body = await readBody(request, relay.settings.MAX_BODY_BYTES);
  const webhook = webhookRequest(request, body, relay.settings.PUBLIC_URL);
  const content = isRecord(request)
    ? { type: 'changes' as const, payload: parseJson(body) }
    : source.kind.read(keptBefore(webhook), source.options).content;
  if (content.type === 'references')
    return json(200, { status: 'references', customerId: content.customerId });
  if (content.type === 'thin') return json(200, { status: 'thin', items: content.items });
  if (content.type !== 'changes') return json(200, { status: content.type, reason: content.reason });
  const mapped = await mapPayload(source, content.payload, new Date());
  const violations = mapped.ok
    ? mapped.elements.flatMap((element) => (element.type === 'unusable' ? element.violations : []))
    : mapped.violations;
  const changes = mapped.ok ? mapped.elements.filter((element) => element.type === 'change') : [];
  if (changes.length === 0 && violations.length > 0)
    return problem('invalid', {
      detail: 'The mapping yields something that cannot be sent; see violations.',
      violations,
    });
  const leftOut = changes.flatMap((element) => element.leftOut);
  return json(200, {
    status: 'mapped',
    changes: changes.map(({ change }) => change),
    ...(leftOut.length > 0 && { leftOut }),
    ...(violations.length > 0 && { violations }),
  });
}

/** `?record=true`: the body is the record that a thin event names, as the vendor's API gives it. */
function isRecord(request: HttpRequest): boolean {
  return request.query.get('record') === 'true';
}
