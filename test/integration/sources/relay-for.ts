import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { type Stack, startStack } from '../../../local/stack.ts';
import type { Respond } from '../../test-server.ts';
import { untilNothingIsPending } from '../operator.ts';
import {
  type DeliveryReport,
  functionKey,
  newCustomer,
  outcomeOf,
  patchesOf,
  quickRetries,
  reportOf,
} from '../relay-under-test.ts';
import { startVendorApi, type VendorApi } from './vendor-api.ts';

/** A relay with the sources of one kind, for the tests of one file. To be used in their hooks and tests only. */
export interface RelayForTests extends Pick<Stack, 'host' | 'sandbox' | 'vault'> {
  /** A customer whom only the running test knows. */
  readonly customerId: string;
  /** Posts to a source, as JSON unless `headers` say otherwise. `path` is its name, maybe with a query. */
  post(
    path: string,
    body: string | Uint8Array<ArrayBuffer>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Response>;
  /** What became of a delivery that was answered 202. */
  outcomeOf(response: Response): Promise<DeliveryReport>;
  /** What became of a delivery that was taken with a vendor's own form of success. */
  reportOf(response: Response): Promise<DeliveryReport>;
  /** The delivery under which it is recorded what became of this one: for a repeat, the first one. */
  deliveryIdOf(response: Response): Promise<string>;
  /** The bodies of the PATCH calls for a customer, by default the one of the running test. */
  patches(customerId?: string): unknown[];
}

/**
 * Gives the tests of the calling file a relay with the sources of `<kind>.relay.json`, which repeats within seconds
 * what failed; `vendorApi` answers where it reads records from the kind's vendor. Each test begins with the sandbox
 * as it was at first and ends when nothing is pending: what one test sent does not reach the sandbox during the next.
 */
export function relayFor(kind: string, vendorApi?: Respond): RelayForTests {
  let api: VendorApi | undefined;
  let running: Stack | undefined;
  let customerId = '';

  const stack = (): Stack => {
    if (!running) throw new Error('the relay has not started yet: use it in hooks and tests only');
    return running;
  };

  beforeAll(async () => {
    api = vendorApi && (await startVendorApi(kind, vendorApi));
    const relayConfig = api?.relayConfig ?? `test/integration/sources/${kind}.relay.json`;
    running = await startStack({ relayConfig, host: { functionKey, env: quickRetries } });
  });
  afterAll(async () => {
    await running?.stop();
    await api?.stop();
  });
  beforeEach(() => {
    stack().sandbox.reset();
    customerId = newCustomer(stack());
  });
  afterEach(() => untilNothingIsPending(stack().host.url));

  return {
    get host() {
      return stack().host;
    },
    get sandbox() {
      return stack().sandbox;
    },
    get vault() {
      return stack().vault;
    },
    get customerId() {
      if (!customerId) throw new Error('no test is running yet: a customer belongs to a test');
      return customerId;
    },
    post: (path, body, headers) =>
      fetch(`${stack().host.url}/api/webhooks/${path}`, {
        method: 'POST',
        body,
        headers: { 'Content-Type': 'application/json', ...headers },
      }),
    outcomeOf: (response) => outcomeOf(stack(), response),
    reportOf: (response) => reportOf(stack(), response),
    deliveryIdOf: async (response) => (await reportOf(stack(), response)).deliveryId,
    patches: (of = customerId) => patchesOf(stack(), of),
  };
}
