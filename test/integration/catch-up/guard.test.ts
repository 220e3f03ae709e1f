import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { runScript } from '../../scripts/run-script.ts';
import { call, functionKey, until } from '../operator.ts';
import { type RelayWithShops, startRelayWithShops } from './relay-with-shops.ts';

let relay: RelayWithShops;

beforeAll(async () => {
  relay = await startRelayWithShops();
});
afterAll(() => relay?.stop());

const webhook = (status: string, topic: string, id: number) => ({
  id,
  status,
  topic,
  name: 'Relay',
  delivery_url: 'https://relay.example.com/api/webhooks/woo',
});

interface Health {
  readonly status: string;
  readonly subscriptions?: readonly {
    readonly source: string;
    readonly state: string;
    readonly checkedAt: string;
    readonly problems: readonly string[];
  }[];
}

async function healthOf({ host }: RelayWithShops): Promise<Health> {
  return (await (await call(host.url, 'health/details')).json()) as Health;
}

/** Runs the daily timer, and waits for what it leaves in the log of the host. */
async function look({ host }: RelayWithShops): Promise<void> {
  const lines = () => host.log().split('subscription: {"source":"woo"').length;
  const before = lines();
  const response = await fetch(`${host.url}/admin/functions/guardSubscriptions`, {
    method: 'POST',
    headers: { 'x-functions-key': functionKey },
    body: '{}',
  });
  expect(response.status).toBe(202);
  await until(() => lines() > before, 'the guard has looked');
}

const check = (...args: string[]) =>
  runScript('check', ['--subscriptions', ...args], {
    ...relay.env,
    KEY_VAULT_URL: relay.env.KEY_VAULT_URL ?? '',
    PUBLIC_URL: 'https://relay.example.com',
  });

test('a webhook that the shop switched off is named by health and check, and switched on again by --repair', async () => {
  relay.woo.subscriptions.set('1', webhook('disabled', 'customer.updated', 1));
  relay.woo.subscriptions.set('2', webhook('active', 'customer.created', 2));
  await look(relay);
  const broken = await healthOf(relay);
  expect(broken.status).toBe('degraded');
  expect(broken.subscriptions).toContainEqual(
    expect.objectContaining({
      source: 'woo',
      state: 'broken',
      problems: [expect.stringContaining('customer.updated')],
    }),
  );
  expect((await check()).out).toMatch(/^BAD {2}woo: its webhook: .*customer\.updated/m);
  // A look changes nothing.
  expect(relay.woo.subscriptions.get('1')?.status).toBe('disabled');

  expect((await check('--repair')).out).toMatch(/^ok {3}woo: its webhook is put right/m);
  expect(relay.woo.subscriptions.get('1')?.status).toBe('active');
  await look(relay);
  const { subscriptions = [] } = await healthOf(relay);
  expect(subscriptions.filter(({ source }) => source === 'woo')).toEqual([]);
}, 60_000);

test('with repairSubscription the timer switches it on by itself', async () => {
  await using own = await ownRelay();
  own.relay.woo.subscriptions.set('1', webhook('disabled', 'customer.updated', 1));
  own.relay.woo.subscriptions.set('2', webhook('active', 'customer.created', 2));
  await look(own.relay);
  expect(own.relay.woo.subscriptions.get('1')?.status).toBe('active');
  await vi.waitFor(() => expect(own.relay.host.log()).toContain('"isRepaired":true'), 15_000);
});

async function ownRelay() {
  const own = await startRelayWithShops({ every: '1 h', repairSubscription: true });
  return { relay: own, [Symbol.asyncDispose]: () => own.stop() };
}

test('a vendor that does not answer is told as that, and says nothing against its webhook', async () => {
  relay.woo.faults.push({ status: 500 }, { status: 500 });
  await look(relay);
  relay.woo.faults.length = 0;
  const { subscriptions = [] } = await healthOf(relay);
  expect(subscriptions).toContainEqual(expect.objectContaining({ source: 'woo', state: 'unavailable' }));
});
