import { randomUUID } from 'node:crypto';
import { TableClient } from '@azure/data-tables';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Stack } from '../../local/stack.ts';
import { linkKeys } from '../../src/delivery/store/link-rows.ts';
import { openTables } from '../../src/delivery/store/open-tables.ts';
import type { Tables } from '../../src/delivery/store/stores.ts';
import { call } from './operator.ts';
import { startRelay } from './relay-under-test.ts';

let stack: Stack;
let stores: Tables;

beforeAll(async () => {
  stack = await startRelay();
  stores = await openTables(stack.env);
});
afterAll(() => stack?.stop());

let lastCustomer = 40_000;
const newCustomerId = (): string => String(++lastCustomer);
const newRecordId = (): string => `r-${randomUUID()}`;

const pathOf = (recordId: string, source = 'shopify') => `links/${source}/${encodeURIComponent(recordId)}`;

/** The status and the JSON of an answer. */
async function ask(method: string, path: string, body?: unknown) {
  const response = await call(stack.host.url, path, {
    method,
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text ? JSON.parse(text) : undefined };
}

/** Puts a link as a look-up does. */
async function linkByLookUp(recordId: string, customerId: string): Promise<void> {
  await stores.links.set([
    {
      source: 'shopify',
      recordId,
      customerId,
      origin: 'look-up',
      foundBy: { by: 'emailAddress', hash: 'a-hash-that-nobody-may-see' },
      since: '2026-11-23T12:00:00.000Z',
    },
  ]);
}

describe('one link', () => {
  test('is set, read, changed and removed', async () => {
    const recordId = newRecordId();
    const [first, second] = [newCustomerId(), newCustomerId()];
    const link = { source: 'shopify', recordId, origin: 'operator', since: expect.any(String) };
    const path = pathOf(recordId);
    expect(await ask('PUT', path, { customerId: first })).toEqual({
      status: 200,
      body: { ...link, customerId: first },
    });
    const read = await ask('GET', path);
    expect(read).toEqual({ status: 200, body: { ...link, customerId: first } });
    expect(await ask('PUT', path, { customerId: first })).toEqual(read);
    expect((await ask('PUT', path, { customerId: Number(second) })).body.customerId).toBe(second);
    expect(await ask('DELETE', path)).toEqual({ status: 204, body: undefined });
    for (const method of ['GET', 'DELETE']) {
      expect(await ask(method, path)).toMatchObject({ status: 404, body: { code: 'unknown-link' } });
    }
  });

  test.each(['gid://shopify/Customer/1', '100% of 7 + 3?x=1#y', 'Zoë "Å" \\ | \'', 'a%41'])(
    'of the record %s',
    async (id) => {
      const customerId = newCustomerId();
      expect((await ask('PUT', pathOf(id), { customerId })).body).toMatchObject({ recordId: id, customerId });
      expect((await ask('GET', pathOf(id))).body).toMatchObject({ recordId: id, customerId });
      expect(await stores.links.find('shopify', id)).toMatchObject({ customerId });
      expect((await ask('DELETE', pathOf(id))).status).toBe(204);
    },
  );

  test('of a record with an id as long as it may be', async () => {
    const path = pathOf('中'.repeat(255));
    expect((await ask('PUT', path, { customerId: '7' })).status).toBe(200);
    expect((await ask('GET', path)).body).toMatchObject({ recordId: '中'.repeat(255) });
  });

  test('tells what a look-up looked for, not the hash of the value', async () => {
    const recordId = newRecordId();
    const customerId = newCustomerId();
    await linkByLookUp(recordId, customerId);
    const link = { source: 'shopify', recordId, customerId, origin: 'look-up', foundBy: 'emailAddress' };
    const since = '2026-11-23T12:00:00.000Z';
    expect((await ask('GET', pathOf(recordId))).body).toEqual({ ...link, since });
    expect((await ask('GET', `links?customer=${customerId}`)).body.links).toEqual([{ ...link, since }]);
  });

  test.each([
    [{ customerId: 'B-7' }, 'customerId'],
    [{ customerId: 1.5 }, 'customerId'],
    [{}, 'customerId'],
    [{ customerId: '7', source: 'x' }, 'source'],
    [[], ''],
  ])('422 for the body %j', async (body, path) => {
    const answer = await ask('PUT', pathOf(newRecordId()), body);
    expect(answer).toMatchObject({ status: 422, body: { code: 'invalid', violations: [{ path }] } });
  });

  test('400 for a body that is not JSON', async () => {
    expect(await ask('PUT', pathOf(newRecordId()), '{')).toMatchObject({ status: 400 });
  });

  test.each([
    ['that is too long', 'a'.repeat(256), 'PUT'],
    ['with a line break', 'a\nb', 'GET'],
  ])('422 for a record %s', async (_, recordId, method) => {
    const answer = await ask(method, pathOf(recordId), method === 'PUT' ? { customerId: '7' } : undefined);
    expect(answer).toMatchObject({ status: 422, body: { violations: [{ path: 'recordId' }] } });
  });

  test.each(['GET', 'PUT', 'DELETE'])('%s of an unknown source: 404', async (method) => {
    const body = method === 'PUT' ? { customerId: '7' } : undefined;
    const answer = await ask(method, pathOf('1', 'nobody'), body);
    expect(answer).toMatchObject({ status: 404, body: { code: 'unknown-source' } });
  });

  test('a link of a source that is gone from relay.json can be seen and removed', async () => {
    const since = new Date().toISOString();
    const customerId = newCustomerId();
    await stores.links.set([{ source: 'gone', recordId: '1', customerId, origin: 'operator', since }]);
    expect((await ask('GET', 'links?source=gone')).body.links).toHaveLength(1);
    expect((await ask('GET', pathOf('1', 'gone'))).body).toMatchObject({ customerId });
    expect((await ask('DELETE', pathOf('1', 'gone'))).status).toBe(204);
    expect((await ask('GET', pathOf('1', 'gone'))).body.code).toBe('unknown-source');
  });

  test('one that was written before ids were checked is listed as unreadable, and can be removed', async () => {
    const record = { source: 'gone', recordId: 'a'.repeat(300) };
    const table = TableClient.fromConnectionString(String(stack.env.AzureWebJobsStorage), 'relaylinks', {
      allowInsecureConnection: true,
    });
    await table.createEntity({ ...linkKeys(record), ...record, customerId: newCustomerId() });
    expect((await ask('GET', 'links?source=gone')).body).toEqual({ links: [], unreadable: [record] });
    expect((await ask('GET', pathOf(record.recordId, 'gone'))).status).toBe(422);
    expect((await ask('DELETE', pathOf(record.recordId, 'gone'))).status).toBe(204);
    expect((await ask('GET', 'links?source=gone')).body).toEqual({ links: [] });
  });

  test('of a source that is misconfigured', async () => {
    expect((await ask('PUT', pathOf(newRecordId(), 'broken'), { customerId: '7' })).status).toBe(200);
  });
});

describe('many links', () => {
  const linkTo = (customerId: string, source = 'in-house') => ({
    source,
    recordId: newRecordId(),
    customerId,
  });

  test('1000 at once; again: unchanged', async () => {
    const links = Array.from({ length: 1000 }, () => linkTo(newCustomerId()));
    expect(await ask('POST', 'links', links)).toEqual({ status: 200, body: { written: 1000, unchanged: 0 } });
    expect((await ask('POST', 'links', links)).body).toEqual({ written: 0, unchanged: 1000 });
    const some = links[500] ?? linkTo('1');
    expect((await ask('GET', pathOf(some.recordId, 'in-house'))).body).toMatchObject(some);
  });

  test('of several sources; numbers are taken as ids', async () => {
    const [one, other] = [linkTo(newCustomerId()), linkTo(newCustomerId(), 'shopify')];
    const written = [one, { ...other, customerId: Number(other.customerId), recordId: 4711 }];
    expect((await ask('POST', 'links', written)).body).toEqual({ written: 2, unchanged: 0 });
    expect((await ask('GET', pathOf('4711'))).body).toMatchObject({ customerId: other.customerId });
  });

  test('with some that are invalid: names them by index, writes nothing', async () => {
    const good = linkTo(newCustomerId());
    const wrong = [
      good,
      { ...linkTo('7'), source: 'nobody' },
      { ...linkTo('B7'), recordId: ' ' },
      good,
      { ...linkTo('7'), name: 'Ada' },
      'x',
    ];
    const answer = await ask('POST', 'links', wrong);
    expect(answer).toMatchObject({ status: 422, body: { code: 'invalid' } });
    const paths = answer.body.violations.map(({ path }: { path: string }) => path);
    expect(paths.toSorted()).toEqual(['1.source', '2.customerId', '2.recordId', '4.name', '5']);
    expect((await ask('GET', pathOf(good.recordId, 'in-house'))).status).toBe(404);
  });

  test('an id past 2^53 keeps its digits', async () => {
    const recordId = newRecordId();
    const body = `[{"source":"shopify","recordId":"${recordId}","customerId":1152921504606846977}]`;
    expect((await ask('POST', 'links', body)).status).toBe(200);
    expect((await ask('GET', pathOf(recordId))).body.customerId).toBe('1152921504606846977');
  });

  test('none', async () => {
    expect((await ask('POST', 'links', [])).body).toEqual({ written: 0, unchanged: 0 });
  });

  test('more than 1000, or no array: 422', async () => {
    const many = Array.from({ length: 1001 }, () => linkTo('7'));
    for (const body of [many, { links: [] }, null]) {
      expect(await ask('POST', 'links', body)).toMatchObject({
        status: 422,
        body: { violations: [{ path: '' }] },
      });
    }
  });
});

describe('the list', () => {
  test('by customer and source, page by page', async () => {
    const customerId = newCustomerId();
    const recordIds = Array.from({ length: 5 }, newRecordId).toSorted();
    const links = recordIds.map((recordId) => ({ source: 'cautious', recordId, customerId }));
    await ask('POST', 'links', [...links, { source: 'in-house', recordId: newRecordId(), customerId }]);
    const found: string[] = [];
    let pages = 0;
    let from: string | undefined;
    do {
      const query = new URLSearchParams({
        source: 'cautious',
        customer: customerId,
        limit: '2',
        ...(from && { from }),
      });
      const page = (await ask('GET', `links?${query}`)).body;
      found.push(...page.links.map(({ recordId }: { recordId: string }) => recordId));
      from = page.next;
      pages++;
    } while (from);
    expect(found.toSorted()).toEqual(recordIds);
    expect(pages).toBeGreaterThanOrEqual(3);
    // Each link of a customer takes a call to storage.
    const first = (await ask('GET', `links?customer=${customerId}`)).body;
    expect(first.links).toHaveLength(4);
    const second = (await ask('GET', `links?customer=${customerId}&from=${first.next}`)).body;
    expect(second.links).toHaveLength(2);
    expect((await ask('GET', 'links?source=nobody')).body).toEqual({ links: [] });
  });

  test.each(['customer=Ada', 'limit=0', 'limit=1001', 'from=here', 'colour=red'])(
    '422 for ?%s',
    async (query) => {
      const path = query.split('=')[0];
      expect(await ask('GET', `links?${query}`)).toMatchObject({
        status: 422,
        body: { violations: [{ path }] },
      });
    },
  );
});

test('forgetting a customer removes her links', async () => {
  const recordId = newRecordId();
  const customerId = newCustomerId();
  await linkByLookUp(recordId, customerId);
  expect((await ask('DELETE', `customers/${customerId}/deliveries`)).status).toBe(200);
  expect((await ask('GET', pathOf(recordId))).status).toBe(404);
});

test.each([
  ['GET', 'links'],
  ['POST', 'links'],
  ['GET', 'links/shopify/1'],
  ['PUT', 'links/shopify/1'],
  ['DELETE', 'links/shopify/1'],
])('%s /api/%s without the key: 401', async (method, path) => {
  expect((await fetch(`${stack.host.url}/api/${path}`, { method })).status).toBe(401);
});
