import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import type { Source } from '../../src/config/source.ts';
import { mapRecord } from '../../src/delivery/attempt/map-payload.ts';
import { type DeliveryElement, readDelivery } from '../../src/delivery/attempt/read-delivery.ts';
import type { Violation } from '../../src/domain/violation.ts';
import { readBody } from '../../src/http/body.ts';
import { lookUpNote } from '../../src/http/preview-note.ts';
import { json, problem } from '../../src/http/problem.ts';
import { webhookRequest } from '../../src/http/webhook-request.ts';
import { getRelay, getSource } from '../../src/relay.ts';
import { keptForPreview } from '../../src/sources/kept-request.ts';
import { parseJson } from '../../src/sources/shared/json-body.ts';

export async function preview(request: HttpRequest): Promise<HttpResponseInit> {
  const relay = await getRelay();
  const source = getSource(relay, request.params.source);
  const body = await readBody(request, relay.settings.MAX_BODY_BYTES);
  const now = new Date();
  if (isRecord(request)) {
    const mapped = await mapRecord(source, parseJson(body), now);
    return mapped.ok ? previewOf(mapped.elements, source) : invalid(mapped.violations);
  }
  const webhook = webhookRequest(request, body, relay.settings.PUBLIC_URL);
  const { content } = await readDelivery(source, keptForPreview(source.kind, webhook), now);
  switch (content.type) {
    case 'elements':
      return previewOf(content.elements, source);
    case 'unmappable':
      return invalid(content.violations);
    case 'references':
      return json(200, { status: 'references', customerId: content.customerId });
    default:
      return json(200, { status: content.type, reason: content.reason });
  }
}

/** What each of the elements gives; `parked`: what a person must look at, or what is wrong with it. */
function previewOf(elements: readonly DeliveryElement[], { lookUp }: Source): HttpResponseInit {
  const changes = elements.filter((element) => element.type === 'change');
  const items = elements.flatMap((element) => (element.type === 'record' ? [element.item] : []));
  if (changes.length === 0 && items.length > 0) return json(200, { status: 'thin', items });
  const violations = elements.flatMap((element) => (element.type === 'unusable' ? element.violations : []));
  if (changes.length === 0 && violations.length > 0) return invalid(violations);
  const parked = elements.flatMap((element): object[] => {
    if (element.type === 'unusable') return [{ violations: element.violations }];
    return element.type === 'for-a-person' ? [{ reason: element.reason }] : [];
  });
  const leftOut = changes.flatMap((element) => element.leftOut);
  return json(200, {
    status: 'mapped',
    changes: changes.map(({ change }) => ({ ...change, ...lookUpNote(change, lookUp) })),
    ...(leftOut.length > 0 && { leftOut }),
    ...(parked.length > 0 && { parked }),
  });
}

function invalid(violations: readonly Violation[]): HttpResponseInit {
  return problem('invalid', {
    detail: 'The mapping yields something that cannot be sent; see violations.',
    violations,
  });
}

/** `?record=true`: the body is the record that a thin event names, as the vendor's API gives it. */
function isRecord(request: HttpRequest): boolean {
  return request.query.get('record') === 'true';
}
