import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Stack } from '../../local/stack.ts';
import { openApi } from '../../src/http/openapi/document.ts';
import { operations } from '../../src/http/openapi/operations.ts';
import { asVersion2 } from '../../src/http/openapi/version-2.ts';
import { expectDescribed } from '../http/openapi/expect-described.ts';
import {
  functionKey,
  newCustomer,
  outcomeOf,
  postCanonical,
  postShopify,
  shopifySample,
  startRelay,
} from './relay-under-test.ts';

let stack: Stack;
const seen = new Set<string>();

beforeAll(async () => {
  stack = await startRelay();
});
afterAll(() => stack?.stop());

/** An answer that is as described. */
async function described(method: string, path: string, answer: Promise<Response>): Promise<Response> {
  const response = await answer;
  seen.add(await expectDescribed(method, path, response.clone()));
  return response;
}

function call(method: string, path: string, { headers, ...init }: RequestInit = {}): Promise<Response> {
  const url = `${stack.host.url}/api/${path}`;
  return described(
    method,
    path,
    fetch(url, { ...init, method, headers: { 'x-functions-key': functionKey, ...headers } }),
  );
}

function patch(
  customerId: string,
  fields: Readonly<Record<string, unknown>>,
  { headers = {}, query = '' }: { headers?: Record<string, string>; query?: string } = {},
): Promise<Response> {
  return call('PATCH', `customers/${customerId}${query}`, {
    body: JSON.stringify(fields),
    headers: { 'Content-Type': 'application/json', ...headers },
  });
}

const statusOf = async (answer: Promise<Response>): Promise<number> => (await answer).status;

test('a change in the call: applied, unchanged, stale', async () => {
  const customerId = newCustomer(stack);
  const outcomes = [
    await patch(customerId, { FirstName: 'Maria' }),
    await patch(customerId, { FirstName: 'Maria' }),
    await patch(customerId, { FirstName: 'Mia' }, { query: '?occurredAt=2020-01-01T00:00:00Z' }),
  ];
  expect(await Promise.all(outcomes.map((answer) => answer.json()))).toMatchObject([
    { status: 'applied' },
    { status: 'unchanged' },
    { status: 'stale' },
  ]);
});

test('what is wrong with a change', async () => {
  const customerId = newCustomer(stack);
  const fields = { FirstName: 'Maria' };
  expect(await statusOf(patch(customerId, { Nickname: 'Mia' }))).toBe(422);
  expect(await statusOf(patch('99999999', fields))).toBe(404);
  expect(await statusOf(patch(customerId, fields, { headers: { 'Content-Encoding': 'gzip' } }))).toBe(415);
  expect(await statusOf(patch(customerId, fields, { headers: { 'x-functions-key': 'wrong' } }))).toBe(401);
  stack.sandbox.fault({ status: 429, headers: { 'Retry-After': '1' }, times: 1, match: { customerId } });
  expect(await statusOf(patch(customerId, fields))).toBe(503);
});

test('a change that is answered later, its delivery, its replay; the list; and forgetting all of it', async () => {
  const customerId = newCustomer(stack);
  const accepted = await patch(customerId, { LastName: 'Later' }, { headers: { Prefer: 'respond-async' } });
  expect(accepted.status).toBe(202);
  const { deliveryId } = await outcomeOf(stack, accepted);
  expect(await statusOf(call('GET', `deliveries/${deliveryId}`))).toBe(200);
  const replayed = await call('POST', `deliveries/${deliveryId}/replay`);
  expect(replayed.status).toBe(202);
  expect(await outcomeOf(stack, replayed)).toMatchObject({ changes: [{ customerId }] });

  const list = (await (await call('GET', `deliveries?customer=${customerId}&limit=10`)).json()) as object;
  expect(list).toMatchObject({ changes: [{ deliveryId }] });
  expect(await statusOf(call('GET', 'deliveries?limit=1'))).toBe(200);
  expect(await statusOf(call('GET', 'deliveries?colour=red'))).toBe(422);
  expect(await statusOf(call('POST', `deliveries/replay?customer=${customerId}`))).toBe(200);
  expect(await statusOf(call('DELETE', `customers/${customerId}/deliveries`))).toBe(200);
  expect(await statusOf(call('DELETE', 'customers/nobody/deliveries'))).toBe(422);
  expect(await statusOf(call('GET', `deliveries/${deliveryId}`))).toBe(404);
});

