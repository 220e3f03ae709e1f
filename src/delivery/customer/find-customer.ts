import type { CircuitBreaker, Permit } from '../../directscale/circuit-breaker.ts';
import type { DirectScale, Failure } from '../../directscale/client.ts';
import type { CustomerRecord } from '../../directscale/customer-record.ts';
import {
  carried,
  isSameReference,
  type LookUp,
  type LookUpName,
  lookUpNames,
} from '../../domain/customer-reference.ts';
import { forgotten, type Outcome, type Park } from '../record/outcome.ts';
import type { HashOf } from '../record/value-hash.ts';
import { isForgotten, type Links } from '../store/links.ts';
import { outcomeOfFailure, outcomeOfRefusal } from './directscale-outcomes.ts';

/** Which customer a change is about, and whether a link said so. */
export interface Found {
  readonly customerId: string;
  readonly byLink: boolean;
}

export interface FindContext {
  readonly links: Links;
  readonly directScale: DirectScale;
  readonly circuitBreaker: CircuitBreaker;
  readonly hashOf: HashOf;
  readonly now: () => Date;
}

/** A customer that is to be found: by the link of a source's record, or by values to look it up by. */
export interface Sought {
  readonly source: string;
  readonly recordId: string | undefined;
  /** When the change was received, in ms since 1970. */
  readonly receivedAt: number;
  /** The best one first. */
  readonly lookUp: readonly LookUp[];
  /** What the change itself sets: nobody is looked up by it. */
  readonly setsReferences?: readonly LookUp[] | undefined;
}

/** More than these are not named: whoever reads it knows enough. */
const idsNamed = 10;

/**
 * Finds a customer: by the link of the record, else by the references that the source is allowed to be looked up by. The
 * first one that DirectScale knows decides, if it knows exactly one such customer that really carries the value; then the
 * record is linked. Throws what storage and secrets throw.
 */
export async function findCustomer(
  { source, recordId, receivedAt, lookUp, setsReferences = [] }: Sought,
  allowed: ReadonlySet<LookUpName>,
  context: FindContext,
): Promise<Found | Outcome> {
  const link = recordId === undefined ? undefined : await context.links.find(source, recordId);
  if (isForgotten(link)) {
    if (receivedAt <= Date.parse(link.forgottenAt)) return forgotten;
  } else if (link) return { customerId: link.customerId, byLink: true };

  const notes: string[] = [];
  for (const reference of lookUp) {
    if (!allowed.has(reference.by)) {
      notes.push(`${reference.by} is not looked up: relay.json does not list it under lookUp`);
      continue;
    }
    if (setsReferences.some((set) => isSameReference(set, reference))) {
      notes.push(`${reference.by} is not looked up: the change itself sets it`);
      continue;
    }
    const found = await lookUpOne(reference, context);
    if ('follows' in found) return found;
    if ('nobody' in found) {
      notes.push(found.nobody);
      continue;
    }
    if (recordId !== undefined) {
      const foundBy = { by: reference.by, hash: context.hashOf(carried(reference.value)) };
      const { customerId } = found;
      const since = context.now().toISOString();
      await context.links.set([{ source, recordId, customerId, origin: 'look-up', foundBy, since }]);
    }
    return { ...found, byLink: false };
  }
  if (recordId !== undefined) notes.unshift(`the record ${recordId} is not linked`);
  return unresolved('customer-not-found', notes.join('; '));
}

/** For a person to decide. `note` holds ids and names, no values. */
function unresolved(reason: 'customer-not-found' | 'customer-ambiguous', note: string): Park {
  return { follows: 'park', reason, note, told: { outcome: reason } };
}

async function lookUpOne(
  reference: LookUp,
  context: FindContext,
): Promise<{ readonly customerId: string } | { readonly nobody: string } | Outcome> {
  const { directScale, circuitBreaker } = context;
  const nobody = (why: string) => ({ nobody: `${reference.by}: ${why}` });
  const entered = circuitBreaker.enter(`${reference.by} ${reference.value}`);
  if ('refusal' in entered) return outcomeOfRefusal(entered.refusal);
  const { permit } = entered;
  try {
    const found = await directScale.findCustomers(reference);
    if (found.outcome !== 'found') return fail(found, permit);
    permit.report(found);
    const ids = [...new Set(found.customers.map(({ CustomerId }) => CustomerId))];
    const [customerId, another] = ids;
    if (customerId === undefined) return nobody('no customer has this value');
    if (another !== undefined) {
      const named = ids.slice(0, idsNamed).join(', ');
      const note = `${reference.by}: ${ids.length} customers have this value: ${named}`;
      return unresolved('customer-ambiguous', note);
    }
    // Of a parameter that DirectScale does not know it is not documented what it finds.
    const read = await directScale.getCustomer(customerId);
    if (read.outcome === 'customer-not-found') return nobody(`customer ${customerId} was found, but is gone`);
    if (read.outcome !== 'found') return fail(read, permit);
    if (!carries(read.customer, reference)) {
      return nobody(`customer ${customerId} was found, but does not have this value`);
    }
    return { customerId };
  } finally {
    permit.release();
  }
}

function fail(failure: Failure, permit: Permit): Outcome {
  permit.report(failure);
  return outcomeOfFailure(failure);
}

const recordMembers = {
  backOfficeId: 'BackOfficeId',
  emailAddress: 'EmailAddress',
  externalReferenceId: 'ExternalReferenceId',
  username: 'Username',
  webAlias: 'WebAlias',
} as const satisfies Record<LookUpName, keyof CustomerRecord>;

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
