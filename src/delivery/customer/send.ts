import type { Permit } from '../../directscale/circuit-breaker.ts';
import type { CallResult, Failure } from '../../directscale/client.ts';
import { withoutValues } from '../../directscale/without-values.ts';
import { fieldsOf } from '../../domain/field-paths.ts';
import { markOvertaken } from '../record/field-states.ts';
import { busy, type Done, type Hold, type Outcome, type Told } from '../record/outcome.ts';
import { countWrite } from '../record/write-limit.ts';
import type { CustomerState } from '../store/customer-states.ts';
import type { NotedChange } from '../store/noted-changes.ts';
import type { ApplyContext, ApplySubject } from './apply-subject.ts';
import { outcomeOfFailure, reasonOf, wordsOf } from './directscale-outcomes.ts';
import type { Plan } from './plan.ts';
import { ifFailed, ifRefused } from './refused-fields.ts';

export type Sending = Extract<Plan, { type: 'send' }>;

/** A part of the change was written or refused: what is left of it is to be planned with what is known now. */
export interface Further {
  readonly state: CustomerState;
  /** By path, as units. */
  readonly written: readonly string[];
  readonly told: Told;
}

export function customerPaused(waitMs: number): Hold {
  return { follows: 'hold', told: { outcome: 'customer-paused', reason: 'too-many-writes' }, waitMs };
}

/**
 * Takes the lease with the fields of the part marked in doubt, makes the PATCH, and commits what came of it. Undefined:
 * somebody else changed the row before the lease was taken.
 */
export async function send(
  planned: Sending,
  subject: ApplySubject,
  state: CustomerState,
  permit: Permit,
  context: ApplyContext,
): Promise<Outcome | Further | undefined> {
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
  const lease = await states.write(customerId, begun, state.etag, notedChange(subject));
  if (!lease) return undefined;
  const commit: Commit = async (news, ended) => {
    const committed = { ...begun, leasedUntil: 0, ...news };
    const etag = await states.write(customerId, committed, lease, ended && notedChange(subject, ended));
    return etag === undefined ? undefined : { ...committed, etag };
  };

  // The fence: a process that stood still may find that its lease has run out, or will before the call has settled. If it
  // dies during the call, the lease keeps the others away for as long as the call may still take effect.
  const mayBegin = () => now() + context.callMs + context.settleMs <= leasedUntil;
  const answer = await directScale.patchCustomer(customerId, planned.patch, mayBegin);
  if (answer.outcome === 'not-begun') {
    await commit({ fields: planned.untouched });
    return busy;
  }
  if (answer.outcome !== 'applied')
    return afterFailure(withoutValuesOf(subject, answer), planned, subject, permit, commit, context);
  permit.report(answer);
  const { dropped, drifted, leftOut, part } = planned;
  const told = wordsOf(answer);
  const ended: Done = { follows: 'done', status: 'applied', told, dropped, drifted, leftOut };
  const isLast = part.later.length === 0;
  const applied = await commit({ fields: planned.applied, writes: history }, isLast ? ended : undefined);
  if (!applied) return overtaken(planned, subject, context);
  return isLast ? ended : { state: applied, written: part.now.map(({ path }) => path), told };
}

/** What the index of the customer is to hold of the change: its record, too, if it ends so. */
export function notedChange({ deliveryId, index, recordAfter }: ApplySubject, ended?: Done): NotedChange {
  return { deliveryId, index, record: ended && recordAfter?.(ended) };
}

/** Ends a lease, and the change if it ends so. Undefined: the lease had run out, and somebody else changed the row. */
type Commit = (news: Partial<CustomerState>, ended?: Done) => Promise<CustomerState | undefined>;

/** DirectScale's words may repeat a value of the change that this part of it does not have. */
function withoutValuesOf({ change }: ApplySubject, failure: Failure): Failure {
  const { message } = failure;
  return message === undefined ? failure : { ...failure, message: withoutValues(message, change.fields) };
}

async function afterFailure(
  answer: Failure,
  planned: Sending,
  subject: ApplySubject,
  permit: Permit,
  commit: Commit,
  context: ApplyContext,
): Promise<Outcome | Further> {
  const { now, settleMs, circuitBreaker } = context;
  const { customerId } = subject.change.customer;
  const { part, untouched, begun } = planned;
  // What is refused after somebody asked for it again must not look as if it was refused before.
  const refused = { reason: reasonOf(answer), at: Math.max(now(), subject.askedAgainAt ?? 0) };
  if (isRefusal(answer) && !subject.isStrict) {
    permit.report(answer);
    const state = await commit({ fields: ifRefused(untouched, part, { ...refused, isCertain: true }) });
    return state ? { state, written: [], told: wordsOf(answer) } : busy;
  }
  if (!isInDoubt(answer)) {
    permit.report(answer);
    await commit({ fields: untouched });
    return outcomeOfFailure(answer);
  }

  const passedSince = (at: number) => circuitBreaker.passedSince(customerId, at);
  const failed =
    isFault(answer) && !subject.isStrict
      ? ifFailed(begun, part, refused, passedSince)
      : { states: begun, isOwn: false };
  // DirectScale works: what it does with this change says nothing about the others.
  if (!failed.isOwn) permit.report(answer);
  // A call that was given up may still reach the customer: nobody writes to it until that has settled.
  if (!(await commit({ fields: failed.states, leasedUntil: now() + settleMs })))
    return overtaken(planned, subject, context);
  return failed.isOwn
    ? { follows: 'hold', told: wordsOf(answer), waitMs: settleMs }
    : outcomeOfFailure(answer);
}

/** Whether DirectScale says that it does not take the values. Of a conflict (409) or a size (413) no field is at fault. */
function isRefusal({ outcome, status }: CallResult): boolean {
  return outcome === 'rejected' && (status === 400 || status === 422);
}

/** 500 stands for trouble at DirectScale, and for "a model that is incorrect": https://developers.directscale.com/docs/status-and-error-codes */
function isFault({ status }: Failure): boolean {
  return status === 500;
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