test('links: set, shown, listed, set together, removed, not there', async () => {
  const customerId = newCustomer(stack);
  const at = 'links/in-house/A%2F1';
  const set = { body: JSON.stringify({ customerId }) };
  expect(await statusOf(call('PUT', at, set))).toBe(200);
  expect(await (await call('GET', at)).json()).toMatchObject({ recordId: 'A/1', customerId });
  const list = await call('GET', `links?customer=${customerId}`);
  expect(await list.json()).toMatchObject({ links: [{ recordId: 'A/1' }] });
  const both = ['A/1', 'A/2'].map((recordId) => ({ source: 'in-house', recordId, customerId }));
  expect(await statusOf(call('POST', 'links', { body: JSON.stringify(both) }))).toBe(200);
  expect(await statusOf(call('POST', 'links', { body: '[{}]' }))).toBe(422);
  expect(await statusOf(call('DELETE', at))).toBe(204);
  expect(await statusOf(call('DELETE', at))).toBe(404);
  expect(await statusOf(call('GET', at))).toBe(404);
  expect(await statusOf(call('PUT', 'links/nobody/1', set))).toBe(404);
});

test.each([
  ['ListChanges', 'deliveries'],
  ['ListLinks', 'links'],
])('every parameter of %s takes its example', async (operationId, path) => {
  const list = operations.find(({ id }) => id === operationId);
  const queries = (list?.parameters ?? []).map(({ name, example }) => {
    // A page of one customer's changes begins at a delivery.
    const customer = path === 'deliveries' && name === 'from' ? { customer: '10542' } : {};
    return new URLSearchParams({ ...customer, [name]: String(example) });
  });
  expect(queries.length).toBeGreaterThan(3);
  for (const query of queries) expect(await statusOf(call('GET', `${path}?${query}`))).toBe(200);
});

test('issues: listed, muted, shown again, replayed; what operators did', async () => {
  const customer = { customerId: '99999993' };
  await outcomeOf(stack, await postCanonical(stack, { customer, fields: { FirstName: 'Maria' } }));
  const list = (await (await call('GET', 'issues?status=open')).json()) as { issues: { id: string }[] };
  const at = `issues/${list.issues[0]?.id}`;
  expect(await statusOf(call('GET', 'issues?status=shut'))).toBe(422);
  expect(await statusOf(call('PUT', `${at}/mute`))).toBe(204);
  expect(await statusOf(call('DELETE', `${at}/mute`))).toBe(204);
  expect(await statusOf(call('POST', `${at}/replay?dryRun=true`))).toBe(200);
  expect(await statusOf(call('POST', 'issues/1/replay'))).toBe(422);
  expect(await (await call('GET', 'acts?act=mute')).json()).toMatchObject({ acts: [{ act: 'mute' }] });
  expect(await statusOf(call('GET', 'acts?limit=0'))).toBe(422);
});

test('a customer: what is known of it, and whether DirectScale agrees', async () => {
  const customerId = newCustomer(stack);
  await patch(customerId, { FirstName: 'Maria' });
  expect(await (await call('GET', `customers/${customerId}`)).json()).toMatchObject({
    fields: [{ path: 'FirstName', source: 'direct' }],
  });
  const compare = (query = '') => call('GET', `customers/${customerId}/comparison${query}`);
  expect(await (await compare()).json()).toMatchObject({ fields: [{ result: 'equal' }] });
  expect(await (await compare('?values=true')).json()).toMatchObject({ fields: [{ value: 'Maria' }] });
  expect(await statusOf(call('GET', 'customers/Maria'))).toBe(422);
  expect(await statusOf(call('GET', 'customers/99999994/comparison'))).toBe(404);
});

test('the sources, one of them broken, one of which something was refused', async () => {
  const unsigned = postCanonical(stack, {}, { secret: `whsec_${btoa('another secret of 24 bytes')}` });
  expect((await unsigned).status).toBe(401);
  await expect
    .poll(async () => (await call('GET', 'sources')).json(), { timeout: 10_000 })
    .toMatchObject({
      sources: [{ name: 'broken' }, {}, { lastRefused: { reason: 'unauthorized' } }, {}, {}],
    });
});

