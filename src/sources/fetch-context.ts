/** What a kind needs to read a record from its vendor. */
export interface FetchContext<Options> {
  readonly options: Options;
  /** Reads a secret by name. Rejects as the vault does. */
  secret(name: string): Promise<string>;
  /** Deadline of one call, in ms. */
  readonly timeoutMs: number;
}
