import type { CircuitBreaker, Permit } from '../../directscale/circuit-breaker.ts';
import type { DirectScale, Failure } from '../../directscale/client.ts';
import type { AddressedChange } from '../../domain/change.ts';
import { fieldsOf } from '../../domain/field-paths.ts';
import type { LeftOut } from '../../domain/left-out.ts';
import { markOvertaken, saysMore } from '../record/field-states.ts';
import type { FoundBy } from '../record/found-by.ts';
import { busy, forgotten, type Hold, type Outcome } from '../record/outcome.ts';
import type { HashOf } from '../record/value-hash.ts';
import { countWrite } from '../record/write-limit.ts';
import type { CustomerState, CustomerStates } from '../store/customer-states.ts';
import { outcomeOfFailure, outcomeOfRefusal, wordsOf } from './directscale-outcomes.ts';
import { type Held, type Plan, plan, type Receipt } from './plan.ts';
import { readHeld } from './read-held.ts';

export interface ApplyContext {
  readonly states: CustomerStates;
  readonly directScale: DirectScale;
  readonly circuitBreaker: CircuitBreaker;
  readonly hashOf: HashOf;
  /** How long one call to DirectScale can take, in ms. */
  readonly callMs: number;
  /** How long a lease is held at most, in ms: a call, its repetition with a fresh key, and the settling of that. */
  readonly leaseMs: number;
  /** How long nobody writes to a customer after a call whose end was not seen: it may still be under way. In ms. */
  readonly settleMs: number;
  /** More writes to one customer within a minute pause it. */
  readonly writesPerMinute: number;
  /** Told of each pause of a customer. Time in ms since 1970. */
  readonly onCustomerPaused: (customerId: string, pausedUntil: number) => void;
  readonly now: () => number;
}

/** What is to be applied to whom. */
export interface ApplySubject {
  readonly change: AddressedChange;
  readonly receipt: Receipt;
  readonly deliveryId: string;
  /** What the mapping could not use of it. */
  readonly leftOut: readonly LeftOut[];
  readonly isStrict: boolean;
  /** What read it; absent: its source sent it. Of what was read and changes nothing, nothing is noted. */
  readonly foundBy?: FoundBy | undefined;
}

/** How often a lost race for the row is run again at once. */
const races = 3;

type Sending = Extract<Plan, { type: 'send' }>;

/**
 * Writes to DirectScale what is newer than what was applied, and commits it to the customer's state: the same change
 * applied twice, late or out of order leaves the same customer. Serialized per customer over all instances by the row's
 * ETag and a lease. Throws what storage and secrets throw; then nothing is known, and the change must be tried again.
 */
export async function apply(subject: ApplySubject, context: ApplyContext): Promise<Outcome> {
  const { customerId } = subject.change.customer;
  const { states, now } = context;
  for (let race = 0; race < races; race++) {
    const state = await states.read(customerId);
    if (subject.receipt.receivedAt <= state.forgottenAt) return forgotten;
    if (state.leasedUntil > now()) return busy;

    const first = planFor(subject, state, context);
    if (first.type === 'wait' || first.type === 'nothing' || first.type === 'incomplete') {
      const outcome = await finish(first, subject, state, context);
      if (outcome) return outcome;
      continue;
    }
    if (state.writes.pausedUntil > now()) return customerPaused(state.writes.pausedUntil - now());
    const entered = context.circuitBreaker.enter(customerId);
    if ('refusal' in entered) return outcomeOfRefusal(entered.refusal);
    try {
      const outcome = await readAndSend(first, subject, state, entered.permit, context);
      if (outcome) return outcome;
    } finally {
      entered.permit.release();
    }
  }
  return busy;
}

/** What is to be done with a change, as far as is known. */
export function planFor(
  subject: Omit<ApplySubject, 'deliveryId'>,
  state: CustomerState,
  { hashOf }: Pick<ApplyContext, 'hashOf'>,
  held?: Held,
): Plan {
  const { change, receipt, leftOut, isStrict, foundBy } = subject;
  const isRepair = foundBy === 'repair';
  return plan({ change, receipt, leftOut, isStrict, isRepair, states: state.fields, held, hashOf });
}

/** Undefined: somebody else changed the row in the meantime. */
async function readAndSend(
  first: Extract<Plan, { type: 'read' | 'send' }>,
  subject: ApplySubject,
  state: CustomerState,
  permit: Permit,
  context: ApplyContext,
): Promise<Outcome | undefined> {
  if (first.type === 'send') return send(first, subject, state, permit, context);
  const read = await readHeld(subject.change.customer.customerId, first.needed, context.directScale);
  if ('failure' in read) {
    permit.report(read.failure);
    return outcomeOfFailure(read.failure);
  }
  permit.report({ outcome: 'found' });
  const second = planFor(subject, state, context, read.held);
  if (second.type === 'send') return send(second, subject, state, permit, context);
  // With what was read, a plan never asks to read.
  return second.type === 'read' ? undefined : finish(second, subject, state, context);
}

