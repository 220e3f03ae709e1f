import type { Source } from '../config/source.ts';
import { beginWalk, type WalkContext, walkOn } from './make-walk.ts';
import { type Job, type JobState, jobs, type Order } from './walk.ts';

/** Clocks of vendors may be this far behind ours: each walk begins so much before the end of the last one. */
const clockMarginMs = 10 * 60_000;
/** What changed within this time is left to its webhook, which may still be on its way. */
const webhookMarginMs = 5 * 60_000;
/** The first walk of a source begins so long ago. */
const firstLookBackMs = 24 * 3_600_000;

/** A walk that ended, with its job. */
export interface Ended {
  readonly source: string;
  readonly job: Job;
  readonly state: JobState;
}

/**
 * Begins the catch-up of a source if it is due, and goes on with what the timer is to go on with. What an operator drives
 * waits for the operator. Returns the walks that ended. Throws what storage throws.
 */
export async function catchUpIfDue(source: Source, deadline: number, context: WalkContext): Promise<Ended[]> {
  const ended: Ended[] = [];
  const now = context.delivery.now();
  const { state } = await context.states.read(source.name, 'catch-up');
  if (isDue(source, state, now))
    await beginWalk(source, 'catch-up', catchUpOrder(source, state, now), context);
  for (const job of jobs) {
    if (job === 'backfill') continue;
    const walked = await walkOn(source, job, deadline, context);
    const endedAt = walked.state.walk?.endedAt;
    if (endedAt !== undefined && Date.parse(endedAt) >= now.getTime())
      ended.push({ source: source.name, job, state: walked.state });
  }
  return ended;
}

function isDue({ catchUp }: Source, { walk }: JobState, now: Date): boolean {
  if (!catchUp) return false;
  if (!walk) return true;
  return walk.endedAt !== undefined && Date.parse(walk.startedAt) + catchUp.every <= now.getTime();
}

/**
 * What changed since the last walk that came to its end, as far as the vendor reaches back. If none has come to its end yet, since
 * the first one was to begin: it may have failed for days.
 */
export function catchUpOrder(source: Source, { readUntil, walk }: JobState, now: Date): Order {
  const { changesSince } = source.kind;
  const lookBackMs = changesSince?.lookBackMs ?? 0;
  const reachesBackMs = changesSince?.reachesBackMs?.(source.options) ?? Number.POSITIVE_INFINITY;
  const until = now.getTime() - webhookMarginMs;
  const firstSince = walk?.order.since ?? new Date(now.getTime() - firstLookBackMs).toISOString();
  const unread = readUntil ?? firstSince;
  const from =
    readUntil === undefined ? Date.parse(firstSince) : Date.parse(readUntil) - lookBackMs - clockMarginMs;
  const since = Math.min(until, Math.max(from, now.getTime() - reachesBackMs));
  return {
    foundBy: 'catch-up',
    mode: 'write',
    since: new Date(since).toISOString(),
    ...(Date.parse(unread) < since && { gapSince: unread }),
    until: new Date(until).toISOString(),
  };
}

/** Begins the weekly comparison of every source that wants one. Throws what storage throws. */
export async function beginReconciling(source: Source, context: WalkContext): Promise<void> {
  if (!source.catchUp?.reconcile) return;
  const until = context.delivery.now().toISOString();
  await beginWalk(source, 'reconcile', { foundBy: 'catch-up', mode: 'compare', until }, context);
}

/** Why the catch-up of a source is late, if it is: nobody has asked its vendor to the end for three times as long as it should be. */
export function lateCatchUp(
  { name, catchUp }: Source,
  { walk, readUntil }: JobState,
  now: number,
): { readonly source: string; readonly reason: string; readonly since: string }[] {
  if (!catchUp || !walk) return [];
  if (walk.failure !== undefined) return [{ source: name, reason: walk.failure, since: walk.startedAt }];
  const since = readUntil ?? walk.startedAt;
  const isLate = Date.parse(since) + 3 * catchUp.every + webhookMarginMs < now;
  const isRefused = walk.waits?.reason === 'refused-by-vendor';
  if (!isLate && !isRefused) return [];
  return [{ source: name, reason: walk.waits?.reason ?? 'it takes longer than it should', since }];
}
