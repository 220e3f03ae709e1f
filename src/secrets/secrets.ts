import { SecretMissing, type SecretStore, SecretStoreUnavailable } from './secret-store.ts';

/** How long the read of a store that failed is not repeated: when there is an old value to serve, and when there is none. */
const pauseMs = { withValue: 15_000, withoutValue: 2000 };
/** How long a secret is not looked for again that the store does not have. */
const missingPauseMs = 30_000;

type SecretFailure = SecretMissing | SecretStoreUnavailable;

/** The state of one secret, for health. Never the value. */
export interface SecretReport {
  readonly name: string;
  readonly store: SecretStore['name'];
  /** Age of the value in use, in milliseconds; absent when there is none. */
  readonly ageMs?: number;
  /** Code and words of the last read, if it failed. */
  readonly failure?: { readonly code: SecretFailure['code']; readonly message: string };
}

/** Secrets by name: cached, read once at a time, kept while the store is down. None has line ends around it. */
export interface Secrets {
  /** Throws what the store threw, when there is no value to serve. */
  get(name: string): Promise<string>;
  /** Reads anew, but each secret at most once in the set interval; otherwise as {@link get}. */
  refresh(name: string): Promise<string>;
  report(): SecretReport[];
}

export interface SecretsOptions {
  readonly store: SecretStore;
  /** How long a value is used before it is read again. */
  readonly ttlMs: number;
  readonly minRefreshIntervalMs: number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

interface Entry {
  value?: string;
  readAt: number;
  /** Not read again before this time. */
  nextReadAt: number;
  lastForcedAt: number;
  failure?: SecretFailure;
  reading?: Promise<void>;
}

export function createSecrets({
  store,
  ttlMs,
  minRefreshIntervalMs,
  now = Date.now,
}: SecretsOptions): Secrets {
  const entries = new Map<string, Entry>();

  function entryOf(name: string): Entry {
    let entry = entries.get(name);
    if (!entry) {
      entry = { readAt: 0, nextReadAt: 0, lastForcedAt: Number.NEGATIVE_INFINITY };
      entries.set(name, entry);
    }
    return entry;
  }

  async function read(name: string, entry: Entry): Promise<void> {
    try {
      entry.value = withoutLineEnds(await store.read(name));
      entry.readAt = now();
      entry.nextReadAt = entry.readAt + ttlMs;
      delete entry.failure;
    } catch (error) {
      entry.failure = typed(error, name);
      // The store has spoken: a secret that was removed or disabled must not be honoured any longer.
      if (entry.failure instanceof SecretMissing) {
        delete entry.value;
        // Each forged webhook asks for it, and then for a forced reading.
        entry.lastForcedAt = now();
        entry.nextReadAt = now() + missingPauseMs;
      } else
        entry.nextReadAt = now() + (entry.value === undefined ? pauseMs.withoutValue : pauseMs.withValue);
    } finally {
      delete entry.reading;
    }
  }

  /** All who ask while a read is under way share it. */
  function readOnce(name: string, entry: Entry): Promise<void> {
    entry.reading ??= read(name, entry);
    return entry.reading;
  }

  async function get(name: string): Promise<string> {
    const entry = entryOf(name);
    if (now() >= entry.nextReadAt) await readOnce(name, entry);
    if (entry.value !== undefined) return entry.value;
    throw entry.failure ?? new SecretStoreUnavailable(`the secret ${name} was not read`);
  }

  return {
    get,
    async refresh(name) {
      const entry = entryOf(name);
      if (entry.reading !== undefined) await entry.reading;
      else if (now() - entry.lastForcedAt >= minRefreshIntervalMs) {
        entry.lastForcedAt = now();
        await readOnce(name, entry);
      }
      return get(name);
    },
    report: () =>
      [...entries].map(([name, { value, readAt, failure }]) => ({
        name,
        store: store.name,
        ...(value !== undefined && { ageMs: now() - readAt }),
        ...(failure && { failure: { code: failure.code, message: failure.message } }),
      })),
  };
}

/** `az keyvault secret set --file` keeps the line end of the file. */
function withoutLineEnds(secret: string): string {
  return secret.replace(/^[\r\n]+/, '').replace(/[\r\n]+$/, '');
}

/** The words of any other error are not ours and could hold a value: they stay in the cause. */
function typed(error: unknown, name: string): SecretFailure {
  if (error instanceof SecretMissing || error instanceof SecretStoreUnavailable) return error;
  return new SecretStoreUnavailable(`the secret ${name} cannot be read`, { cause: error });
}
