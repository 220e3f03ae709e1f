import { hash, randomUUID } from 'node:crypto';
import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import * as z from 'zod';
import { directSource, forbiddenFieldsOf } from '../../src/config/source.ts';
import {
  applyDirectly,
  changeOf,
  type DirectRequest,
  enqueueDirectly,
} from '../../src/delivery/attempt/apply-directly.ts';
import { directRequest } from '../../src/delivery/attempt/read-delivery.ts';
import { countAccepted } from '../../src/delivery/record/change-metrics.ts';
import type { DeliveryRecord } from '../../src/delivery/record/record.ts';
import { changedFieldsSchema } from '../../src/domain/changed-fields.ts';
import { addressedReferenceSchema } from '../../src/domain/customer-reference.ts';
import { readBody } from '../../src/http/body.ts';
import { deliveryLocation } from '../../src/http/delivery-location.ts';
import { logRecorded } from '../../src/http/log-recorded.ts';
import { preferenceOf } from '../../src/http/prefer.ts';
import { json } from '../../src/http/problem.ts';
import { changeReport, notAppliedProblem, parkedProblem, secondsToAsk } from '../../src/http/reports.ts';
import { invalid, validated } from '../../src/http/validated.ts';
import { occurredAtSchema } from '../../src/mapping/occurred-at.ts';
import { validateChanges } from '../../src/mapping/validate-changes.ts';
import { getRelay, type Relay } from '../../src/relay.ts';
import { parseJson } from '../../src/sources/shared/json-body.ts';

export async function patchCustomer(
  request: HttpRequest,
  context: InvocationContext,
): Promise<HttpResponseInit> {
  const relay = await getRelay();
  const direct = await readRequest(request, relay);
  const { respondAsync, wait } = preferenceOf(request.headers);
  const locate = (deliveryId: string) => deliveryLocation(request, deliveryId, relay.settings.PUBLIC_URL);
  if (respondAsync && !wait) {
    const deliveryId = await enqueue(direct, relay);
    return json(202, { deliveryId, status: 'pending' }, { Location: locate(deliveryId), 'Retry-After': '2' });
  }
  const { record, obstacle } = await applyDirectly(direct, await relay.delivery());
  countAccepted(record);
  logRecorded(context, record, record.attempts.at(-1));
  const { deliveryId } = record;
  if (obstacle) return notAppliedProblem(obstacle, { deliveryId });
  return answerFor(record, locate(deliveryId));
}

/** What became of the change, now or by an earlier request with the same key. */
function answerFor(record: DeliveryRecord, location: string): HttpResponseInit {
  const { deliveryId, status } = record;
  if (status === 'parked') return parkedProblem(record);
  const report = { deliveryId, ...changeReport(record) };
  if (status !== 'pending') return json(200, report, { Location: location });
  return json(202, report, { Location: location, 'Retry-After': String(secondsToAsk([record], new Date())) });
}

async function enqueue(direct: DirectRequest, relay: Relay): Promise<string> {
  if (direct.isRepeatable) return enqueueDirectly(direct, await relay.delivery());
  const receivedAt = new Date();
  const { senderId } = direct;
  const { leftOut, isStrict } = direct;
  const change = changeOf(direct, receivedAt);
  const request = directRequest({ senderId, change, leftOut: [...leftOut], isStrict });
  return (await relay.take({ source: directSource, senderId, request, receivedAt })).id;
}

async function readRequest(request: HttpRequest, relay: Relay): Promise<DirectRequest> {
  const customer = validated(addressedReferenceSchema, { customerId: request.params.customerId });
  const { occurredAt } = validated(z.object({ occurredAt: occurredAtSchema(new Date()).optional() }), {
    occurredAt: request.query.get('occurredAt') ?? undefined,
  });
  const body = await readBody(request, relay.settings.MAX_BODY_BYTES);
  const { isLenient } = preferenceOf(request.headers);
  const read = isLenient
    ? readLeniently(customer, parseJson(body), relay)
    : readStrictly(parseJson(body), relay);

  // The same key with another change is another request.
  const key = request.headers.get('idempotency-key');
  const bodyHash = hash('sha256', body);
  return {
    customer,
    ...read,
    isStrict: !isLenient,
    occurredAt,
    senderId: key ? `${key}:${customer.customerId}:${bodyHash}` : randomUUID(),
    isRepeatable: key !== null,
  };
}

type ReadFields = Pick<DirectRequest, 'fields' | 'leftOut'>;

/** All of the fields. Throws a 422 problem that lists everything that is wrong with them. */
function readStrictly(given: unknown, { forbiddenDirectly }: Relay): ReadFields {
  const fields = validated(changedFieldsSchema, given);
  const forbidden = forbiddenFieldsOf(fields, forbiddenDirectly);
  if (forbidden.length > 0) throw invalid(forbidden);
  return { fields, leftOut: [] };
}

/** The fields that can be used, and what is left out. Throws a 422 problem if none can. */
function readLeniently(
  customer: DirectRequest['customer'],
  given: unknown,
  { forbiddenDirectly }: Relay,
): ReadFields {
  const now = new Date();
  const result = validateChanges({ customer, fields: given }, now);
  const [element] = result.ok ? result.elements : [];
  if (!element)
    throw invalid(result.ok ? [{ path: '', message: 'must change at least one field' }] : result.violations);
  if (element.type === 'unusable') throw invalid(element.violations);
  const forbidden = forbiddenFieldsOf(element.change.fields, forbiddenDirectly);
  const kept = Object.entries(element.change.fields).filter(([field]) => !forbiddenDirectly.has(field));
  if (kept.length === 0) throw invalid(forbidden);
  const refused = forbidden.map(({ path, message }) => ({ path, reason: message }));
  return { fields: Object.fromEntries(kept), leftOut: [...element.leftOut, ...refused] };
}
