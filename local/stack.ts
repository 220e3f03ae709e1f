import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { appFolder } from '../src/app-folder.ts';
import { startAzurite } from './azurite.ts';
import { type FunctionHost, type FunctionHostOptions, startFunctionHost } from './function-host.ts';
import {
  localSecretsOf,
  readRelayFile,
  type Sources,
  sourcesOf,
  withLocalVendors,
  withSamples,
  writeRelayFile,
} from './relay-file.ts';
import type { NewCustomer } from './sandbox/customer.ts';
import { type Sandbox, startSandbox } from './sandbox/sandbox.ts';
import { localSecret } from './sender.ts';
import { stateFolder } from './state-folder.ts';
import { startVault, type Vault } from './vault/vault.ts';
import { startVendors } from './vendors.ts';

/** What the relay needs around it, on loopback: DirectScale, Key Vault with managed identity, storage. */
export interface Surroundings {
  readonly sandbox: Sandbox;
  readonly vault: Vault;
  /** The app settings that make a relay use them. */
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

export interface SurroundingsOptions {
  readonly sandboxPort?: number;
  readonly vaultPort?: number;
  /** Keep storage and the sandbox's customers in this folder; otherwise they are in memory. */
  readonly keepIn?: string;
  /** Name of the secret that holds the subscription key. */
  readonly keySecret?: string;
  /** In the sandbox besides its own, or in their place. */
  readonly customers?: readonly NewCustomer[];
  /** Another file in place of relay.json, relative to the app's folder. */
  readonly relayConfig?: string;
  /** In place of a file: these sources, with what their samples need and the vendors' own APIs on this machine. */
  readonly sources?: Sources;
}

/** Starts sandbox, vault and Azurite, with the secrets that the sources need. */
export async function startSurroundings(options: SurroundingsOptions = {}): Promise<Surroundings> {
  await mkdir(stateFolder, { recursive: true });
  const vendors = options.sources && (await startVendors());
  const relayConfig =
    options.sources && vendors
      ? await writeRelayFile({ sources: await withSamples(options.sources, vendors) }, ownFolder())
      : options.relayConfig;
  try {
    const surroundings = await startServices(options, await localSecretsOf(await sourcesOf(relayConfig)));
    return {
      ...surroundings,
      env: { ...surroundings.env, ...(relayConfig && { RELAY_CONFIG: relayConfig }) },
      async stop() {
        await Promise.all([surroundings.stop(), vendors?.close()]);
        await rm(ownFolder(), { recursive: true, force: true });
      },
    };
  } catch (error) {
    await vendors?.close();
    throw error;
  }
}

/** The surroundings of a relay.json that is worked on. */
export interface OwnSurroundings extends Surroundings {
  /** Reads relay.json again. Throws {@link Unusable}. The folders and files that it is made of. */
  refresh(): Promise<readonly string[]>;
}

/**
 * The same for a relay.json that somebody works on: it runs as it is, with the vendors' APIs on this machine. It is read
 * by `refresh`, which must be called before the relay starts.
 */
export async function startOwnSurroundings(
  relayFile: string,
  options: Omit<SurroundingsOptions, 'relayConfig' | 'sources'>,
): Promise<OwnSurroundings> {
  const vendors = await startVendors();
  const services = await startServices(options, {}).catch(async (error: unknown) => {
    await vendors.close();
    throw error;
  });
  return {
    ...services,
    env: { ...services.env, RELAY_CONFIG: join(ownFolder(), 'relay.json') },
    async refresh() {
      const { sources, ...rest } = await readRelayFile(relayFile);
      await writeRelayFile({ ...rest, sources: await withLocalVendors(sources, vendors) }, ownFolder());
      for (const [name, value] of Object.entries(await localSecretsOf(sources)))
        services.vault.set(name, value);
      const mappings = Object.values(sources).flatMap(({ mapping }) => mapping ?? []);
      return [resolve(appFolder, relayFile), ...mappings];
    },
    async stop() {
      await Promise.all([services.stop(), vendors.close()]);
      await rm(ownFolder(), { recursive: true, force: true });
    },
  };
}

/** Of this process: another stack may run beside it. */
const ownFolder = (): string => join(stateFolder, `process-${process.pid}`);

async function startServices(
  options: SurroundingsOptions,
  secrets: Readonly<Record<string, string>>,
): Promise<Surroundings> {
  const subscriptionKey = localSecret('directscale-subscription-key');
  const { keepIn, keySecret = 'directscale-subscription-key' } = options;
  const started = await Promise.allSettled([
    startSandbox({
      subscriptionKeys: [subscriptionKey],
      port: options.sandboxPort ?? 0,
      ...(keepIn && { file: join(keepIn, 'customers.json') }),
      ...(options.customers && { customers: options.customers }),
    }),
    startVault({ secrets: { ...secrets, [keySecret]: subscriptionKey }, port: options.vaultPort ?? 0 }),
    startAzurite(keepIn ? { folder: join(keepIn, 'azurite') } : {}),
  ]);
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((one) => (one.status === 'fulfilled' ? one.value.close() : undefined)));
  };
  const [sandbox, vault, azurite] = started;
  if (sandbox.status === 'rejected' || vault.status === 'rejected' || azurite.status === 'rejected') {
    await stop();
    throw started.find((one) => one.status === 'rejected')?.reason;
  }
  return {
    sandbox: sandbox.value,
    vault: vault.value,
    env: {
      ...vault.value.env,
      AzureWebJobsStorage: azurite.value.connectionString,
      DIRECTSCALE_BASE_URL: sandbox.value.url,
    },
    stop,
  };
}

export interface Stack extends Surroundings {
  readonly host: FunctionHost;
}

/** Starts everything: the surroundings and a function host that uses them. */
export async function startStack(
  options: SurroundingsOptions & { readonly host?: Partial<FunctionHostOptions> } = {},
): Promise<Stack> {
  const surroundings = await startSurroundings(options);
  try {
    const host = await startFunctionHost({
      ...options.host,
      env: { ...surroundings.env, ...options.host?.env },
    });
    return {
      ...surroundings,
      host,
      async stop() {
        await host.stop();
        await surroundings.stop();
      },
    };
  } catch (error) {
    await surroundings.stop();
    throw error;
  }
}