test("today's mapping, and one of the caller's own", async () => {
  const change = { customer: { customerId: newCustomer(stack) }, fields: { FirstName: 'Maria' } };
  const { deliveryId } = await outcomeOf(stack, await postCanonical(stack, change));
  const remapped = await call('GET', `deliveries/${deliveryId}/remapped?values=true`);
  expect(await remapped.json()).toMatchObject({ changes: [{ result: 'same' }] });
  expect(await statusOf(call('GET', 'deliveries/1/remapped'))).toBe(404);
  const draft = (body: object) => call('POST', 'preview/shopify/draft', { body: JSON.stringify(body) });
  for (const mapping of [
    '{',
    '{ "fields": 1 }',
    '{ "customer": { "customerId": id }, "fields": { "FirstName": n } }',
  ])
    expect(await statusOf(draft({ payload: { id: 1, n: 'Maria' }, mapping }))).toBe(200);
  expect(await statusOf(draft({ mapping: '{}' }))).toBe(422);
});

test('counts by source and hour', async () => {
  expect(await statusOf(patch(newCustomer(stack), { FirstName: 'Maria' }))).toBe(200);
  const { hours } = (await (await call('GET', 'counts?hours=2')).json()) as { hours: object[] };
  expect(hours).toContainEqual(expect.objectContaining({ source: 'direct' }));
  expect(await statusOf(call('GET', 'counts?hours=0'))).toBe(422);
});

test('pauses by hand: set, listed, told by the direct route, ended', async () => {
  const customerId = newCustomer(stack);
  const at = `pauses/customer:${customerId}`;
  expect(await statusOf(call('PUT', at, { body: '{"note":"why not"}' }))).toBe(200);
  expect(await (await call('GET', 'pauses')).json()).toMatchObject({ pauses: [{ note: 'why not' }] });
  const held = () => patch(customerId, { FirstName: 'Maria' });
  // What was read of the pauses counts for some seconds.
  await expect.poll(async () => (await held()).status, { timeout: 15_000 }).toBe(503);
  expect(await statusOf(call('PUT', 'pauses/everything', { body: '{"note":"why not"}' }))).toBe(422);
  expect(await statusOf(call('DELETE', at))).toBe(204);
});

test('webhooks: queued, repeated, waited for, ignored, parked, refused; handshakes', async () => {
  const change = { customer: { customerId: newCustomer(stack) }, fields: { FirstName: 'Maria' } };
  const at = (source: string) => `webhooks/${source}`;
  const first = await described('POST', at('in-house'), postCanonical(stack, change, { id: 'msg_openapi' }));
  expect(first.status).toBe(202);
  const { deliveryId } = await outcomeOf(stack, first);
  const again = await described('POST', at('in-house'), postCanonical(stack, change, { id: 'msg_openapi' }));
  expect(again.status).toBe(202);
  expect((await outcomeOf(stack, again)).deliveryId).toBe(deliveryId);
  const waited = postCanonical(stack, change, { headers: { Prefer: 'wait' } });
  expect(await statusOf(described('POST', at('in-house'), waited))).toBe(200);
  const other = postShopify(stack, '{}', { headers: { 'X-Shopify-Topic': 'orders/create' } });
  expect(await (await described('POST', at('shopify'), other)).json()).toMatchObject({ status: 'ignored' });
  const unmappable = postCanonical(stack, { customer: { customerId: 'x' }, fields: { FirstName: 'Maria' } });
  const parked = await described('POST', at('in-house'), unmappable);
  expect(await outcomeOf(stack, parked)).toMatchObject({ status: 'parked' });
  const unsigned = postCanonical(stack, change, { secret: `whsec_${btoa('another secret of 24 bytes')}` });
  expect(await statusOf(described('POST', at('in-house'), unsigned))).toBe(401);
  expect(await statusOf(described('POST', at('in-house'), postCanonical(stack, 'no JSON')))).toBe(400);
  expect(await statusOf(call('POST', at('nobody'), { body: '{}' }))).toBe(404);
  expect(await statusOf(call('GET', at('in-house')))).toBe(401);
  expect(await statusOf(call('POST', at('in-house'), { body: 'x'.repeat(1_048_577) }))).toBe(413);
});

