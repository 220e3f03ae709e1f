import { hash } from 'node:crypto';
import type { Source } from '../config/source.ts';
import type { LookContext, OnRecorded } from '../delivery/attempt/attempt-change.ts';
import type { Read } from '../delivery/attempt/deliver-read.ts';
import { MappingUnusable } from '../mapping/mapping-unusable.ts';
import { SecretMissing, SecretStoreUnavailable } from '../secrets/secret-store.ts';
import { withFreshSecrets } from '../secrets/with-fresh-secrets.ts';
import type { ChangesSince, PageOfChanges, Window } from '../sources/changes-since.ts';
import type { VendorFailure } from '../sources/fetch-context.ts';
import type { JobStates } from './job-states.ts';
import { asOf, type Page } from './read-as-of.ts';
import { added, emptyReport, type Finding } from './report.ts';
import { type PlacedFinding, visitAll } from './visit-all.ts';
import { findingsKept, type Job, type JobState, type Order, type Walk } from './walk.ts';

export interface WalkContext {
  readonly states: JobStates;
  readonly delivery: LookContext;
  readonly onRecorded: OnRecorded;
}

/** How a walk stands after somebody went on with it, and what was found meanwhile. */
export interface WalkedOn {
  readonly state: JobState;
  readonly findings: readonly PlacedFinding[];
}

/** An attempt that has begun at the deadline may take so long. */
const leaseMarginMs = 40_000;
/** Somebody of a page is visited, however long the vendor took to give it: else the walk would not come to its end. */
const visitAtLeastMs = 5000;
const firstWaitMs = 30_000;
const longestWaitMs = 15 * 60_000;
/** What a vendor asks for is enough so many times in a row, and not less than a second. */
const askedTimes = 5;
const shortestWaitMs = 1000;
/** A wait up to this long ends no run: the timer comes back only after minutes. */
const inPlaceMs = 10_000;

/**
 * Begins a walk. One that has not come to its end and does the same goes on instead; one that does something else stays,
 * unless `restart` puts this one in its place. So does the one that was begun at `startedAt`, though it has ended: whoever asks
 * so goes on with it, and did not hear of its end. Returns the state afterwards. Throws what storage throws.
 */
export async function beginWalk(
  source: Source,
  job: Job,
  order: Order,
  { states, delivery }: WalkContext,
  { restart = false, startedAt: drives }: { readonly restart?: boolean; readonly startedAt?: Date } = {},
): Promise<JobState> {
  for (;;) {
    const { state, etag } = await states.read(source.name, job);
    const isDriven = drives?.toISOString() === state.walk?.startedAt;
    if (state.walk && (isDriven || !state.walk.endedAt) && !restart) return state;
    const startedAt = delivery.now().toISOString();
    const options = markOf(source.options);
    const walk: Walk = { order, startedAt, options, pages: 0, report: emptyReport, findings: [] };
    const next = { ...state, leasedUntil: 0, walk };
    if (await states.write(source.name, job, next, etag)) return next;
  }
}

/**
 * Goes on with a walk until the `deadline` (ms since 1970), its end, or something to wait for; what is short is waited for in
 * place. Each page is on record when the next one is read: whoever goes on after a crash reads one page again, which does no
 * harm. Of a page that the deadline cuts off, it is on record what is done: a later run visits only the others. Does nothing
 * while somebody else makes the walk. Throws what storage throws.
 */
export async function walkOn(
  source: Source,
  job: Job,
  deadline: number,
  context: WalkContext,
): Promise<WalkedOn> {
  const { states, delivery } = context;
  const now = () => delivery.now().getTime();
  const stored = await states.read(source.name, job);
  let { state, etag } = stored;
  const findings: PlacedFinding[] = [];
  if (now() >= deadline || !canGoOn(state, now())) return { state, findings };
  const write = async (next: JobState): Promise<boolean> => {
    state = next;
    etag = await states.write(source.name, job, next, etag);
    return etag !== undefined;
  };
  const leasedUntil = deadline + leaseMarginMs;
  if (!(await write({ ...state, leasedUntil }))) return { state: stored.state, findings };
  for (let walk = state.walk; walk; walk = state.walk) {
    const step = await readPage(source, underOptionsOf(source, walk), deadline, context);
    findings.push(...step.findings);
    const { endedAt, failure, waits, order } = step.walk;
    const waitMs = waits ? Date.parse(waits.until) - now() : 0;
    const isLast = endedAt !== undefined || waitMs > inPlaceMs || now() + waitMs >= deadline;
    const next = {
      ...state,
      walk: step.walk,
      ...(endedAt !== undefined && failure === undefined && { readUntil: order.until }),
      leasedUntil: isLast ? 0 : leasedUntil,
    };
    // Lost: the lease had run out, and somebody else goes on.
    if (!(await write(next)) || isLast) break;
    if (waitMs > 0) await delivery.delay(waitMs);
  }
  return { state, findings };
}

/** Whether there is a walk that somebody may go on with now. */
export function canGoOn({ walk, leasedUntil }: JobState, now: number): boolean {
  if (!walk || walk.endedAt || leasedUntil > now) return false;
  return !walk.waits || Date.parse(walk.waits.until) <= now;
}

/** A place may mean another one under other options, or none: the window is begun again. */
function underOptionsOf(source: Source, walk: Walk): Walk {
  const options = markOf(source.options);
  if (walk.options === undefined || walk.options === options) return walk;
  const { at: _, doneOfPage: __, ...rest } = walk;
  return { ...rest, options };
}

interface Step {
  readonly walk: Walk;
  readonly findings: readonly PlacedFinding[];
}

