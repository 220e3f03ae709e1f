import type { Change } from '../domain/change.ts';
import type { LeftOut } from '../domain/left-out.ts';
import type { Violation } from '../domain/violation.ts';

/** A change as a mapping gives it. */
export type MappedChange = Change & {
  /** Who made it in the system that it comes from; absent: that is not told. */
  readonly changedBy?: string;
  /** Its fields are those of a record as it is: nobody says which of them changed. */
  readonly isSnapshot?: true;
};

/** What one element of a mapping's output says: each stands for itself. */
export type MappedElement =
  | {
      readonly type: 'change';
      readonly change: MappedChange;
      /** What the element gives and cannot be used, by path of the field: `PrimaryAddress.Region`. */
      readonly leftOut: readonly LeftOut[];
      /** Its position in the output, if that is a list. */
      readonly index?: number;
    }
  | {
      /** Who, when or everything that changed cannot be read. */
      readonly type: 'unusable';
      readonly violations: readonly Violation[];
      readonly recordId?: string;
      readonly customerId?: string;
      readonly occurredAt?: string;
      readonly changedBy?: string;
      readonly leftOut: readonly LeftOut[];
      readonly index?: number;
    };

/** Every element of what a mapping yields, in its order; or everything that is wrong with the output as a whole. */
export type MappingResult =
  | { readonly ok: true; readonly elements: readonly MappedElement[] }
  | { readonly ok: false; readonly violations: readonly Violation[] };
