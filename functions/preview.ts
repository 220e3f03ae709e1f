import { app, type HttpRequest, type HttpResponseInit } from '@azure/functions';
import { type MappedItem, mapPayload, readDelivery } from '../src/delivery/take/receive.ts';
import type { Violation } from '../src/domain/violation.ts';
import { answering } from '../src/http/answering.ts';
import { readBody } from '../src/http/body.ts';
import { json, problem } from '../src/http/problem.ts';
import { webhookRequest } from '../src/http/webhook-request.ts';
import { getRelay, getSource } from '../src/relay.ts';
import { keptBefore } from '../src/sources/kept-request.ts';
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
  if (isRecord(request)) {
    const mapped = await mapPayload(source, parseJson(body), new Date());
    return Array.isArray(mapped)
      ? json(200, { status: 'mapped', changes: mapped })
      : invalid(mapped.violations);
  }
  const delivery = await readDelivery(source, keptBefore(webhook), new Date());
  switch (delivery.type) {
    case 'changes':
      return json(200, { status: 'mapped', changes: delivery.changes });
    case 'unmappable':
      return invalid(delivery.violations);
    case 'references':
      return json(200, { status: 'references', customerId: delivery.customerId });
    case 'items':
      return previewItems(delivery.items);
    default:
      return json(200, { status: delivery.type, reason: delivery.reason });
  }
}

/** What each of several items gives; `parked`: what an operator must handle, or what is wrong with it. */
function previewItems(items: readonly MappedItem[]): HttpResponseInit {
  const changes = items.flatMap((item) => ('change' in item ? [item.change] : []));
  const records = items.flatMap((item) => ('record' in item ? [item.record] : []));
  if (changes.length === 0 && records.length > 0) return json(200, { status: 'thin', items: records });
  const parked = items.flatMap((item): object[] => {
    if ('violations' in item) return [{ violations: item.violations }];
    return 'forAPerson' in item ? [{ reason: item.forAPerson }] : [];
  });
  return json(200, { status: 'mapped', changes, ...(parked.length > 0 && { parked }) });
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
