import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import {
  createDirectScale,
  directScaleAddresses,
  type SubscriptionKey,
} from '../../src/directscale/client.ts';
import { type Respond, startServer } from '../test-server.ts';

const patch = { FirstName: 'Ada', EmailAddress: 'ada@example.com' };

/** A key that is the same, however often it is read. */
const fixedKey: SubscriptionKey = {
  current: async () => 'a-key',
  afterRejection: async (rejected) => rejected,
};

function clientOf(baseUrl: URL, options: { timeoutMs?: number; key?: SubscriptionKey } = {}) {
  const queryNames = {
    externalReferenceId: 'externalreferenceid',
    username: 'username',
    webAlias: 'webalias',
  };
  return createDirectScale({ baseUrl, timeoutMs: 10_000, key: fixedKey, queryNames, ...options });
}

const answer =
  (status: number, headers: Record<string, string> = {}, body = ''): Respond =>
  (response) => {
    response.writeHead(status, headers).end(body);
  };

describe('the request', () => {
  test('is the documented PATCH', async () => {
    await using server = await startServer(answer(200));
    await clientOf(server.url).patchCustomer('10542', patch);
    expect(server.requests).toEqual([
      {
        method: 'PATCH',
        url: '/v1/customers/10542',
        headers: expect.objectContaining({
          'ocp-apim-subscription-key': 'a-key',
          'content-type': 'application/json',
          accept: 'application/json',
        }),
        body: JSON.stringify(patch),
      },
    ]);
  });

  test.each([
    ['', '/v1/customers/1'],
    ['/', '/v1/customers/1'],
    ['/v1', '/v1/customers/1'],
    ['/v1/', '/v1/customers/1'],
    ['/sandbox', '/sandbox/v1/customers/1'],
    ['/sandbox/v1//', '/sandbox/v1/customers/1'],
    ['/v1?key=x#y', '/v1/customers/1'],
  ])('of the base path "%s" goes to %s', async (path, expected) => {
    await using server = await startServer(answer(200));
    await clientOf(new URL(path, server.url)).patchCustomer('1', patch);
    expect(server.requests.map(({ url }) => url)).toEqual([expected]);
  });

  test.each(['', '0', '007', '1/../2', '1?x=1', '-1', '1e3', '１'])(
    'is never sent for the id "%s"',
    async (id) => {
      await using server = await startServer(answer(200));
      const client = clientOf(server.url);
      await expect(client.patchCustomer(id, patch)).rejects.toThrow(/DirectScale customer id/);
      await expect(client.getCustomFields(id)).rejects.toThrow(/DirectScale customer id/);
      expect(server.requests).toEqual([]);
    },
  );

  test('reuses connections', async () => {
    await using server = await startServer(answer(400, {}, 'x'.repeat(1000)));
    const client = clientOf(server.url);
    for (let i = 0; i < 100; i++) await client.patchCustomer('1', patch);
    expect(server.requests).toHaveLength(100);
    // Two, because fetch frees a connection one turn after the end of a body: a call made at once opens a second.
    expect(server.connections()).toBeLessThanOrEqual(2);
  });

  test('goes to the documented addresses', () => {
    expect(directScaleAddresses).toEqual({
      live: 'https://dsapi.directscale.com',
      stage: 'https://dsapi-stage.directscale.com',
    });
  });
});

