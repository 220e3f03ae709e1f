import * as z from 'zod';
import type { ChangedFields } from '../domain/changed-fields.ts';
import { dangerousFields } from '../domain/customer-patch.ts';
import { type LookUpName, lookUpNames } from '../domain/customer-reference.ts';
import type { Violation } from '../domain/violation.ts';
import type { Mapping } from '../mapping/mapping.ts';
import type { SourceKind } from '../sources/kind.ts';

/** The name of a source, as relay.json and the address of its webhook have it. */
export const sourceNameSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, { error: 'must be lower-case letters, digits and hyphens' });

/** The name under which changes of the direct route are recorded. No source may have it. */
export const directSource = 'direct';
/** The name under which messages of the queue that are not ours are recorded. No source may have it. */
export const queueSource = 'queue';

/** See `catchUp` in relay.json. */
export interface CatchUp {
  /** In ms. */
  readonly every: number;
  readonly reconcile: boolean;
  readonly repairSubscription: boolean;
}

/** A configured source, ready to receive: `relay.json`'s entry with its kind and its mapping. */
export interface Source {
  readonly name: string;
  readonly kind: SourceKind;
  readonly options: unknown;
  readonly secretNames: readonly string[];
  /**
   * The compiled mapping. Rejects with a MappingUnusable. Absent for a kind whose payload already is the relay's own form.
   */
  readonly mapping?: () => Promise<Mapping>;
  /** `sync`: a webhook is answered with the outcome of the first attempt. */
  readonly mode: 'queued' | 'sync';
  /** True: a change of it is written as a whole or not at all. */
  readonly isStrict: boolean;
  /** Largest body of a request in bytes, where it is less than MAX_BODY_BYTES says. */
  readonly maxBodyBytes?: number;
  /** Fields that this source may not send. */
  readonly forbidden: ReadonlySet<string>;
  /** What its customers may be looked up by. */
  readonly lookUp: ReadonlySet<LookUpName>;
  /** How its vendor is asked for changes by a timer; absent: it is not. */
  readonly catchUp?: CatchUp;
  /** Users of the sender whose changes are ignored: they come from DirectScale. */
  readonly ignoreChangedBy: ReadonlySet<string>;
}

/**
 * What customers may be looked up by: all of `lookUp`; by default everything for a trusted sender, and for others
 * everything but the e-mail address, which in many shops anybody can set to anybody's.
 */
export function allowedLookUps(
  lookUp: readonly LookUpName[] | undefined,
  trusted: boolean,
): ReadonlySet<LookUpName> {
  return new Set(lookUp ?? lookUpNames.filter((name) => trusted || name !== 'emailAddress'));
}

/** The dangerous fields that stay forbidden: all but those in `allow`; none for a trusted sender without `allow`. */
export function forbiddenFields(allow: readonly string[] | undefined, trusted: boolean): ReadonlySet<string> {
  if (!allow && trusted) return new Set();
  return new Set(dangerousFields.filter((field) => !allow?.includes(field)));
}

/** A violation for each field of the patch that may not be sent. */
export function forbiddenFieldsOf(patch: ChangedFields, forbidden: ReadonlySet<string>): Violation[] {
  return Object.keys(patch)
    .filter((field) => forbidden.has(field))
    .map((field) => ({
      path: field,
      message: 'may not be sent: list it under "allow" in relay.json if it should',
    }));
}
