import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Stack, startStack } from '../../local/stack.ts';

let stack: Stack;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'preview-'));
  const mapping =
    '{"customer": {"emailAddress": email, "customerId": own_id}, "recordId": $string(id), "fields": {"FirstName": first_name}}';
  await writeFile(join(folder, 'shop.jsonata'), mapping);
  const shop = { kind: 'shopify', secrets: ['shop'], mapping: 'shop.jsonata' };
  const relayConfig = join(folder, 'relay.json');
  await writeFile(
    relayConfig,
    JSON.stringify({ sources: { shop, open: { ...shop, lookUp: ['emailAddress'] } } }),
  );
  stack = await startStack({ relayConfig });
});
afterAll(async () => {
  await stack?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function preview(source: string, payload: object, headers: Record<string, string> = {}) {
  const response = await fetch(`${stack.host.url}/api/preview/${source}`, {
    method: 'POST',
    headers: { 'X-Shopify-Topic': 'customers/update', ...headers },
    body: JSON.stringify(payload),
  });
  return response.json() as Promise<{ status: string; changes?: { note?: string }[] }>;
}

const notes = async (source: string, payload: object) =>
  (await preview(source, payload)).changes?.map(({ note }) => note);

describe('a preview tells what the live way would park', () => {
  const customer = { id: 1, first_name: 'Lea', email: 'lea@example.com' };

  test('a customer named by what relay.json does not allow', async () => {
    expect(await notes('shop', customer)).toEqual([
      'would be parked unless the record is linked: emailAddress is not looked up: relay.json does not list it under lookUp',
    ]);
  });

  test('a customer named by nothing', async () => {
    expect(await notes('open', { ...customer, email: '' })).toEqual([
      'would be parked unless the record is linked: the mapping gives nothing to look the customer up by',
    ]);
  });

  test('nothing, if it looks the customer up or has the id', async () => {
    expect(await notes('open', customer)).toEqual([undefined]);
    expect(await notes('shop', { ...customer, own_id: '10542' })).toEqual([undefined]);
  });
});

test('only the headers that the kind reads are seen, as on the live way', async () => {
  const customer = { id: 1, first_name: 'Lea', own_id: '10542' };
  expect(await preview('shop', customer, { 'X-Shopify-Test': 'true' })).toMatchObject({ status: 'ignored' });
  expect(await preview('shop', customer, { 'X-Other': 'true' })).toMatchObject({ status: 'mapped' });
});
