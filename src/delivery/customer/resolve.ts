import type { CircuitBreaker, Permit, Refusal } from '../../directscale/circuit-breaker.ts';
import { type DirectScale, type Failure, isRefused, type Refused } from '../../directscale/client.ts';
import type { CustomerRecord } from '../../directscale/customer-record.ts';
import { type LookUp, type LookUpName, lookUpNames } from '../../domain/customer-reference.ts';
import type { Links } from '../store/links.ts';

/** Which customer a change is about, or why that cannot be said. */
export type Resolved =
  | { readonly type: 'resolved'; readonly customerId: string; readonly byLink: boolean }
  /** For a person to decide. `note` holds ids and names, no values. */
  | {
      readonly type: 'unresolved';
      readonly reason: 'customer-not-found' | 'customer-ambiguous';
      readonly note: string;
    }
  /** DirectScale will not look that up, ever. */
  | { readonly type: 'refused'; readonly answer: Refused }
  | { readonly type: 'failed'; readonly answer: Exclude<Failure, Refused> }
  | ({ readonly type: 'paused' } & Refusal);

export interface ResolveContext {
  readonly links: Links;
  readonly directScale: DirectScale;
  readonly circuitBreaker: CircuitBreaker;
  /** The keyed hash of a value. */
  readonly hashOf: (value: unknown) => string;
  readonly now: () => Date;
}

/** A customer who is to be found: by the link of a source's record, or by values to look her up by. */
export interface Sought {
  readonly source: string;
  readonly recordId: string | undefined;
  /** The best one first. */
  readonly lookUp: readonly LookUp[];
}

/** More than these are not named: whoever reads it knows enough. */
const idsNamed = 10;

/**
 * Finds a customer: by the link of the record, else by the references that the source is allowed to be looked up by. The
 * first one that DirectScale knows decides, if it knows exactly one such customer who really carries the value; then the
 * record is linked. Throws what storage and secrets throw.
 */
export async function resolve(
  { source, recordId, lookUp }: Sought,
  allowed: ReadonlySet<LookUpName>,
  context: ResolveContext,
): Promise<Resolved> {
  const link = recordId === undefined ? undefined : await context.links.find(source, recordId);
  if (link) return { type: 'resolved', customerId: link.customerId, byLink: true };

  const notes: string[] = [];
  for (const reference of lookUp) {
    if (!allowed.has(reference.by)) {
      notes.push(`${reference.by} is not looked up: relay.json does not list it under lookUp`);
      continue;
    }
    const found = await lookUpOne(reference, context);
    if (found.type !== 'resolved' && found.type !== 'none') return found;
    if (found.type === 'none') {
      notes.push(found.note);
      continue;
    }
    if (recordId !== undefined) {
      const foundBy = { by: reference.by, hash: context.hashOf(carried(reference.value)) };
      const { customerId } = found;
      const since = context.now().toISOString();
      await context.links.set([{ source, recordId, customerId, origin: 'look-up', foundBy, since }]);
    }
    return found;
  }
  if (recordId !== undefined) notes.unshift(`the record ${recordId} is not linked`);
  return { type: 'unresolved', reason: 'customer-not-found', note: notes.join('; ') };
}

async function lookUpOne(
  reference: LookUp,
  context: ResolveContext,
): Promise<Resolved | { readonly type: 'none'; readonly note: string }> {
  const { directScale, circuitBreaker } = context;
  const none = (why: string) => ({ type: 'none' as const, note: `${reference.by}: ${why}` });
  const entered = circuitBreaker.enter(`${reference.by} ${reference.value}`);
  if ('refusal' in entered) return { type: 'paused', ...entered.refusal };
  const { permit } = entered;
  try {
    const found = await directScale.findCustomers(reference);
    if (found.outcome !== 'found') return fail(found, permit);
    permit.report(found);
    const ids = [...new Set(found.customers.map(({ CustomerId }) => CustomerId))];
    const [customerId, another] = ids;
    if (customerId === undefined) return none('no customer has this value');
    if (another !== undefined) {
      const named = ids.slice(0, idsNamed).join(', ');
      const note = `${reference.by}: ${ids.length} customers have this value: ${named}`;
      return { type: 'unresolved', reason: 'customer-ambiguous', note };
    }
    // Of a parameter that DirectScale does not know it is not documented what it finds.
    const read = await directScale.getCustomer(customerId);
    if (read.outcome === 'customer-not-found') return none(`customer ${customerId} was found, but is gone`);
    if (read.outcome !== 'found') return fail(read, permit);
    if (!carries(read.customer, reference)) {
      return none(`customer ${customerId} was found, but does not have this value`);
    }
    return { type: 'resolved', customerId, byLink: false };
  } finally {
    permit.release();
  }
}

function fail(answer: Failure, permit: Permit): Resolved {
  permit.report(answer);
  return isRefused(answer) ? { type: 'refused', answer } : { type: 'failed', answer };
}

const recordMembers = {
  backOfficeId: 'BackOfficeId',
  emailAddress: 'EmailAddress',
  externalReferenceId: 'ExternalReferenceId',
  username: 'Username',
  webAlias: 'WebAlias',
} as const satisfies Record<LookUpName, keyof CustomerRecord>;

/** Match rules of DirectScale's look-up are not documented; letter case is taken to make no difference. */
export const carried = (value: string): string => value.trim().toLowerCase();

/** What a customer can be looked up by, as far as DirectScale tells. */
export function referencesOf(customer: Partial<CustomerRecord>): LookUp[] {
  return lookUpNames.flatMap((by) => {
    const value = customer[recordMembers[by]];
    return value ? [{ by, value }] : [];
  });
}

function carries(customer: CustomerRecord, { by, value }: LookUp): boolean {
  return carried(customer[recordMembers[by]] ?? '') === carried(value);
}
