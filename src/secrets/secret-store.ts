/** Where secrets are kept: Key Vault or app settings. */
export interface SecretStore {
  readonly name: 'key-vault' | 'app-settings';
  /** Throws {@link SecretMissing} or {@link SecretStoreUnavailable}. */
  read(secret: string): Promise<string>;
}

/** The store answered: there is no such secret, or it is disabled. */
export class SecretMissing extends Error {
  readonly code = 'secret-missing';
}

/** The store did not answer, or refused us. */
export class SecretStoreUnavailable extends Error {
  readonly code = 'secret-store-unavailable';
}
