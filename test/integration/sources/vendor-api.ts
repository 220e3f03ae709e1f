import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stateFolder } from '../../../local/state-folder.ts';
import { type Respond, startServer } from '../../test-server.ts';

/** Where the relay files of these tests say that the vendor's API is. */
const placeholder = 'http://127.0.0.1:1';

/** A vendor's API, from which a relay reads records. */
export interface VendorApi {
  /** A relay file whose sources call it. */
  readonly relayConfig: string;
  stop(): Promise<void>;
}

/** Starts `respond` as the API of a kind's vendor, and writes `<kind>.relay.json` anew, with its address. */
export async function startVendorApi(kind: string, respond: Respond): Promise<VendorApi> {
  const relay = await readFile(`test/integration/sources/${kind}.relay.json`, 'utf8');
  await mkdir(stateFolder, { recursive: true });
  const relayConfig = join(stateFolder, `${kind}-${process.pid}.relay.json`);
  const server = await startServer(respond);
  await writeFile(relayConfig, relay.replaceAll(placeholder, server.url.origin));
  return {
    relayConfig,
    async stop() {
      await server[Symbol.asyncDispose]();
      await rm(relayConfig, { force: true });
    },
  };
}
