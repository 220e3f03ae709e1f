import { execFileSync } from 'node:child_process';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { type FunctionHost, startFunctionHost } from '../../local/function-host.ts';

const functions = ['customers', 'health', 'healthDetails', 'preview', 'webhooks'];
let host: FunctionHost | undefined;

beforeAll(() => {
  execFileSync(process.execPath, ['scripts/build.ts'], { stdio: 'pipe' });
});
afterEach(async () => {
  await host?.stop();
  host = undefined;
});

test('the bundle registers exactly these functions, with a complete configuration', async () => {
  host = await startFunctionHost({
    app: 'dist/index.cjs',
    env: {
      SECRET_DIRECTSCALE_SUBSCRIPTION_KEY: 'k',
      SECRET_SHOPIFY_WEBHOOK_SECRET: 's',
      SECRET_IN_HOUSE_WEBHOOK_SECRET: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    },
  });
  expect([...host.functions].sort()).toEqual(functions);
  expect(await health(host)).toMatchObject({
    status: 'ready',
    sources: { shopify: 'ready', 'in-house': 'ready' },
  });
});

test.each([
  ['nothing is set', {}, 'not-ready', []],
  [
    'a setting is a Key Vault reference that did not resolve',
    { KEY_VAULT_URL: '@Microsoft.KeyVault(VaultName=v;SecretName=n)' },
    'not-ready',
    ['KEY_VAULT_URL'],
  ],
  [
    'settings are wrong',
    { MAX_BODY_BYTES: 'many', DIRECTSCALE_ENVIRONMENT: 'prod' },
    'not-ready',
    ['DIRECTSCALE_ENVIRONMENT', 'MAX_BODY_BYTES'],
  ],
  ['relay.json is missing', { RELAY_CONFIG: 'nowhere.json' }, 'not-ready', ['nowhere.json']],
])('the same functions when %s; health says so and requests get 503', async (_, env, status, paths) => {
  host = await startFunctionHost({ app: 'dist/index.cjs', env });
  expect([...host.functions].sort()).toEqual(functions);
  const report = await health(host);
  expect(report).toMatchObject({ status });
  expect(report.configuration.map(({ path }) => path).sort()).toEqual(paths);
  const response = await fetch(`${host.url}/api/webhooks/shopify`, { method: 'POST', body: '{}' });
  expect(response.status).toBe(503);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
});

async function health({ url }: FunctionHost): Promise<{ status: string; configuration: { path: string }[] }> {
  const response = await fetch(`${url}/api/health/details`);
  return (await response.json()) as { status: string; configuration: { path: string }[] };
}
