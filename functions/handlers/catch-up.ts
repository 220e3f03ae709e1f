import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { beginReconciling, catchUpIfDue, type Ended } from '../../src/catch-up/due.ts';
import { beginWalk, type WalkContext, walkOn } from '../../src/catch-up/make-walk.ts';
import { jobs } from '../../src/catch-up/walk.ts';
import type { OnRecorded } from '../../src/delivery/attempt/attempt-change.ts';
import { readBody } from '../../src/http/body.ts';
import { logRecorded } from '../../src/http/log-recorded.ts';
import { json, ProblemError } from '../../src/http/problem.ts';
import { walkReport, walkStepReport } from '../../src/http/read-reports.ts';
import { walkOrderOf } from '../../src/http/read-requests.ts';
import { getRelay, getSource, type Relay } from '../../src/relay.ts';
import { parseJson } from '../../src/sources/shared/json-body.ts';

/** An invocation ends after five minutes (functionTimeout in host.json). */
const timerMs = 200_000;
/** A command asks again at once: short, so that it can show how far it is. */
const stepMs = 10_000;

export async function catchUpAll(context: InvocationContext): Promise<void> {
  const relay = await getRelay();
  const sources = [...relay.sources.values()].filter(({ kind }) => kind.changesSince);
  if (sources.length === 0) return;
  const walking = await walkContext(relay, (record, attempt) => logRecorded(context, record, attempt));
  const deadline = Date.now() + timerMs;
  // One source that fails must not keep the others back.
  const results = await Promise.allSettled(sources.map((source) => catchUpIfDue(source, deadline, walking)));
  for (const result of results) {
    if (result.status === 'rejected') context.error(`catch-up failed: ${nameOf(result.reason)}`);
    else for (const ended of result.value) tell(ended, context);
  }
}

function tell({ source, job, state }: Ended, context: InvocationContext): void {
  const { report, failure, order } = state.walk ?? {};
  const line = `walk ended: ${JSON.stringify({ source, job, failure, since: order?.since, read: report?.read, ...report?.outcomes })}`;
  if (failure === undefined) context.log(line);
  else context.error(line);
  if (order?.gapSince !== undefined)
    context.error(`walk gap: ${JSON.stringify({ source, since: order.gapSince, until: order.since })}`);
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : typeof error);

export async function reconcileAll(context: InvocationContext): Promise<void> {
  const relay = await getRelay();
  const sources = [...relay.sources.values()].filter(({ catchUp }) => catchUp?.reconcile);
  if (sources.length === 0) return;
  const walking = await walkContext(relay, () => undefined);
  const results = await Promise.allSettled(sources.map((source) => beginReconciling(source, walking)));
  for (const result of results)
    if (result.status === 'rejected') context.error(`reconcile failed: ${nameOf(result.reason)}`);
}

export async function walkOnce(request: HttpRequest, context: InvocationContext): Promise<HttpResponseInit> {
  const relay = await getRelay();
  const source = getSource(relay, request.params.source);
  if (!source.kind.changesSince)
    throw new ProblemError('no-vendor-api', {
      detail: 'Customers of this kind cannot be read from its vendor: import a file in their place.',
    });
  const body = await readBody(request, relay.settings.MAX_BODY_BYTES);
  const walking = await walkContext(relay, (record, attempt) => logRecorded(context, record, attempt));
  const now = walking.delivery.now();
  const { order, ...which } = walkOrderOf(parseJson(body), now);
  const begun = await beginWalk(source, 'backfill', order, walking, which);
  if (!doesIt(begun.walk?.order, order))
    throw new ProblemError('walk-under-way', {
      detail: `Another walk over the customers of this source was begun at ${begun.walk?.startedAt} and is not at its end: go on with it, or say restart.`,
    });
  return json(200, walkStepReport(await walkOn(source, 'backfill', now.getTime() + stepMs, walking), now));
}

type Order = ReturnType<typeof walkOrderOf>['order'];

/** Whether a walk does what is asked for. The time may have been said as a span back from now: later ones are among those read. */
function doesIt(walk: Order | undefined, asked: Order): boolean {
  const reachesBack =
    walk?.since === undefined || asked.since === undefined
      ? walk?.since === asked.since
      : Date.parse(walk.since) <= Date.parse(asked.since);
  return walk?.mode === asked.mode && walk.foundBy === asked.foundBy && reachesBack;
}

export async function showWalks(request: HttpRequest): Promise<HttpResponseInit> {
  const relay = await getRelay();
  const { name } = getSource(relay, request.params.source);
  const states = await relay.jobStates();
  const entries = await Promise.all(
    jobs.map(async (job) => {
      const { walk } = (await states.read(name, job)).state;
      return walk ? [[job, walkReport(walk)] as const] : [];
    }),
  );
  return json(200, { source: name, walks: Object.fromEntries(entries.flat()) });
}

async function walkContext(relay: Relay, onRecorded: OnRecorded): Promise<WalkContext> {
  const [states, delivery] = await Promise.all([relay.jobStates(), relay.delivery()]);
  return { states, delivery, onRecorded };
}
