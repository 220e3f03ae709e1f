import type { FetchContext, VendorFailure } from './fetch-context.ts';

/** What the vendor must have subscribed for the relay. */
export interface WantedSubscription {
  /** The address of the source's webhook. */
  readonly url: URL;
  /** The secrets that sign its webhooks, the newest first: some vendors are told it. */
  readonly secretNames: readonly string[];
}

/**
 * What the vendor says of the subscription.
 *  - `found`: `problems` in words, such as "switched off", "the topic customers/create is missing"; none: it is as it should be
 *  - `not-told`: this vendor, or this configuration of it, cannot be asked; the reason says why
 */
export type SubscriptionState =
  | { readonly type: 'found'; readonly problems: readonly string[]; readonly endsAt?: string }
  | { readonly type: 'not-told'; readonly reason: string }
  | VendorFailure;

/** How a kind asks its vendor for the relay's subscription, and registers it again. */
export interface SubscriptionGuard<Options> {
  /** Reads only. Rejects only with what reading a secret throws. */
  look(wanted: WantedSubscription, context: FetchContext<Options>): Promise<SubscriptionState>;
  /**
   * Registers, switches on or renews what is wanted, and looks again. Never touches a subscription with another address.
   * Rejects only with what reading a secret throws.
   */
  repair(wanted: WantedSubscription, context: FetchContext<Options>): Promise<SubscriptionState>;
}
