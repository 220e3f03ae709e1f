/** What a kind needs to read a record from its vendor. */
export interface FetchContext<Options> {
  readonly options: Options;
  /** Reads a secret by name. Rejects as the vault does. */
  secret(name: string): Promise<string>;
  /** Deadline of one call, in ms. */
  readonly timeoutMs: number;
}

/**
 * Why a vendor gave no answer that can be used.
 *  - `unavailable`: again later
 *  - `refused-by-vendor`: the vendor refuses the token, or the address is wrong: it waits until that is corrected
 */
export type VendorFailure =
  | { readonly type: 'unavailable'; readonly status?: number; readonly retryAfterMs?: number }
  | { readonly type: 'refused-by-vendor'; readonly status?: number };
