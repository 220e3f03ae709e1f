import { afterAll, beforeAll, expect, test } from 'vitest';
import { localSecret, senderOf } from '../../../local/sender.ts';
import { call } from '../operator.ts';
import { type RelayWithVendors, sampleFor, startRelayWithVendors } from './relay-with-vendors.ts';
import { wires } from './wires.ts';

const PUBLIC_URL = 'https://apim.example.com/relay/';
const address = 'https://apim.example.com/relay/api/webhooks/hubspot';

let relay: RelayWithVendors;
beforeAll(async () => {
  relay = await startRelayWithVendors({}, { PUBLIC_URL });
});
afterAll(() => relay?.stop());

/** Posts as a proxy would: signed for `signed`, sent to the relay itself. */
async function post(signed: string): Promise<Response> {
  const id = relay.newCustomer();
  const text = wires.hubspot?.send(sampleFor('hubspot', id), id).body ?? '';
  const sender = await senderOf('hubspot');
  const body = Buffer.from(text);
  const headers = sender.headers(body, localSecret('hubspot-secret'), new Date(), new URL(signed));
  return fetch(`${relay.host.url}/api/webhooks/hubspot`, { method: 'POST', body, headers });
}

test('F42: the path of PUBLIC_URL is part of what is signed, and of where the delivery is', async () => {
  const response = await post(address);
  expect(response.status).toBe(202);
  expect(response.headers.get('location')).toMatch('https://apim.example.com/relay/api/deliveries/');
});

test('a signature for the address without it is refused', async () => {
  expect((await post('https://apim.example.com/api/webhooks/hubspot')).status).toBe(401);
  expect((await post(`${relay.host.url}/api/webhooks/hubspot`)).status).toBe(401);
});

test('health says which address must be signed, of the kinds that sign it', async () => {
  const details = (await (await call(relay.host.url, 'health/details')).json()) as object;
  expect(details).toMatchObject({ signedAddresses: { hubspot: address } });
  expect(Object.keys(Object(Reflect.get(details, 'signedAddresses')))).toEqual(['hubspot']);
});