describe('the answer', () => {
  test.each<[number, Record<string, string>, object]>([
    [200, {}, { outcome: 'applied' }],
    [204, {}, { outcome: 'applied' }],
    [
      400,
      { 'X-DirectScale-Message': 'Object Reference' },
      { outcome: 'rejected', message: 'Object Reference' },
    ],
    [401, {}, { outcome: 'misconfigured', reason: 'key-rejected' }],
    [403, {}, { outcome: 'misconfigured', reason: 'forbidden' }],
    [403, { 'Retry-After': '60' }, { outcome: 'unavailable', reason: 'quota', retryAfterMs: 60_000 }],
    [404, {}, { outcome: 'misconfigured', reason: 'not-the-api' }],
    [404, { 'X-DirectScale-RequestId': '7d0c' }, { outcome: 'customer-not-found', requestId: '7d0c' }],
    [408, {}, { outcome: 'unavailable', reason: 'timeout', inDoubt: true }],
    [409, {}, { outcome: 'rejected' }],
    [413, {}, { outcome: 'rejected' }],
    [415, {}, { outcome: 'rejected' }],
    [422, {}, { outcome: 'rejected' }],
    [425, {}, { outcome: 'unavailable', reason: 'throttled', inDoubt: false }],
    [429, { 'Retry-After': '5' }, { outcome: 'unavailable', reason: 'throttled', retryAfterMs: 5000 }],
    [500, {}, { outcome: 'unavailable', reason: 'server-error', inDoubt: true }],
    [502, {}, { outcome: 'unavailable', reason: 'server-error', inDoubt: true }],
    [503, {}, { outcome: 'unavailable', reason: 'server-error', inDoubt: true }],
    [504, {}, { outcome: 'unavailable', reason: 'server-error', inDoubt: true }],
  ])('%i with %o', async (status, headers, expected) => {
    await using server = await startServer(answer(status, headers));
    expect(await clientOf(server.url).patchCustomer('1', patch)).toMatchObject({ ...expected, status });
    expect(server.requests).toHaveLength(1);
  });

  test('that redirects is not followed: the key must not reach another host', async () => {
    await using elsewhere = await startServer(answer(200));
    await using server = await startServer(answer(307, { Location: elsewhere.url.href }));
    const result = await clientOf(server.url).patchCustomer('1', patch);
    expect(result).toMatchObject({ outcome: 'misconfigured', reason: 'not-the-api', status: 307 });
    expect(elsewhere.requests).toEqual([]);
  });

  test('that never ends is cut off: its beginning is enough', async () => {
    let cancelled: (() => void) | undefined;
    const cancellation = new Promise<void>((resolve) => {
      cancelled = resolve;
    });
    await using server = await startServer((response) => {
      const pour = () => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
      };
      response
        .writeHead(400)
        .on('drain', pour)
        .on('close', () => cancelled?.());
      pour();
    });
    const result = await clientOf(server.url).patchCustomer('1', patch);
    expect(result).toEqual({ outcome: 'rejected', status: 400, message: 'x'.repeat(500) });
    await cancellation;
  });
});

describe('the words of DirectScale', () => {
  const of = async (status: number, headers: Record<string, string>, body = '') => {
    await using server = await startServer(answer(status, headers, body));
    return await clientOf(server.url).patchCustomer('1', patch);
  };
  const header = { 'X-DirectScale-Message': 'Object Reference' };
  const fromBackEnd = { 'X-DirectScale-RequestId': '7d0c' };

  test('are kept of a refused write: the header, before the text', async () => {
    expect(await of(400, header, 'the body')).toMatchObject({ message: 'Object Reference' });
    expect(await of(404, { ...header, ...fromBackEnd })).toMatchObject({ message: 'Object Reference' });
    expect(await of(422, { 'X-DirectScale-Message': '' }, ' the body\n')).toMatchObject({
      message: 'the body',
    });
    expect(await of(400, {}, '  ')).toEqual({ outcome: 'rejected', status: 400 });
  });

  test('are kept of a write that the back end fails with: it says so to values that it cannot take, too', async () => {
    expect(await of(500, { ...header, ...fromBackEnd })).toMatchObject({ message: 'Object Reference' });
    expect(await of(500, fromBackEnd, 'no Ada')).toMatchObject({ message: 'no [FirstName]' });
  });

  test('are kept without the values that were sent, also where they are cut off', async () => {
    const told = `${'x'.repeat(495)} ada@example.com is taken`;
    expect(await of(400, {}, 'Ada is no name')).toMatchObject({ message: '[FirstName] is no name' });
    expect(await of(400, {}, 'so has eve@example.com')).toMatchObject({ message: 'so has [e-mail address]' });
    expect(await of(400, {}, told)).toMatchObject({ message: `${'x'.repeat(495)} [Ema` });
  });

  test('are read as UTF-8 where they are', async () => {
    const sent = (text: string, encoding: 'utf8' | 'latin1') => ({
      'X-DirectScale-Message': Buffer.from(text, encoding).toString('latin1'),
    });
    expect(await of(400, sent('no Zoë 王', 'utf8'))).toMatchObject({ message: 'no Zoë 王' });
    expect(await of(400, sent('no Zoë', 'latin1'))).toMatchObject({ message: 'no Zoë' });
  });

  test.each([
    [200, {}],
    [401, {}],
    [403, { 'Retry-After': '60' }],
    [404, {}],
    [429, {}],
    [500, {}],
    [503, fromBackEnd],
  ])('are not kept of anything else: %i', async (status, headers) => {
    expect(await of(status, { ...header, ...headers }, '{"FirstName":"Mary"}')).not.toHaveProperty('message');
  });

  test.each([200, 400, 404, 500])('are never kept of a read: %i', async (status) => {
    await using server = await startServer(answer(status, fromBackEnd, '{"BirthDate":"1990-05-01",'));
    const client = clientOf(server.url);
    const lookUp = { by: 'emailAddress', value: 'ada@example.com' } as const;
    const reads = [client.getCustomer('1'), client.getCustomFields('1'), client.findCustomers(lookUp)];
    for (const read of await Promise.all(reads)) {
      expect(read.outcome).not.toBe('applied');
      expect(JSON.stringify(read)).not.toContain('1990');
    }
  });
});

