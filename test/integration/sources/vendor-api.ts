import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Stack, startStack, stateFolder } from '../../../local/stack.ts';
import { functionKey, quickRetries } from '../relay-under-test.ts';

/** Where the relay files of these tests say that the vendor's API is. */
const placeholder = 'http://127.0.0.1:1';

/** A relay that reads records from a vendor's API, and that API. */
export interface RelayWithVendor {
  readonly stack: Stack;
  stop(): Promise<void>;
}

/** Starts `answer` as the API of a kind's vendor, and a stack with the sources of `<kind>.relay.json` that call it. */
export async function startRelayWithVendor(kind: string, answer: RequestListener): Promise<RelayWithVendor> {
  const api = createServer(answer);
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
  const relay = await readFile(`test/integration/sources/${kind}.relay.json`, 'utf8');
  await mkdir(stateFolder, { recursive: true });
  const relayConfig = join(stateFolder, `${kind}-${process.pid}.relay.json`);
  await writeFile(relayConfig, relay.replaceAll(placeholder, url));
  const closeApi = async () => {
    api.closeAllConnections();
    api.close();
    await rm(relayConfig, { force: true });
  };
  try {
    const stack = await startStack({ relayConfig, host: { functionKey, env: quickRetries } });
    return {
      stack,
      async stop() {
        await stack.stop();
        await closeApi();
      },
    };
  } catch (error) {
    await closeApi();
    throw error;
  }
}
