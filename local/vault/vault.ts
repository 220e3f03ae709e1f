import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo, Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localCertificate } from '../certificate.ts';
import { sendJson } from './json-answer.ts';
import { getSecret } from './key-vault.ts';
import { ManagedIdentity } from './managed-identity.ts';
import { SecretStore } from './secret-store.ts';

/** A running key vault with the managed identity that may read it. */
export interface Vault {
  /** `https://localhost:PORT`. A client needs `disableChallengeResourceVerification: true` for it. */
  readonly url: string;
  /** The PEM that a process must trust (`NODE_EXTRA_CA_CERTS`). */
  readonly caFile: string;
  readonly identityEndpoint: string;
  readonly identityHeader: string;
  /** What a process needs in its environment to read the vault by `ManagedIdentityCredential`. */
  readonly env: Readonly<
    Record<'KEY_VAULT_URL' | 'NODE_EXTRA_CA_CERTS' | 'IDENTITY_ENDPOINT' | 'IDENTITY_HEADER', string>
  >;
  /** Adds a version, as a rotation does. Throws on a name that Key Vault would refuse. */
  set(name: string, value: string): void;
  remove(name: string): void;
  /** From now on a read of the current version answers 403. Throws when there is no such secret. */
  disable(name: string): void;
  /** How many authorised requests asked for this secret, whatever the answer. */
  reads(name: string): number;
  /** Breaks every connection and refuses new ones, until `up`. The identity endpoint stays up. */
  down(): void;
  up(): void;
  close(): Promise<void>;
}

export interface VaultOptions {
  /** 0, the default, lets the system choose. */
  readonly port?: number;
  readonly secrets?: Readonly<Record<string, string>>;
  /** Keeps the certificate from one start to the next; without it each start makes its own. */
  readonly certificateFolder?: string;
}

/** Starts a Key Vault over https and an App Service identity endpoint over http, both on 127.0.0.1. */
export async function startVault(options: VaultOptions = {}): Promise<Vault> {
  const temporary = options.certificateFolder ? undefined : await mkdtemp(join(tmpdir(), 'vault-'));
  const certificate = await localCertificate(
    options.certificateFolder ?? join(temporary ?? '', 'certificate'),
  );

  const secrets = new SecretStore();
  for (const [name, value] of Object.entries(options.secrets ?? {})) secrets.set(name, value);

  const identity = new ManagedIdentity();
  let url = '';
  const server = createServer({ key: certificate.key, cert: certificate.cert }, (request, response) =>
    sendJson(response, getSecret(request, url, secrets, identity)),
  );
  const sockets = new Set<Socket>();
  let answering = true;
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    if (!answering) socket.destroy();
  });
  const down = () => {
    answering = false;
    for (const socket of sockets) socket.destroy();
  };

  url = `https://localhost:${await listen(server, options.port ?? 0)}`;
  const identityEndpoint = `http://127.0.0.1:${await listen(identity.server, 0)}${identity.path}`;

  return {
    url,
    caFile: certificate.certFile,
    identityEndpoint,
    identityHeader: identity.header,
    env: {
      KEY_VAULT_URL: url,
      NODE_EXTRA_CA_CERTS: certificate.certFile,
      IDENTITY_ENDPOINT: identityEndpoint,
      IDENTITY_HEADER: identity.header,
    },
    set: (name, value) => secrets.set(name, value),
    remove: (name) => secrets.remove(name),
    disable: (name) => secrets.disable(name),
    reads: (name) => secrets.reads(name),
    down,
    up: () => {
      answering = true;
    },
    close: async () => {
      down();
      identity.server.closeAllConnections();
      await Promise.all([closed(server), closed(identity.server)]);
      if (temporary) await rm(temporary, { recursive: true, force: true });
    },
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