test('the last answer, of a read or a write, is remembered without words', async () => {
  await using server = await startServer((response, { method }) => {
    response.writeHead(method === 'GET' ? 503 : 400).end('Mary');
  });
  const client = clientOf(server.url);
  expect(client.lastAnswer()).toBeUndefined();
  await client.patchCustomer('1', patch);
  const at = expect.stringMatching(/^\d{4}-.*Z$/);
  expect(client.lastAnswer()).toEqual({ at, outcome: 'rejected', status: 400 });
  await client.getCustomer('1');
  expect(client.lastAnswer()).toEqual({ at, outcome: 'unavailable', reason: 'server-error', status: 503 });
});

describe('no answer', () => {
  const inDoubt = { outcome: 'unavailable', reason: 'no-answer', inDoubt: true };
  const timeout = { outcome: 'unavailable', reason: 'timeout', inDoubt: true };

  test('nobody listens: nothing was written', async () => {
    const server = await startServer(answer(200));
    await server[Symbol.asyncDispose]();
    const result = await clientOf(server.url).patchCustomer('1', patch);
    expect(result).toEqual({ ...inDoubt, inDoubt: false });
  });

  test('a connection that closes before the headers', async () => {
    await using server = await startServer((response) => response.destroy());
    expect(await clientOf(server.url).patchCustomer('1', patch)).toEqual(inDoubt);
    expect(server.requests).toHaveLength(1);
  });

  test('a connection that is reset before the headers', async () => {
    const server = createServer((socket) => socket.once('data', () => socket.resetAndDestroy()));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const result = await clientOf(new URL(`http://127.0.0.1:${port}`)).patchCustomer('1', patch);
    server.close();
    await once(server, 'close');
    expect(result).toEqual(inDoubt);
  });

  test('a connection that closes after the headers', async () => {
    await using server = await startServer((response) => {
      response.writeHead(200, { 'Content-Length': 100 }).write('part', () => response.destroy());
    });
    expect(await clientOf(server.url).patchCustomer('1', patch)).toEqual(inDoubt);
  });

  test('headers that do not come in time', async () => {
    await using server = await startServer(() => {});
    expect(await clientOf(server.url, { timeoutMs: 50 }).patchCustomer('1', patch)).toEqual(timeout);
  });

  test('a body that does not come in time', async () => {
    await using server = await startServer((response) => {
      response.writeHead(200, { 'Content-Length': 100 }).write('part');
    });
    expect(await clientOf(server.url, { timeoutMs: 200 }).patchCustomer('1', patch)).toEqual(timeout);
  });
});

