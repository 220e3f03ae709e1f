import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import * as z from 'zod';
import { directSource } from '../../src/config/source.ts';
import { type Counted, countHours, hoursCounted } from '../../src/delivery/operate/count-hours.ts';
import { actNames } from '../../src/delivery/record/act.ts';
import { customerIdSchema } from '../../src/domain/customer-id.ts';
import { readBody } from '../../src/http/body.ts';
import { isContinuationToken } from '../../src/http/continuation-token.ts';
import { noteAct, operatorOf } from '../../src/http/operator.ts';
import { pauseBody } from '../../src/http/operator-answers.ts';
import { json } from '../../src/http/problem.ts';
import { invalid, validated } from '../../src/http/validated.ts';
import { publicAddress } from '../../src/http/webhook-request.ts';
import { cachedFor } from '../../src/lib/cached-for.ts';
import { withoutEmailAddresses } from '../../src/lib/without-email-addresses.ts';
import { getRelay, type Relay } from '../../src/relay.ts';
import { reportSources } from '../../src/source-report.ts';
import { parseJson } from '../../src/sources/shared/json-body.ts';

export async function listSources(request: HttpRequest): Promise<HttpResponseInit> {
  const relay = await getRelay();
  const origin = publicAddress(request, relay.settings.PUBLIC_URL);
  const reports = await reportSources(relay, new Date());
  const sources = reports.map((report) => ({ ...report, address: `${origin}/api/webhooks/${report.name}` }));
  return json(200, { sources });
}

const countsSchema = z.strictObject({
  hours: z.coerce.number().int().min(1).max(hoursCounted).default(24),
  code: z.string().optional(),
});

/** The current hour is read through at each count: whoever asks within this gets the last one, with its time. */
const countsCountMs = 10_000;
/** By the number of hours. */
const counts = new Map<number, () => Promise<Counted>>();

export async function showCounts(request: HttpRequest): Promise<HttpResponseInit> {
  const { hours } = validated(countsSchema, Object.fromEntries(request.query));
  const count = async () => countHours(hours, await (await getRelay()).tables(), new Date());
  const cached = counts.get(hours) ?? cachedFor(countsCountMs, Date.now, count);
  counts.set(hours, cached);
  const counted = await cached();
  return json(200, {
    ...counted,
    hours: counted.hours.map(({ lastReceivedAt: _, ...counts }) => counts),
  });
}

export async function listPauses(_request: HttpRequest): Promise<HttpResponseInit> {
  const { pauses } = await (await getRelay()).tables();
  const { byHand } = await pauses.read(new Date());
  return json(200, { pauses: byHand });
}

export async function pause(request: HttpRequest): Promise<HttpResponseInit> {
  const relay = await getRelay();
  const subject = subjectOf(request, relay);
  const body = parseJson(await readBody(request, relay.settings.MAX_BODY_BYTES));
  const { note, until } = validated(pauseBody, body);
  const now = new Date();
  if (until && Date.parse(until) <= now.getTime())
    throw invalid([{ path: 'until', message: 'must lie in the future' }]);
  const { by } = operatorOf(request);
  const paused = {
    subject,
    note: withoutEmailAddresses(note),
    since: now.toISOString(),
    ...(until && { until: new Date(until).toISOString() }),
    ...(by && { by }),
  };
  const { pauses, acts } = await relay.tables();
  await pauses.put(paused);
  await noteAct(request, 'pause', subject, acts);
  return json(200, paused);
}

export async function resume(request: HttpRequest): Promise<HttpResponseInit> {
  const relay = await getRelay();
  const subject = subjectOf(request, relay);
  const { pauses, acts } = await relay.tables();
  await pauses.remove(subject);
  await noteAct(request, 'resume', subject, acts);
  return { status: 204 };
}

/** What the address names. Throws a 422 problem for what cannot be paused. */
function subjectOf({ params }: HttpRequest, { sources, brokenSources }: Relay): string {
  const { subject = '' } = params;
  const [type, name = ''] = subject.split(/:(.*)/s);
  const isSource = sources.has(name) || brokenSources.has(name) || name === directSource;
  const isKnown =
    subject === 'all' ||
    (type === 'source' && isSource) ||
    (type === 'customer' && customerIdSchema.safeParse(name).success);
  if (isKnown) return subject;
  const message = 'must be all, source:<name of a source in relay.json> or customer:<DirectScale id>';
  throw invalid([{ path: 'subject', message }]);
}

const actsSchema = z.strictObject({
  act: z.enum(actNames).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
  from: z.string().refine(isContinuationToken, { error: 'must be the next of the page before' }).optional(),
  code: z.string().optional(),
});

export async function listActs(request: HttpRequest): Promise<HttpResponseInit> {
  const { act, limit, from } = validated(actsSchema, Object.fromEntries(request.query));
  const { acts } = await (await getRelay()).tables();
  return json(200, await acts.list({ act }, limit, from));
}
