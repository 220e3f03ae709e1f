import type { Permit } from '../../directscale/circuit-breaker.ts';
import type { AddressedChange } from '../../domain/change.ts';
import { type FieldValue, fieldsOf } from '../../domain/field-paths.ts';
import { saysMore } from '../record/field-states.ts';
import { busy, type Done, forgotten, type Outcome, type Told } from '../record/outcome.ts';
import type { CustomerState } from '../store/customer-states.ts';
import type { ApplyContext, ApplySubject, PlanSubject } from './apply-subject.ts';
import { outcomeOfFailure, outcomeOfRefusal } from './directscale-outcomes.ts';
import { type Held, type Plan, plan } from './plan.ts';
import { readHeld } from './read-held.ts';
import { customerPaused, type Further, notedChange, send } from './send.ts';

export type { ApplyContext, ApplySubject, PlanSubject } from './apply-subject.ts';

/** How often a lost race for the row is run again at once. */
const races = 3;
/** So many calls for parts of a change that DirectScale refuses as a whole; then others have their turn. */
const callsAtOnce = 12;
const nextCallsMs = 1000;

/** What this attempt has done so far for a change that DirectScale refuses as a whole. */
interface Progress {
  readonly written: Set<string>;
  readonly drifted: Set<string>;
  /** Of the last call that was applied. */
  applied?: Told;
  /** Of the last call. */
  last?: Told;
}

/** The customer as this attempt left it: it need not be read again unless somebody else writes to it. */
interface Known {
  readonly state: CustomerState;
  readonly held: Held | undefined;
}

/**
 * Writes to DirectScale what is newer than what was applied, and commits it to the customer's state: the same change
 * applied twice, late or out of order leaves the same customer. Serialized per customer over all instances by the row's
 * ETag and a lease. What DirectScale refuses as a whole goes in parts, each a call with a plan, a lease and a commit of its
 * own, until only what is refused is left. Throws what storage and secrets throw; then nothing is known, and the change must
 * be tried again.
 */
export async function apply(subject: ApplySubject, context: ApplyContext): Promise<Outcome> {
  const progress: Progress = { written: new Set(), drifted: new Set() };
  const { recordAfter, ...rest } = subject;
  const parts: ApplySubject = recordAfter
    ? { ...rest, recordAfter: (ended) => recordAfter(wholeOf(ended, progress)) }
    : rest;
  const outcome = await applyParts(parts, progress, context);
  // Of who is forgotten, what was written before is not told either.
  if (progress.written.size === 0 || outcome === forgotten) return outcome;
  return outcome.follows === 'done'
    ? wholeOf(outcome, progress)
    : { ...outcome, written: [...progress.written] };
}

/** The end of a change that went in parts: the last of them does not say what those before it did. */
function wholeOf(last: Done, { written, drifted, applied }: Progress): Done {
  if (written.size === 0) return last;
  return {
    ...last,
    written: [...written],
    drifted: [...new Set([...drifted, ...(last.drifted ?? [])])],
    told: last.status === 'applied' ? last.told : (applied ?? last.told),
  };
}

async function applyParts(
  subject: ApplySubject,
  progress: Progress,
  context: ApplyContext,
): Promise<Outcome> {
  const { customerId } = subject.change.customer;
  let known: Known | undefined;
  let lostRaces = 0;
  for (let calls = 0; calls < callsAtOnce; ) {
    const state = known?.state ?? (await context.states.read(customerId));
    if (subject.receipt.receivedAt <= state.forgottenAt) return forgotten;
    if (state.leasedUntil > context.now()) return busy;
    const step = await takeStep({ state, held: known?.held }, subject, progress, context);
    if (!step) {
      known = undefined;
      if (++lostRaces === races) return busy;
    } else if ('follows' in step) return step;
    else {
      known = step;
      calls++;
    }
  }
  const told = { ...progress.last, outcome: 'rejected', reason: 'refused-field-sought' };
  return { follows: 'hold', told, waitMs: nextCallsMs };
}

/** Undefined: somebody else changed the row in the meantime. */
async function takeStep(
  { state, held }: Known,
  subject: ApplySubject,
  progress: Progress,
  context: ApplyContext,
): Promise<Outcome | Known | undefined> {
  const { now, circuitBreaker } = context;
  const { customerId } = subject.change.customer;
  const planned = planFor(subject, state, context, held);
  if (planned.type !== 'read' && planned.type !== 'send')
    return finish(planned, subject, state, progress, context);
  if (state.writes.pausedUntil > now()) return customerPaused(state.writes.pausedUntil - now());
  const entered = circuitBreaker.enter(customerId);
  if ('refusal' in entered) return outcomeOfRefusal(entered.refusal);
  try {
    return await readAndSend(planned, { state, held }, subject, entered.permit, progress, context);
  } finally {
    entered.permit.release();
  }
}

