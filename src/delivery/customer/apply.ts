import type { CircuitBreaker, Permit, Refusal } from '../../directscale/circuit-breaker.ts';
import { type CallResult, type DirectScale, type Failure, isRefused } from '../../directscale/client.ts';
import { addressFields } from '../../domain/address.ts';
import type { AddressedChange } from '../../domain/change.ts';
import { fieldNamesOf, fieldsOf } from '../../domain/field-paths.ts';
import type { CustomerState, CustomerStates } from '../store/customer-states.ts';
import {
  type Decision,
  decide,
  type FieldStates,
  markApplied,
  markInDoubt,
  restore,
  type Wanted,
} from './ordering.ts';
import { preparePatch } from './prepare-patch.ts';
import { countWrite, type WriteHistory } from './write-limit.ts';

/** What became of one attempt to apply a change. Fields are named by path. */
export type Applied =
  | {
      readonly type: 'applied';
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
  /** No call was made: the circuit is open. */
  | ({ readonly type: 'paused' } & Refusal)
  /** Part of an address changed, and DirectScale does not hold the rest of it. By path. */
  | { readonly type: 'incomplete'; readonly missing: readonly string[] }
  /** Nothing was written: this customer was written to so often that two systems seem to overwrite each other. */
  | { readonly type: 'customer-paused'; readonly waitMs: number }
  /** No call was made: the customer is leased, or the row was lost to somebody else. Nothing is wrong with it. */
  | { readonly type: 'busy'; readonly waitMs: number }
  /** No call was made: a newer change to the same fields is in doubt, and must be settled first. */
  | { readonly type: 'waiting'; readonly fields: readonly string[] };

/** Nothing of the change is done, and DirectScale does not hold it. */
export type NotApplied = Exclude<Applied, { type: 'applied' | 'unchanged' | 'stale' }>;

export interface ApplyContext {
  readonly states: CustomerStates;
  readonly directScale: DirectScale;
  readonly circuitBreaker: CircuitBreaker;
  /** The keyed hash of a value. */
  readonly hashOf: (value: unknown) => string;
  /** How long a lease is held at most; longer than all calls of one attempt can take. */
  readonly leaseMs: number;
  /** How long nobody writes to a customer after a call whose end was not seen: it may still be under way. */
  readonly settleMs: number;
  /** More writes to one customer within a minute pause her. */
  readonly writesPerMinute: number;
  /** Told of each pause of a customer. Time in ms since 1970. */
  readonly onCustomerPaused: (customerId: string, pausedUntil: number) => void;
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
const namesOf = (fields: readonly Wanted[]): string[] => fieldNamesOf(pathsOf(fields));

/**
 * Writes to DirectScale what is newer than what was applied, and records it: the same change applied twice, late or
 * out of order leaves the same customer. Serialized per customer across instances by the row's ETag and a lease.
 * Throws what storage and secrets throw; then nothing is known, and the change must be tried again.
 */
export async function apply(
  change: AddressedChange,
  receipt: Receipt,
  context: ApplyContext,
): Promise<Applied> {
  const { customerId } = change.customer;
  const { states, circuitBreaker, leaseMs, now } = context;
  const wanted = wantedBy(change, receipt, context.hashOf);

  for (let race = 0; race < races; race++) {
    const { fields, writes, leasedUntil, etag } = await states.read(customerId);
    if (leasedUntil > now()) return { type: 'busy', waitMs: busyWaitMs };
    const decision = decide(wanted, fields);
    if (decision.waiting.length > 0) return { type: 'waiting', fields: namesOf(decision.waiting) };
    // What DirectScale holds already is from now on as new as this change.
    const before = markApplied(fields, decision.unchanged);

    if (decision.send.length === 0) {
      const dropped = namesOf(wanted);
      if (decision.unchanged.length === 0) return { type: 'stale', dropped };
      if (await states.write(customerId, { fields: before, writes, leasedUntil: 0 }, etag))
        return { type: 'unchanged', dropped };
      continue;
    }
    if (writes.pausedUntil > now()) return { type: 'customer-paused', waitMs: writes.pausedUntil - now() };
    const entered = circuitBreaker.enter(customerId);
    if ('refusal' in entered) return { type: 'paused', ...entered.refusal };
    const { permit } = entered;
    try {
      const begun = markInDoubt(before, decision.send);
      const leased = { fields: begun, writes, leasedUntil: now() + leaseMs };
      const lease = await states.write(customerId, leased, etag);
      if (lease) return await send(change, decision, { lease, begun, before, writes, permit }, context);
    } finally {
      permit.release();
    }
  }
  return { type: 'busy', waitMs: busyWaitMs };
}

/** Whether a path is part of an address of which another part is sent. */
function isSentWith(path: string, sent: readonly Wanted[]): boolean {
  const field = addressFields.find((name) => path.startsWith(`${name}.`));
  return field !== undefined && sent.some((wanted) => wanted.path.startsWith(`${field}.`));
}

function wantedBy(
  change: AddressedChange,
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
  readonly writes: WriteHistory;
  readonly permit: Permit;
}

/** Under the lease: one PATCH with the fresh fields, and what came of it into the state. */
async function send(
  change: AddressedChange,
  decision: Decision,
  { lease, begun, before, writes, permit }: Leased,
  context: ApplyContext,
): Promise<Applied> {
  const { customerId } = change.customer;
  const { states, directScale, settleMs, now } = context;
  const settle = (fields: FieldStates, news: Partial<CustomerState> = {}) =>
    states.write(customerId, { fields, writes, leasedUntil: 0, ...news }, lease);
  const untouched = () => restore(begun, before, decision.send);

  const prepared = await preparePatch(change, decision, before, directScale);
  if (prepared.type === 'failure') return fail(prepared.failure);
  if (prepared.type === 'incomplete') {
    await settle(untouched());
    return { type: 'incomplete', missing: prepared.missing };
  }
  // What is equal goes along as a part of an address that is sent.
  const spared = [...decision.unchanged, ...prepared.held].filter(
    ({ path }) => !isSentWith(path, prepared.sent),
  );
  const dropped = namesOf([...decision.stale, ...spared]);
  if (!prepared.patch) {
    if (await settle(markApplied(begun, decision.send))) return { type: 'unchanged', dropped };
    return { type: 'busy', waitMs: busyWaitMs };
  }
  const { isAllowed, history } = countWrite(writes, context.writesPerMinute, now());
  if (!isAllowed) {
    await settle(untouched(), { writes: history });
    context.onCustomerPaused(customerId, history.pausedUntil);
    return { type: 'customer-paused', waitMs: history.pausedUntil - now() };
  }

  const answer = await directScale.patchCustomer(customerId, prepared.patch);
  if (answer.outcome !== 'applied') return fail(answer);
  permit.report(answer);
  // Lost: somebody thought us dead. The fields are still in doubt, and the repeat settles that.
  if (!(await settle(markApplied(begun, decision.send), { writes: history })))
    return { type: 'busy', waitMs: busyWaitMs };
  return { type: 'applied', dropped, answer };

  async function fail(answer: Failure): Promise<Applied> {
    permit.report(answer);
    // A call that was given up may still reach the customer: nobody writes to her until it has settled.
    if (answer.outcome === 'unavailable' && answer.inDoubt) {
      await settle(begun, { leasedUntil: now() + settleMs });
    } else await settle(untouched());
    return isRefused(answer) ? { type: 'refused', answer } : { type: 'failed', answer };
  }
}
