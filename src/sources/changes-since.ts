import type { JsonValue } from '../lib/json.ts';
import type { FetchContext, VendorFailure } from './fetch-context.ts';

/** Which customers of the vendor are asked for: changed at `since` or later, and not after `until`. */
export interface Window {
  /** Absent: all of them. */
  readonly since?: Date;
  /** Fixed at the start of a run, so that what changes meanwhile does not move behind the reader. */
  readonly until: Date;
  /** True: customers as they are now are compared. Events of the past are not asked for. */
  readonly isCompared?: true;
  /** `next` of the page before; absent: the first page. */
  readonly at?: JsonValue;
}

/** A customer as the vendor's API gives it. */
export interface ReadCustomer {
  /** As the kind's mapping gives it in `recordId`. */
  readonly recordId: string;
  /** When the record last changed, by the vendor's clock (ISO 8601); absent: the vendor does not say. */
  readonly changedAt?: string;
  /** What the mapping gets: the form that the kind's webhooks have. */
  readonly payload: JsonValue;
}

/**
 * What reading a page came to.
 *  - `page`: its customers, in the order of their last change where the vendor can sort so. `next`: where the next page begins; absent: this is
 *    the last one. It survives a restart, and holds no secret and no personal data.
 *    `events`: the customers are not as they are now, but as events of the past tell them, each as of its `changedAt`; in this order
 *  - `not-told`: this vendor, or this configuration of it, cannot be asked, or does not answer what was asked; the reason says why
 */
export type PageOfChanges =
  | {
      readonly type: 'page';
      readonly customers: readonly ReadCustomer[];
      readonly events?: 'newest-first' | 'oldest-first';
      readonly next?: JsonValue;
    }
  | { readonly type: 'not-told'; readonly reason: string }
  | VendorFailure;

/** How a kind reads from its vendor's API which customers changed. */
export interface ChangesSince<Options> {
  /** How late a changed record may become visible in the API, in ms: each run looks back by this much. */
  readonly lookBackMs: number;
  /** True: the vendor cannot filter by time. Every run reads all, and compares. */
  readonly readsAll?: true;
  /** How far back the vendor can be asked, in ms; absent: without limit. */
  reachesBackMs?(options: Options): number | undefined;
  /** Reads one page. Rejects only with what reading a secret throws. */
  read(window: Window, context: FetchContext<Options>): Promise<PageOfChanges>;
}