/** The end of a change of which nothing is to be sent. Undefined: somebody else changed the row in the meantime. */
async function finish(
  planned: Extract<Plan, { type: 'wait' | 'nothing' | 'incomplete' }>,
  { change, deliveryId, foundBy }: ApplySubject,
  state: CustomerState,
  { states }: ApplyContext,
): Promise<Outcome | undefined> {
  const { customerId } = change.customer;
  switch (planned.type) {
    case 'wait':
      return {
        follows: 'retry',
        told: { outcome: 'waiting', reason: 'newer-change-in-doubt' },
        behind: planned.behind,
      };
    case 'incomplete':
      return {
        follows: 'park',
        reason: 'address-incomplete',
        told: { outcome: 'address-incomplete' },
        violations: planned.missing.map((path) => ({ path, message: missingPart })),
      };
    case 'nothing': {
      const { status, dropped, drifted, leftOut } = planned;
      // A walk over all customers must not leave a row for each of them.
      const noted = foundBy === undefined ? deliveryId : undefined;
      if (planned.states && (noted !== undefined || saysMore(planned.states, state.fields))) {
        const next = { ...state, fields: planned.states, leasedUntil: 0 };
        if (!(await states.write(customerId, next, state.etag, noted))) return undefined;
      } else if (noted !== undefined) await states.addDelivery(customerId, noted);
      const told =
        status === 'stale' && isUntimed(change, state)
          ? { outcome: status, reason: untimed }
          : { outcome: status };
      return { follows: 'done', status, told, dropped, drifted, leftOut };
    }
  }
}

/** Why a change is stale whose source cannot say when it happened: a source that is always without loses against all others. */
const untimed = 'no-time-of-its-own';

function isUntimed(change: AddressedChange, { fields }: CustomerState): boolean {
  const isBehind = ([path]: [string, unknown]) => fields[path]?.applied?.occurredAt !== undefined;
  return change.occurredAt === undefined && fieldsOf(change.fields).some(isBehind);
}

const missingPart =
  'is missing: the change does not hold it, and it cannot be taken from the current address';

function customerPaused(waitMs: number): Hold {
  return { follows: 'hold', told: { outcome: 'customer-paused', reason: 'too-many-writes' }, waitMs };
}

/**
 * Takes the lease with the fields marked in doubt, makes the PATCH, and commits what came of it. Undefined: somebody else
 * changed the row before the lease was taken.
 */
async function send(
  planned: Sending,
  subject: ApplySubject,
  state: CustomerState,
  permit: Permit,
  context: ApplyContext,
): Promise<Outcome | undefined> {
  const { customerId } = subject.change.customer;
  const { states, directScale, now } = context;
  const { isAllowed, history } = countWrite(state.writes, context.writesPerMinute, now());
  if (!isAllowed) {
    const paused = { ...state, fields: planned.untouched, writes: history, leasedUntil: 0 };
    if (!(await states.write(customerId, paused, state.etag))) return undefined;
    context.onCustomerPaused(customerId, history.pausedUntil);
    return customerPaused(history.pausedUntil - now());
  }

  const leasedUntil = now() + context.leaseMs;
  const begun = { ...state, fields: planned.begun, leasedUntil };
  const lease = await states.write(customerId, begun, state.etag, subject.deliveryId);
  if (!lease) return undefined;
  const commit = (news: Partial<CustomerState>) =>
    states.write(customerId, { ...begun, leasedUntil: 0, ...news }, lease);

  // The fence: a process that stood still may find that its lease has run out, or will before the call has settled. If it
  // dies during the call, the lease keeps the others away for as long as the call may still take effect.
  const mayBegin = () => now() + context.callMs + context.settleMs <= leasedUntil;
  const answer = await directScale.patchCustomer(customerId, planned.patch, mayBegin);
  if (answer.outcome === 'not-begun') {
    await commit({ fields: planned.untouched });
    return busy;
  }
  permit.report(answer);
  if (answer.outcome === 'applied') {
    if (!(await commit({ fields: planned.applied, writes: history })))
      return overtaken(planned, subject, context);
    const { dropped, drifted, leftOut } = planned;
    return { follows: 'done', status: 'applied', told: wordsOf(answer), dropped, drifted, leftOut };
  }
  if (!isInDoubt(answer)) await commit({ fields: planned.untouched });
  // A call that was given up may still reach the customer: nobody writes to it until that has settled.
  else if (!(await commit({ leasedUntil: now() + context.settleMs })))
    return overtaken(planned, subject, context);
  return outcomeOfFailure(answer);
}

function isInDoubt(failure: Failure): boolean {
  return failure.outcome === 'unavailable' && failure.inDoubt;
}

/**
 * The lease ran out during the call, and somebody else changed the row: the call may have come after a newer one. What
 * DirectScale holds in its fields is in doubt then, and the newest change to each is written again: by its owner, whose
 * commit fails now, or, if it is finished, because it is sent again.
 */
async function overtaken(
  { patch }: Sending,
  { change, receipt }: ApplySubject,
  { states }: ApplyContext,
): Promise<Outcome> {
  const { customerId } = change.customer;
  const paths = fieldsOf(patch).map(([path]) => path);
  for (;;) {
    const state = await states.read(customerId);
    const fields = markOvertaken(state.fields, paths);
    if (!(await states.write(customerId, { ...state, fields }, state.etag))) continue;
    const newest = paths.flatMap((path) => fields[path]?.inDoubt?.changeId ?? []);
    return { ...busy, behind: [...new Set(newest)].filter((id) => id !== receipt.changeId) };
  }
}