describe('a refused key', () => {
  /** Hands out `keys` one after the other, and counts what it is asked. */
  function rotatingKey(first: string, fresh: string) {
    const rejections: string[] = [];
    const key: SubscriptionKey = {
      current: async () => first,
      afterRejection: async (rejected) => {
        rejections.push(rejected);
        return fresh;
      },
    };
    return { key, rejections };
  }
  const accepting =
    (accepted: string, refusal: number, headers: Record<string, string> = {}): Respond =>
    (response, request) => {
      const good = request.headers['ocp-apim-subscription-key'] === accepted;
      response.writeHead(good ? 200 : refusal, good ? {} : headers).end();
    };
  const keysOf = (server: { requests: readonly { headers: NodeJS.Dict<string | string[]> }[] }) =>
    server.requests.map(({ headers }) => headers['ocp-apim-subscription-key']);

  test.each([401, 403])(
    'answered with %i is replaced by a fresh one, and the call repeated',
    async (status) => {
      const { key, rejections } = rotatingKey('old', 'new');
      await using server = await startServer(accepting('new', status));
      const client = clientOf(server.url, { key });
      expect(await client.patchCustomer('1', patch)).toEqual({ outcome: 'applied', status: 200 });
      expect(keysOf(server)).toEqual(['old', 'new']);
      expect(server.requests.map(({ body }) => body)).toEqual(Array(2).fill(JSON.stringify(patch)));
      expect(rejections).toEqual(['old']);
    },
  );

  test('is replaced once, not twice', async () => {
    const { key, rejections } = rotatingKey('old', 'new');
    await using server = await startServer(accepting('neither', 401));
    const result = await clientOf(server.url, { key }).patchCustomer('1', patch);
    expect(result).toMatchObject({ outcome: 'misconfigured', reason: 'key-rejected' });
    expect(keysOf(server)).toEqual(['old', 'new']);
    expect(rejections).toEqual(['old']);
  });

  test('is not sent again when the fresh one is the same', async () => {
    const { key, rejections } = rotatingKey('old', 'old');
    await using server = await startServer(accepting('new', 401));
    const result = await clientOf(server.url, { key }).patchCustomer('1', patch);
    expect(result).toMatchObject({ outcome: 'misconfigured', reason: 'key-rejected' });
    expect(keysOf(server)).toEqual(['old']);
    expect(rejections).toEqual(['old']);
  });

  test.each<[number, Record<string, string>]>([
    [403, { 'Retry-After': '60' }],
    [404, {}],
    [302, { Location: '/' }],
    [500, {}],
  ])('is not suspected on %i with %o', async (status, headers) => {
    const { key, rejections } = rotatingKey('old', 'new');
    await using server = await startServer(accepting('new', status, headers));
    await clientOf(server.url, { key }).patchCustomer('1', patch);
    expect(server.requests).toHaveLength(1);
    expect(rejections).toEqual([]);
  });

  test.each(['a\u200Bkey', 'a\nkey', 'clé', ' '])(
    'that no header can carry (%j) counts as refused',
    async (bad) => {
      await using server = await startServer(answer(200));
      const same = await clientOf(server.url, { key: rotatingKey(bad, bad).key }).patchCustomer('1', patch);
      expect(same).toEqual({ outcome: 'misconfigured', reason: 'key-rejected' });
      expect(server.requests).toEqual([]);
      const mended = await clientOf(server.url, { key: rotatingKey(bad, 'new').key }).patchCustomer(
        '1',
        patch,
      );
      expect(mended).toMatchObject({ outcome: 'applied' });
      expect(keysOf(server)).toEqual(['new']);
    },
  );

  test('with a line break at its end, as files have, is sent without', async () => {
    await using server = await startServer(answer(200));
    await clientOf(server.url, { key: rotatingKey('a-key\n', 'new').key }).patchCustomer('1', patch);
    expect(keysOf(server)).toEqual(['a-key']);
  });

  test('that cannot be read: the call rejects with the reason, and nothing is sent', async () => {
    await using server = await startServer(answer(200));
    const key = { ...fixedKey, current: () => Promise.reject(new Error('no vault')) };
    await expect(clientOf(server.url, { key }).patchCustomer('1', patch)).rejects.toThrow('no vault');
    expect(server.requests).toEqual([]);
  });
});

describe('custom fields', () => {
  const read = async (body: string, status = 200) => {
    await using server = await startServer(answer(status, { 'Content-Type': 'application/json' }, body));
    const result = await clientOf(server.url).getCustomFields('10542');
    return { result, requests: server.requests };
  };

  test('are read with a GET that has no body', async () => {
    const { requests } = await read('{}');
    expect(requests).toMatchObject([{ method: 'GET', url: '/v1/customers/10542/customFields', body: '' }]);
    expect(requests[0]?.headers).not.toHaveProperty('content-type');
    expect(requests[0]?.headers).toHaveProperty('ocp-apim-subscription-key', 'a-key');
  });

  test('are the FieldN that hold text, the empty one too', async () => {
    const body = {
      AssociateId: 10542,
      Field1: 'gold',
      Field2: null,
      Field3: '',
      Field4: 4,
      Field0: 'x',
      FieldX: 'x',
      Field12: 'twelve',
    };
    const { result } = await read(JSON.stringify(body));
    expect(result).toEqual({ outcome: 'found', fields: { Field1: 'gold', Field3: '', Field12: 'twelve' } });
  });

  test('are all 999, each as long as it may be', async () => {
    const fields = Object.fromEntries(
      Array.from({ length: 999 }, (_, index) => [`Field${index + 1}`, '漢'.repeat(500)]),
    );
    const { result } = await read(JSON.stringify(fields));
    // By number: a difference would be printed whole.
    expect(result.outcome === 'found' && Object.keys(result.fields).length).toBe(999);
  });

  test.each(['', 'null', '[]', '"text"', '{"Field1":', `{"Field1":"${'x'.repeat(3_000_000)}"}`])(
    'that cannot be understood are no custom fields: a union with them would lose data',
    async (body) => {
      const { result } = await read(body);
      expect(result).toMatchObject({ outcome: 'unavailable', reason: 'server-error', inDoubt: false });
    },
  );

  test('of a server in trouble: a read leaves nothing in doubt', async () => {
    expect((await read('', 500)).result).toMatchObject({ outcome: 'unavailable', inDoubt: false });
  });

  test('that the gateway does not know', async () => {
    expect((await read('', 404)).result).toMatchObject({ outcome: 'misconfigured', reason: 'not-the-api' });
  });
});