/** What is to be done with a change, as far as is known. */
export function planFor(
  subject: PlanSubject,
  state: CustomerState,
  { hashOf }: Pick<ApplyContext, 'hashOf'>,
  held?: Held,
): Plan {
  const { change, receipt, leftOut, isStrict, foundBy, askedAgainAt } = subject;
  const isRepair = foundBy === 'repair';
  const { fields: states } = state;
  return plan({ change, receipt, leftOut, isStrict, isRepair, askedAgainAt, states, held, hashOf });
}

/** Undefined: somebody else changed the row in the meantime. */
async function readAndSend(
  planned: Extract<Plan, { type: 'read' | 'send' }>,
  { state, held }: Known,
  subject: ApplySubject,
  permit: Permit,
  progress: Progress,
  context: ApplyContext,
): Promise<Outcome | Known | undefined> {
  if (planned.type === 'send') {
    const sent = await send(planned, subject, state, permit, context);
    return sent && !('follows' in sent) ? noted(sent, planned, held, progress) : sent;
  }
  const read = await readHeld(subject.change.customer.customerId, planned.needed, context.directScale);
  if ('failure' in read) {
    permit.report(read.failure);
    return outcomeOfFailure(read.failure);
  }
  permit.report({ outcome: 'found' });
  const next = planFor(subject, state, context, read.held);
  // With what was read, a plan never asks to read.
  if (next.type === 'read') return undefined;
  if (next.type !== 'send') return finish(next, subject, state, progress, context);
  return readAndSend(next, { state, held: read.held }, subject, permit, progress, context);
}

/** What is known for the next part. */
function noted(
  { state, written, told }: Further,
  { patch, drifted }: Extract<Plan, { type: 'send' }>,
  held: Held | undefined,
  progress: Progress,
): Known {
  progress.last = told;
  for (const name of drifted) progress.drifted.add(name);
  if (written.length === 0) return { state, held };
  progress.applied = told;
  for (const path of written) progress.written.add(path);
  return { state, held: held && new Map<string, FieldValue>([...held, ...fieldsOf(patch)]) };
}

/** The end of a change of which nothing is to be sent. Undefined: somebody else changed the row in the meantime. */
async function finish(
  planned: Exclude<Plan, { type: 'read' | 'send' }>,
  subject: ApplySubject,
  state: CustomerState,
  progress: Progress,
  { states }: ApplyContext,
): Promise<Outcome | undefined> {
  const { change, foundBy } = subject;
  const { customerId } = change.customer;
  switch (planned.type) {
    case 'wait':
      return {
        follows: 'retry',
        told: { outcome: 'waiting', reason: 'newer-change-in-doubt' },
        behind: planned.behind,
      };
    case 'refused':
    case 'incomplete': {
      const ended = endOf(planned, subject.hasWritten ?? progress.written.size > 0, progress.last);
      if (ended.follows === 'done') await states.note(customerId, notedChange(subject, ended));
      return ended;
    }
    case 'nothing': {
      const { status, dropped, drifted, leftOut } = planned;
      const told =
        status === 'stale' && isUntimed(change, state)
          ? { outcome: status, reason: untimed }
          : { outcome: status };
      const ended: Done = { follows: 'done', status, told, dropped, drifted, leftOut };
      // A walk over all customers must not leave a row for each of them.
      const noted = foundBy === undefined ? notedChange(subject, ended) : undefined;
      if (planned.states && (noted !== undefined || saysMore(planned.states, state.fields))) {
        const next = { ...state, fields: planned.states, leasedUntil: 0 };
        if (!(await states.write(customerId, next, state.etag, noted))) return undefined;
      } else if (noted !== undefined) await states.note(customerId, noted);
      return ended;
    }
  }
}

/** Why a change is stale whose source cannot say when it happened: a source that is always without loses against all others. */
const untimed = 'no-time-of-its-own';

function isUntimed(change: AddressedChange, { fields }: CustomerState): boolean {
  const isBehind = ([path]: [string, unknown]) => fields[path]?.applied?.occurredAt !== undefined;
  return change.occurredAt === undefined && fieldsOf(change.fields).some(isBehind);
}

/** Nothing of what is left of a change can be written. `last`: what the last call was answered in this attempt. */
function endOf(
  planned: Extract<Plan, { type: 'refused' | 'incomplete' }>,
  hasWritten: boolean,
  last: Told | undefined,
): Outcome {
  const { dropped, drifted, leftOut } = planned;
  if (hasWritten) {
    const told = { outcome: 'unchanged' };
    return { follows: 'done', status: 'unchanged', told, dropped, drifted, leftOut };
  }
  if (planned.type === 'incomplete') {
    const violations = planned.missing.map((path) => ({ path, message: missingPart }));
    return {
      follows: 'park',
      reason: 'address-incomplete',
      told: { outcome: 'address-incomplete' },
      violations,
    };
  }
  const violations = leftOut.map(({ path, reason }) => ({ path, message: reason }));
  const before = { outcome: 'rejected', reason: 'refused-before' };
  return { follows: 'park', reason: 'rejected', told: last ?? before, violations };
}

const missingPart =
  'is missing: the change does not hold it, and it cannot be taken from the current address';