test('an import: written, a part of it not usable, refused', async () => {
  const change = { customer: { customerId: newCustomer(stack) }, fields: { FirstName: 'Maria' } };
  const unusable = { customer: { customerId: 'x' }, fields: { FirstName: 'Maria' } };
  const send = (body: string, query = '') => call('POST', `import/in-house${query}`, { body });
  const imported = await (await send(JSON.stringify([change, unusable]))).json();
  expect(imported).toMatchObject({ done: 2, report: { outcomes: { applied: 1, parked: 1 } } });
  expect(await statusOf(send(JSON.stringify([change]), '?mode=compare'))).toBe(200);
  expect(await statusOf(send(JSON.stringify([change]), '?mode=dry-run'))).toBe(200);
  expect(await statusOf(send('{"a"'))).toBe(400);
  expect(await statusOf(send('[]', '?mode=all'))).toBe(422);
});

test('walks over the customers of a vendor: none yet, without an API, refused', async () => {
  expect(await statusOf(call('GET', 'catch-up/shopify'))).toBe(200);
  expect(await statusOf(call('GET', 'catch-up/nobody'))).toBe(404);
  expect(await statusOf(call('POST', 'catch-up/in-house', { body: '{}' }))).toBe(409);
  expect(await statusOf(call('POST', 'catch-up/shopify', { body: '{"mode":"all"}' }))).toBe(422);
  // This source has no token: it cannot be asked, and says so.
  const walked = await call('POST', 'catch-up/shopify', { body: '{}' });
  expect(await walked.json()).toMatchObject({ failure: expect.stringContaining('options.api') });
  expect(await statusOf(call('GET', 'catch-up/shopify'))).toBe(200);
});

test('previews: mapped, ignored, not mappable', async () => {
  const shopify = { 'X-Shopify-Topic': 'customers/update' };
  const sample = await shopifySample('10542');
  const mapped = await call('POST', 'preview/shopify', { body: sample, headers: shopify });
  expect(await mapped.json()).toMatchObject({ status: 'mapped' });
  const ignored = await call('POST', 'preview/shopify', {
    body: '{}',
    headers: { 'X-Shopify-Topic': 'orders/create' },
  });
  expect(await ignored.json()).toMatchObject({ status: 'ignored' });
  expect(await statusOf(call('POST', 'preview/in-house', { body: '{"fields":1}' }))).toBe(422);
});

test('health, while one of the sources is broken', async () => {
  expect(await statusOf(call('GET', 'health'))).toBe(200);
  expect(await statusOf(call('GET', 'health/details'))).toBe(200);
});

test('the description itself, in both forms, without a key, for the address that was called', async () => {
  const get = (query = '') => call('GET', `openapi.json${query}`, { headers: { 'x-functions-key': '' } });
  expect(await (await get()).json()).toEqual(openApi(stack.host.url));
  expect(await (await get('?version=2')).json()).toEqual(asVersion2(openApi(stack.host.url)));
  for (const query of ['', '?version=2']) {
    const first = await get(query);
    const etag = first.headers.get('etag') ?? '';
    expect(first.headers.get('cache-control')).toBe('public, max-age=300');
    const again = (ifNoneMatch: string) =>
      call('GET', `openapi.json${query}`, { headers: { 'If-None-Match': ifNoneMatch } });
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`]) {
      const unchanged = await again(known);
      expect({ status: unchanged.status, etag: unchanged.headers.get('etag') }).toEqual({
        status: 304,
        etag,
      });
      expect(await unchanged.text()).toBe('');
    }
    expect((await again('"other"')).status).toBe(200);
  }
  expect(await statusOf(get('?version=4'))).toBe(422);
});

test('the answers above were of every operation', () => {
  const called = new Set([...seen].map((what) => what.split(' ')[0]));
  const others = ['HandshakeByHead', 'HandshakeByOptions'];
  expect([...called, ...others].sort()).toEqual(operations.map(({ id }) => id).sort());
});
