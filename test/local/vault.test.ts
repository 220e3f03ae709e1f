import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startVault, type Vault } from '../../local/vault/vault.ts';

let vault: Vault;
beforeEach(async () => {
  vault = await startVault({ secrets: { 'directscale-key': 'first', 'shop-secret': 'shop' } });
});
afterEach(() => vault.close());

/** Asks for secrets in a process of its own, where TLS is verified against nothing but the vault's certificate. */
async function withReader(
  env: Record<string, string>,
  run: (read: (name: string) => Promise<unknown>) => Promise<void>,
): Promise<void> {
  const child = spawn(process.execPath, ['test/local/secret-reader.ts'], {
    env: { PATH: process.env.PATH, NO_PROXY: 'localhost,127.0.0.1', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const exit = once(child, 'exit');
  try {
    await run(async (name) => {
      child.stdin.write(`${name}\n`);
      return JSON.parse((await lines.next()).value ?? 'null');
    });
  } finally {
    child.stdin.end();
    await exit;
  }
}

describe('the unmodified Azure clients', () => {
  test('read a secret, a rotated one, none, a removed and a disabled one', async () => {
    await withReader(vault.env, async (read) => {
      const first = await read('directscale-key');
      expect(first).toEqual({ value: 'first', version: expect.stringMatching(/^[0-9a-f]{32}$/) });

      vault.set('directscale-key', 'second');
      const second = await read('directscale-key');
      expect(second).toMatchObject({ value: 'second' });
      expect(second).not.toEqual({ value: 'second', version: (first as { version: string }).version });

      expect(await read('nothing')).toMatchObject({ statusCode: 404, code: 'SecretNotFound' });
      vault.remove('shop-secret');
      expect(await read('shop-secret')).toMatchObject({ statusCode: 404, code: 'SecretNotFound' });
      vault.disable('directscale-key');
      expect(await read('directscale-key')).toMatchObject({
        statusCode: 403,
        code: 'Forbidden',
        details: { error: { innerError: { code: 'SecretDisabled' } } },
      });
    });
    expect(vault.reads('directscale-key')).toBe(3);
    expect(vault.reads('nothing')).toBe(1);
    expect(vault.reads('never-asked')).toBe(0);
  });

  test('lose the vault while it is down and find it again', async () => {
    await withReader(vault.env, async (read) => {
      expect(await read('shop-secret')).toMatchObject({ value: 'shop' });
      vault.down();
      expect(await read('shop-secret')).toMatchObject({ code: 'ECONNRESET' });
      vault.up();
      expect(await read('shop-secret')).toMatchObject({ value: 'shop' });
    });
  });

  test('refuse the vault when they do not trust its certificate', async () => {
    const { NODE_EXTRA_CA_CERTS: _, ...env } = vault.env;
    await withReader(env, async (read) => {
      expect(await read('shop-secret')).toMatchObject({
        message: expect.stringMatching(/self-signed certificate/),
      });
    });
  });

  test('get nowhere with a wrong identity header', async () => {
    await withReader({ ...vault.env, IDENTITY_HEADER: 'wrong' }, async (read) => {
      expect(await read('shop-secret')).not.toHaveProperty('value');
    });
    expect(vault.reads('shop-secret')).toBe(0);
  });

  test("get nowhere with another vault's token", async () => {
    await using other = await startOther();
    const env = {
      ...vault.env,
      IDENTITY_ENDPOINT: other.vault.identityEndpoint,
      IDENTITY_HEADER: other.vault.identityHeader,
    };
    await withReader(env, async (read) => {
      expect(await read('shop-secret')).toMatchObject({ statusCode: 401 });
    });
  });
});

describe('the identity endpoint', () => {
  const query = 'resource=https://vault.azure.net&api-version=2019-08-01';
  const ask = (search: string, header: string | undefined = vault.identityHeader) =>
    fetch(`${vault.identityEndpoint}?${search}`, { headers: { 'X-IDENTITY-HEADER': header } });

  test('issues a token for a day', async () => {
    const token = (await (await ask(query)).json()) as Record<string, string>;
    expect(token).toMatchObject({ resource: 'https://vault.azure.net', token_type: 'Bearer' });
    expect(Number(token.expires_on) - Date.now() / 1000).toBeGreaterThan(23 * 60 * 60);
    expect(token.access_token).toMatch(/^[\w-]{40,}$/);
  });

  test.each([
    ['a wrong header', query, 'wrong', 401],
    ['another api-version', 'resource=https://vault.azure.net&api-version=2017-09-01', undefined, 400],
    ['no resource', 'api-version=2019-08-01', undefined, 400],
  ])('refuses %s', async (_name, search, header, status) => {
    expect((await ask(search, header)).status).toBe(status);
  });
});

test('a secret has a name that Key Vault takes', () => {
  expect(() => vault.set('under_score', 'x')).toThrow(/secret name/);
  expect(() => vault.disable('nothing')).toThrow(/no secret/);
});

async function startOther() {
  const other = await startVault();
  return { vault: other, [Symbol.asyncDispose]: () => other.close() };
}
