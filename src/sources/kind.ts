import type * as z from 'zod';
import type { LookUp } from '../domain/customer-reference.ts';
import type { JsonValue } from '../lib/json.ts';
import type { ChangesSince } from './changes-since.ts';
import type { FetchContext, VendorFailure } from './fetch-context.ts';
import type { KeptRequest, VerificationContext, Verifier, WebhookRequest } from './kept-request.ts';
import type { SecretForm } from './signing-key.ts';
import type { SubscriptionGuard } from './subscription.ts';

export type { JsonValue } from '../lib/json.ts';
export type { KeptRequest, VerificationContext, WebhookRequest } from './kept-request.ts';

/**
 * One thing that a delivery says and that stands for itself: what is wrong with it never holds up another one.
 *  - `payload`: goes to the mapping
 *  - `record`: what `fetch` needs to read the record that the event names; the mapping gets what it finds
 *  - `forAPerson`: parked with this reason, never sent
 */
export type DeliveryItem =
  | { readonly payload: JsonValue }
  | { readonly record: JsonValue }
  | { readonly forAPerson: string };

/**
 * What one authentic delivery says.
 *  - `changes`: a payload that the source's mapping turns into changes of customers
 *  - `items`: several things, each of which stands for itself, or events that only name a record
 *  - `for-a-person`: a deletion or a request to anonymize; parked, never sent
 *  - `references`: what a customer can be found by, now or at the ISO 8601 time `at`, and optionally a source's record to
 *    link to that customer
 *  - `ignored`: authentic, but not about a customer's data (a ping, a test, another topic)
 */
export type DeliveryContent =
  | { readonly type: 'changes'; readonly payload: unknown }
  | { readonly type: 'items'; readonly items: readonly DeliveryItem[] }
  | { readonly type: 'for-a-person'; readonly reason: string }
  | {
      readonly type: 'references';
      readonly customerId: string;
      readonly references: readonly LookUp[];
      readonly link?: { readonly source: string; readonly recordId: string };
      readonly at?: string;
    }
  | { readonly type: 'ignored'; readonly reason: string };

/**
 * What reading a record came to.
 *  - `found`: the payload for the mapping
 *  - `for-a-person`: what happened to the record is parked, never sent
 *  - `gone`: the vendor has no such record (any more)
 */
export type Fetched =
  | { readonly type: 'found'; readonly payload: unknown }
  | { readonly type: 'for-a-person'; readonly reason: string }
  | { readonly type: 'gone' }
  | VendorFailure;

export interface Delivery {
  /** Equal for every attempt to send the same delivery, different for any other one of this source. */
  readonly id: string;
  /** The sender's name for what happened, for instance `customers/update`. */
  readonly topic?: string;
  /** The signed time of sending, for a kind whose ids are not signed: sent again under another id, it is as old as it was. */
  readonly sentAt?: Date;
  readonly content: DeliveryContent;
}

/** An answer that the vendor's protocol prescribes, for instance to a handshake. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A body that the kind cannot read: the caller gets a 400 with these words. */
export class MalformedDelivery extends Error {
  readonly code = 'malformed-delivery';
}

/** A protocol that a source can speak. One folder beside this file holds one kind. */
export interface SourceKind<Options = unknown> extends Verifier<Options> {
  readonly name: string;
  /** The kind's own settings: `options` of a source in `relay.json`. */
  readonly options: z.ZodType<Options>;
  /** The mapping file that ships for this kind, relative to the app's folder; absent: a source must name its own, or `selfMapped`. */
  readonly mapping?: string;
  /** True when the payload already is the relay's own form and needs no mapping. */
  readonly selfMapped?: boolean;
  /** True when every field may be sent unless `allow` says less; false: dangerous fields only where `allow` lists them. */
  readonly trusted: boolean;
  /** Largest body that its sender makes, in bytes; absent: as large as any. `maxBodyBytes` of a source comes before it. */
  readonly maxBodyBytes?: number;
  /**
   * Whether the time of sending is signed: then a change without a time of its own happened when it was received, or at `sentAt`
   * of its delivery. Where it is not, or this is absent, who recorded a request can send it again at any time.
   */
  signsTime?(options: Options): boolean;
  /** True: the address that the sender calls is signed, so that it must be known here as it is known there. */
  readonly signsAddress?: true;
  /** What its secrets are; absent: `text`. */
  secretForm?(options: Options): SecretForm;
  /** Answers a handshake that comes before any delivery; undefined: not a handshake. */
  handshake?(request: WebhookRequest, context: VerificationContext<Options>): Reply | undefined;
  /** What an authentic request says. Throws {@link MalformedDelivery} for a body that cannot be read. */
  read(request: KeptRequest, options: Options): Delivery;
  /** What the vendor counts as success, where a 202 is not enough; undefined: here it is. */
  acknowledge?(request: KeptRequest, options: Options): Reply | undefined;
  /**
   * Whether a payload for the mapping holds a record as it is, of which nobody says what changed. Absent: none does; then
   * nobody is looked up by a value that the change itself sets, unless the mapping says `"snapshot": true`.
   */
  isSnapshot?(payload: unknown): boolean;
  /** Reads the record that an event names: what a `record` of an item holds. Rejects only with what reading a secret throws. */
  fetch?(record: JsonValue, context: FetchContext<Options>): Promise<Fetched>;
  /** Reads which customers changed; absent: the vendor has no API for it. */
  readonly changesSince?: ChangesSince<Options>;
  /** Asks whether the vendor still sends its webhooks here; absent: the vendor does not tell. */
  readonly subscription?: SubscriptionGuard<Options>;
}
