import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import type * as z from 'zod';
import type { Source } from '../../src/config/source.ts';
import { mapRecord } from '../../src/delivery/attempt/map-payload.ts';
import { type DeliveryContent, readDelivery } from '../../src/delivery/attempt/read-delivery.ts';
import { unpackRequest } from '../../src/delivery/record/packed-request.ts';
import { readBody } from '../../src/http/body.ts';
import { noteAct } from '../../src/http/operator.ts';
import { draftBody } from '../../src/http/operator-answers.ts';
import { lookUpNote } from '../../src/http/preview-note.ts';
import { json, ProblemError } from '../../src/http/problem.ts';
import { invalid, validated } from '../../src/http/validated.ts';
import { webhookRequest } from '../../src/http/webhook-request.ts';
import { compileMapping, MappingCompileError } from '../../src/mapping/mapping.ts';
import { MappingUnusable } from '../../src/mapping/mapping-unusable.ts';
import { getRelay, getSource, type Relay } from '../../src/relay.ts';
import { type KeptRequest, keptForPreview } from '../../src/sources/kept-request.ts';
import { parseJson } from '../../src/sources/shared/json-body.ts';

type Draft = z.infer<typeof draftBody>;

export async function previewDraft(request: HttpRequest): Promise<HttpResponseInit> {
  const relay = await getRelay();
  const configured = getSource(relay, request.params.source);
  const body = parseJson(await readBody(request, relay.settings.MAX_BODY_BYTES));
  const draft = validated(draftBody, body);
  const nothing = { changes: [], leftOut: [], violations: [] };
  try {
    const source = withMapping(configured, draft.mapping, relay);
    const mapping = draft.mapping ?? (await source.mapping?.())?.text;
    const content = await contentOf(source, draft, request, relay);
    return json(200, { ...nothing, ...(mapping !== undefined && { mapping }), ...resultOf(content, source) });
  } catch (error) {
    if (error instanceof MappingCompileError) {
      const { line, column, message } = error;
      const violations = [{ path: '', message }];
      return json(200, {
        ...nothing,
        status: 'does-not-compile',
        mapping: draft.mapping,
        violations,
        line,
        column,
      });
    }
    if (!(error instanceof MappingUnusable)) throw error;
    return json(200, {
      ...nothing,
      status: 'does-not-compile',
      violations: [{ path: '', message: error.message }],
    });
  }
}

/** The source with a mapping of the caller's own. Throws a MappingCompileError. */
function withMapping(source: Source, text: string | undefined, { settings }: Relay): Source {
  if (text === undefined) return source;
  const compiled = compileMapping('draft', text, {
    regionWhereNone: settings.REGION_WHERE_NONE,
    isDraft: true,
  });
  return { ...source, mapping: async () => compiled };
}

/** What the payload says by the source's mapping. Throws a 422 problem unless there is exactly one payload. */
async function contentOf(
  source: Source,
  draft: Draft,
  request: HttpRequest,
  relay: Relay,
): Promise<DeliveryContent> {
  const { payload, body, deliveryId, record } = draft;
  const given = [payload, body, deliveryId].filter((one) => one !== undefined);
  if (given.length !== 1)
    throw invalid([{ path: '', message: 'must have one of payload, body and deliveryId' }]);
  const now = new Date();
  if (record && payload !== undefined) {
    const mapped = await mapRecord(source, payload, now);
    return mapped.ok
      ? { type: 'elements', elements: mapped.elements }
      : { type: 'unmappable', violations: mapped.violations };
  }
  const kept =
    deliveryId === undefined
      ? keptOf(source, draft, request)
      : await recordedRequest(deliveryId, source, request, relay);
  return (await readDelivery(source, kept, now)).content;
}

function keptOf(source: Source, { payload, body, headers = {} }: Draft, request: HttpRequest): KeptRequest {
  const bytes = Buffer.from(body ?? JSON.stringify(payload));
  const given = validHeaders(headers);
  const webhook = webhookRequest(request, bytes, undefined);
  return keptForPreview(source.kind, { ...webhook, headers: given });
}

function validHeaders(headers: Readonly<Record<string, string>>): Headers {
  try {
    return new Headers(headers);
  } catch {
    throw invalid([{ path: 'headers', message: 'must be names and values that a header can have' }]);
  }
}

/** The request of a recorded delivery, whose values the caller sees in the answer: noted first. */
async function recordedRequest(
  deliveryId: string,
  { name }: Source,
  request: HttpRequest,
  relay: Relay,
): Promise<KeptRequest> {
  const { records, acts } = await relay.tables();
  const [[first], packed] = await Promise.all([records.ofDelivery(deliveryId), records.request(deliveryId)]);
  if (first?.record.source !== name || !packed)
    throw new ProblemError('unknown-delivery', {
      detail: 'No request of this source is kept under this id.',
    });
  await noteAct(request, 'show-values', `delivery ${deliveryId}`, acts);
  return unpackRequest(packed);
}

function resultOf(content: DeliveryContent, { lookUp }: Source): object {
  switch (content.type) {
    case 'elements': {
      const { elements } = content;
      const changes = elements.filter((element) => element.type === 'change');
      const unusable = elements.filter((element) => element.type === 'unusable');
      const violations = unusable.flatMap((element) => element.violations);
      const isThin = changes.length === 0 && elements.some(({ type }) => type === 'record');
      const forAPerson = elements.find((element) => element.type === 'for-a-person');
      const isUnmappable = changes.length === 0 && violations.length > 0;
      if (changes.length === 0 && forAPerson) return { status: 'for-a-person', reason: forAPerson.reason };
      if (elements.length === 0) return { status: 'ignored', reason: 'nothing of a customer changed' };
      return {
        status: isThin ? 'thin' : isUnmappable ? 'unmappable' : 'mapped',
        changes: changes.map(({ change }) => ({ ...change, ...lookUpNote(change, lookUp) })),
        leftOut: [...changes, ...unusable].flatMap((element) => element.leftOut),
        violations,
      };
    }
    case 'unmappable':
      return { status: 'unmappable', violations: content.violations };
    case 'references':
      return { status: 'references' };
    default:
      return { status: content.type, reason: content.reason };
  }
}
