import { randomUUID } from 'node:crypto';

/** One version of a secret. */
export interface SecretVersion {
  readonly version: string;
  readonly value: string;
  /** Unix seconds. */
  readonly created: number;
  enabled: boolean;
}

/** Named secrets with their versions. Names are case-insensitive, as in Key Vault. */
export class SecretStore {
  readonly #versions = new Map<string, SecretVersion[]>();
  readonly #reads = new Map<string, number>();

  /** Adds a new version, which becomes the current one. Throws on a name that Key Vault would refuse. */
  set(name: string, value: string): void {
    if (!/^[0-9a-zA-Z-]{1,127}$/.test(name)) {
      throw new Error(`${name} is not a secret name: 1 to 127 letters, digits and hyphens`);
    }
    const version = {
      version: randomUUID().replaceAll('-', ''),
      value,
      created: Math.floor(Date.now() / 1000),
      enabled: true,
    };
    this.#versions.set(name.toLowerCase(), [...(this.#versions.get(name.toLowerCase()) ?? []), version]);
  }

  remove(name: string): void {
    this.#versions.delete(name.toLowerCase());
  }

  /** Disables the current version. Throws when there is none. */
  disable(name: string): void {
    const current = this.#versions.get(name.toLowerCase())?.at(-1);
    if (!current) throw new Error(`There is no secret ${name}`);
    current.enabled = false;
  }

  /** The version asked for, or the current one; counts the read, also of a name that doesn't exist. */
  read(name: string, version?: string): SecretVersion | undefined {
    this.#reads.set(name.toLowerCase(), this.reads(name) + 1);
    const versions = this.#versions.get(name.toLowerCase());
    return version ? versions?.find((one) => one.version === version) : versions?.at(-1);
  }

  reads(name: string): number {
    return this.#reads.get(name.toLowerCase()) ?? 0;
  }
}