async function readPage(source: Source, walk: Walk, deadline: number, context: WalkContext): Promise<Step> {
  const { changesSince } = source.kind;
  if (!changesSince) return ended(walk, 'the kind of the source cannot be asked for customers', context);
  const readAt = context.delivery.now();
  try {
    const page = await askVendor(source, changesSince, walk, context);
    switch (page.type) {
      case 'page':
        return await takePage(readsOf(page, source, walk, readAt), page.next, walk, deadline, context);
      case 'not-told':
        return ended(walk, page.reason, context);
      default:
        if (isPlaceRefused(page, walk)) return ended(walk, placeRefused, context);
        return waiting(walk, reasons[page.type], context, page);
    }
  } catch (error) {
    if (
      error instanceof SecretMissing ||
      error instanceof SecretStoreUnavailable ||
      error instanceof MappingUnusable
    )
      return waiting(walk, error.code, context);
    throw error;
  }
}

/** A cursor of the vendor's may have an end of its own. Told twice in a row: once may be an accident. */
function isPlaceRefused({ type, status = 0 }: VendorFailure, { at, waits }: Walk): boolean {
  if (type !== 'refused-by-vendor' || at === undefined) return false;
  return waits?.reason === reasons[type] && [400, 404, 410, 422].includes(status);
}

const placeRefused =
  'the vendor does not know the place any more where the next page begins; the next walk begins anew';

const reasons = { unavailable: 'vendor-unavailable', 'refused-by-vendor': 'refused-by-vendor' } as const;

function askVendor(
  { options }: Source,
  changesSince: ChangesSince<unknown>,
  { order, at }: Walk,
  { delivery }: WalkContext,
): Promise<PageOfChanges> {
  const { secrets, fetchTimeoutMs: timeoutMs } = delivery;
  const { since, until, mode } = order;
  const window: Window = {
    ...(since !== undefined && { since: new Date(since) }),
    until: new Date(until),
    ...(mode === 'compare' && { isCompared: true }),
    ...(at !== undefined && { at }),
  };
  return withFreshSecrets(secrets, (secret) => changesSince.read(window, { options, secret, timeoutMs }));
}

function readsOf(page: Page, source: Source, { order: { foundBy, mode, since } }: Walk, now: Date): Read[] {
  return asOf(page, now).map(({ payload, changedAt, readAt }) => {
    // Of a vendor that cannot filter, most customers did not change: nobody is looked up again for that.
    const isOld = since !== undefined && changedAt !== undefined && Date.parse(changedAt) < Date.parse(since);
    return { source, payload, readAt, foundBy, mayLookUp: mode !== 'compare' && !isOld };
  });
}

async function takePage(
  reads: readonly Read[],
  next: Walk['at'],
  { waits: _, doneOfPage = [], ...walk }: Walk,
  deadline: number,
  context: WalkContext,
): Promise<Step> {
  const left = reads.filter((read) => !doneOfPage.includes(markOf(read.payload)));
  const until = Math.max(deadline, context.delivery.now().getTime() + visitAtLeastMs);
  const visited = await visitAll(left, walk.order.mode, until, context.delivery, context.onRecorded);
  const { findings, stopped, done } = visited;
  const known: Walk = {
    ...walk,
    report: added(walk.report, visited.report),
    findings: [...walk.findings, ...findings.map(keptFinding)].slice(0, findingsKept),
  };
  if (done < left.length) {
    const cutOff = {
      ...known,
      doneOfPage: [...doneOfPage, ...left.slice(0, done).map(({ payload }) => markOf(payload))],
    };
    if (!stopped) return { walk: cutOff, findings };
    return { ...waiting(cutOff, stopped.reason, context, { atLeastMs: stopped.waitMs }), findings };
  }
  const { at, ...rest } = known;
  if (next === undefined)
    return { ...ended({ ...rest, pages: walk.pages + 1 }, undefined, context), findings };
  if (JSON.stringify(next) === JSON.stringify(at))
    return { ...ended(known, 'the vendor gives the same page again and again', context), findings };
  return { walk: { ...rest, at: next, pages: walk.pages + 1 }, findings };
}

/** Tells a payload from others of its page (who has changed since is visited again), and options from those of before. */
const markOf = (json: unknown): string => hash('sha256', JSON.stringify(json), 'base64url').slice(0, 16);

/** The id of a record may be an e-mail address: it is told, and not kept. Nor is what agrees: nobody looks for it. */
function keptFinding({ index: _, recordId: __, violations: ___, ...finding }: PlacedFinding): Finding {
  return { ...finding, fields: finding.fields.filter(({ verdict }) => verdict !== 'agrees') };
}

function ended(walk: Walk, failure: string | undefined, { delivery }: WalkContext): Step {
  const { waits: _, ...rest } = walk;
  const endedAt = delivery.now().toISOString();
  return {
    walk: { ...rest, endedAt, ...(failure !== undefined && { failure }) },
    findings: [],
  };
}

function waiting(
  walk: Walk,
  reason: string,
  { delivery }: WalkContext,
  asked: { readonly status?: number; readonly retryAfterMs?: number; readonly atLeastMs?: number } = {},
): Step {
  const { status, retryAfterMs, atLeastMs = 0 } = asked;
  const times = (walk.waits?.times ?? 0) + 1;
  const before = retryAfterMs === undefined ? 0 : askedTimes;
  const ownMs =
    times > before ? Math.min(longestWaitMs, firstWaitMs * 2 ** (times - before - 1)) : shortestWaitMs;
  const waitMs = Math.max(ownMs, retryAfterMs ?? 0, atLeastMs);
  const until = new Date(delivery.now().getTime() + waitMs).toISOString();
  const waits = { reason, until, times, ...(status !== undefined && { status }) };
  return { walk: { ...walk, waits }, findings: [] };
}
