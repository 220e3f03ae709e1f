import type { CallResult, DirectScale } from '../directscale/client.ts';
import type { Change } from '../domain/change.ts';
import type { CustomerPatch } from '../domain/customer-patch.ts';
import { fieldsOf, pick } from '../domain/field-paths.ts';
import type { CustomerStates } from './customer-states.ts';
import {
  type Decision,
  decide,
  type FieldStates,
  markApplied,
  markInDoubt,
  restore,
  type Wanted,
} from './ordering.ts';
import type { Pause, PauseReason } from './pause.ts';
import { withoutValues } from './without-values.ts';

/** What became of one attempt to apply a change. Fields are named by path. */
export type Applied =
  | {
      readonly type: 'applied';
      readonly sent: readonly string[];
      readonly dropped: readonly string[];
      readonly answer: Extract<CallResult, { outcome: 'applied' }>;
    }
  /** Nothing was to be sent: DirectScale holds the values (of some fields at least), or newer ones. */
  | { readonly type: 'unchanged' | 'stale'; readonly dropped: readonly string[] }
  /** DirectScale will not take it, ever. */
  | {
      readonly type: 'refused';
      readonly answer: Extract<CallResult, { outcome: 'rejected' | 'customer-not-found' }>;
    }
  /** DirectScale cannot take it now. */
  | {
      readonly type: 'failed';
      readonly answer: Extract<CallResult, { outcome: 'unavailable' | 'misconfigured' }>;
    }
  /** No call was made: all calls wait. */
  | { readonly type: 'paused'; readonly waitMs: number; readonly reason: PauseReason }
  /** No call was made: the customer is leased, or the row was lost to somebody else. Nothing is wrong with it. */
  | { readonly type: 'busy'; readonly waitMs: number }
  /** No call was made: a newer change to the same fields is in doubt, and must be settled first. */
  | { readonly type: 'waiting'; readonly fields: readonly string[] };

/** Nothing of the change is done, and DirectScale does not hold it. */
export type NotApplied = Exclude<Applied, { type: 'applied' | 'unchanged' | 'stale' }>;

export interface ApplyContext {
  readonly states: CustomerStates;
  readonly directScale: DirectScale;
  readonly pause: Pause;
  /** The keyed hash of a value. */
  readonly hashOf: (value: unknown) => string;
  /** How long a lease is held at most; longer than all calls of one attempt can take. */
  readonly leaseMs: number;
  /** How long nobody writes to a customer after a call whose end was not seen: it may still be under way. */
  readonly settleMs: number;
  readonly now: () => number;
}

/** When a change was received, and its own name: what decides between changes of the same `occurredAt`. */
export interface Receipt {
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
  readonly changeId: string;
}

/** Leases are short: who finds one, or lost the row to somebody else, comes back after this long. */
const busyWaitMs = 1000;
/** How often a lost race for the row is run again at once. */
const races = 3;

const pathsOf = (fields: readonly Wanted[]): string[] => fields.map(({ path }) => path);

/**
 * Writes to DirectScale what is newer than what was applied, and records it: the same change applied twice, late or
 * out of order leaves the same customer. Serialized per customer across instances by the row's ETag and a lease.
 * Throws what storage and secrets throw; then nothing is known, and the change must be tried again.
 */
export async function apply(change: Change, receipt: Receipt, context: ApplyContext): Promise<Applied> {
  const { customerId } = change.customer;
  const { states, pause, leaseMs, now } = context;
  const wanted = wantedBy(change, receipt, context.hashOf);

  for (let race = 0; race < races; race++) {
    const { fields, leasedUntil, etag } = await states.read(customerId);
    if (leasedUntil > now()) return { type: 'busy', waitMs: busyWaitMs };
    const decision = decide(wanted, fields);
    if (decision.waiting.length > 0) return { type: 'waiting', fields: pathsOf(decision.waiting) };
    // What DirectScale holds already is from now on as new as this change.
    const before = markApplied(fields, decision.unchanged);

    if (decision.send.length === 0) {
      const dropped = pathsOf(wanted);
      if (decision.unchanged.length === 0) return { type: 'stale', dropped };
      if (await states.write(customerId, { fields: before, leasedUntil: 0 }, etag))
        return { type: 'unchanged', dropped };
      continue;
    }
    const paused = pause.enter();
    if (paused) return { type: 'paused', ...paused };
    try {
      const begun = markInDoubt(before, decision.send);
      const lease = await states.write(customerId, { fields: begun, leasedUntil: now() + leaseMs }, etag);
      if (lease) return await send(change, decision, { lease, begun, before }, context);
    } finally {
      pause.leave();
    }
  }
  return { type: 'busy', waitMs: busyWaitMs };
}

function wantedBy(
  change: Change,
  { receivedAt, changeId }: Receipt,
  hashOf: (value: unknown) => string,
): Wanted[] {
  return fieldsOf(change.fields).map(([path, value]) => ({
    path,
    hash: hashOf(value),
    position: {
      occurredAt: Date.parse(change.occurredAtOf?.[path] ?? change.occurredAt),
      receivedAt,
      changeId,
    },
  }));
}

interface Leased {
  /** The row's ETag: ours as long as nobody else wrote. */
  readonly lease: string;
  /** The states with the call in doubt, and as they were before. */
  readonly begun: FieldStates;
  readonly before: FieldStates;
}

/** Under the lease: one PATCH with the fresh fields, and what came of it into the state. */
async function send(
  change: Change,
  decision: Decision,
  { lease, begun, before }: Leased,
  { states, directScale, pause, settleMs, now }: ApplyContext,
): Promise<Applied> {
  const { customerId } = change.customer;
  const result = await patch(customerId, pick(change.fields, pathsOf(decision.send)), directScale);
  pause.report(result);
  const answer = withoutValues(result, change.fields);
  const settle = (fields: FieldStates, leasedUntil = 0) =>
    states.write(customerId, { fields, leasedUntil }, lease);

  switch (answer.outcome) {
    case 'applied': {
      // Lost: somebody thought us dead. The fields are still in doubt, and the repeat settles that.
      if (!(await settle(markApplied(begun, decision.send)))) return { type: 'busy', waitMs: busyWaitMs };
      const dropped = pathsOf([...decision.stale, ...decision.unchanged]);
      return { type: 'applied', sent: pathsOf(decision.send), dropped, answer };
    }
    case 'rejected':
    case 'customer-not-found':
      await settle(restore(begun, before, decision.send));
      return { type: 'refused', answer };
    default:
      // A call that was given up may still reach the customer: nobody writes to her until it has settled.
      if (answer.outcome === 'unavailable' && answer.inDoubt) await settle(begun, now() + settleMs);
      else await settle(restore(begun, before, decision.send));
      return { type: 'failed', answer };
  }
}

/**
 * Whether DirectScale keeps a FieldN that a PATCH of AssociateCustom leaves out is not documented,
 * so the customer's other custom fields are read and sent along.
 */
async function patch(
  customerId: string,
  fields: CustomerPatch,
  directScale: DirectScale,
): Promise<CallResult> {
  if (!fields.AssociateCustom) return directScale.patchCustomer(customerId, fields);
  const current = await directScale.getCustomFields(customerId);
  if (current.outcome !== 'found') return current;
  const AssociateCustom = { ...current.fields, ...fields.AssociateCustom };
  return directScale.patchCustomer(customerId, { ...fields, AssociateCustom });
}
