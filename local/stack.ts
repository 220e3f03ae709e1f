import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { appFolder } from '../src/app-folder.ts';
import { startAzurite } from './azurite.ts';
import { type FunctionHost, type FunctionHostOptions, startFunctionHost } from './function-host.ts';
import { localSecretsOf, type Sources, sourcesOf, writeLocalRelayFile } from './relay-file.ts';
import { type Sandbox, startSandbox } from './sandbox/sandbox.ts';
import { localSecret } from './sender.ts';
import { startVault, type Vault } from './vault/vault.ts';
import { startVendors } from './vendors.ts';

/** All that the local stack keeps on disk. Ignored by git; delete it to start afresh. */
export const stateFolder = join(appFolder, '.local');

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
  /** Keep Azurite's data in the state folder; otherwise it is in memory. */
  readonly keepStorage?: boolean;
  /** Another file in place of relay.json, relative to the app's folder. */
  readonly relayConfig?: string;
  /** In place of a file: these sources, with the vendors' own APIs on this machine. */
  readonly sources?: Sources;
}

/** Starts sandbox, vault and Azurite, with the secrets that the sources need. */
export async function startSurroundings(options: SurroundingsOptions = {}): Promise<Surroundings> {
  await mkdir(stateFolder, { recursive: true });
  const subscriptionKey = localSecret('directscale-subscription-key');
  const vendors = options.sources && (await startVendors());
  // Of this process: another stack may run beside it.
  const ownFolder = join(stateFolder, `process-${process.pid}`);
  const relayConfig =
    options.sources && vendors
      ? await writeLocalRelayFile(options.sources, ownFolder, vendors)
      : options.relayConfig;
  const secrets = {
    ...(await localSecretsOf(await sourcesOf(relayConfig))),
    'directscale-subscription-key': subscriptionKey,
  };
  const [sandbox, vault, azurite] = await Promise.all([
    startSandbox({ subscriptionKeys: [subscriptionKey], port: options.sandboxPort ?? 0 }),
    startVault({ secrets, port: options.vaultPort ?? 0 }),
    startAzurite(options.keepStorage ? { folder: join(stateFolder, 'azurite') } : {}),
  ]);
  return {
    sandbox,
    vault,
    env: {
      ...vault.env,
      AzureWebJobsStorage: azurite.connectionString,
      DIRECTSCALE_BASE_URL: sandbox.url,
      ...(relayConfig && { RELAY_CONFIG: relayConfig }),
    },
    async stop() {
      await Promise.all([sandbox.close(), vault.close(), azurite.close(), vendors?.close()]);
      await rm(ownFolder, { recursive: true, force: true });
    },
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
