import { execFileSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Azurite, startAzurite } from '../../local/azurite.ts';
import { type FunctionHost, startFunctionHost } from '../../local/function-host.ts';
import { startStack } from '../../local/stack.ts';
import {
  functionKey,
  outcomeOf,
  patchCustomer,
  patchesOf,
  postCanonical,
  relayConfig,
} from './relay-under-test.ts';

const app = 'dist/index.mjs';
const functions = [
  'acts',
  'apply',
  'applyPoison',
  'catchUp',
  'compareCustomer',
  'console',
  'counts',
  'customer',
  'customers',
  'deleteExpired',
  'deliveries',
  'delivery',
  'forgetCustomer',
  'guardSubscriptions',
  'health',
  'healthDetails',
  'import',
  'issues',
  'link',
  'links',
  'muteIssue',
  'openapi',
  'pause',
  'pauses',
  'preview',
  'previewDraft',
  'reconcile',
  'remapDelivery',
  'removeLink',
  'replayDeliveries',
  'replayDelivery',
  'replayIssue',
  'reportHealth',
  'reportLeftOut',
  'resume',
  'resumeOverdue',
  'setLink',
  'setLinks',
  'sources',
  'sumUpHours',
  'unmuteIssue',
  'walk',
  'walks',
  'webhooks',
];
const secrets = {
  SECRET_DIRECTSCALE_SUBSCRIPTION_KEY: 'k',
  SECRET_SHOPIFY_WEBHOOK_SECRET: 'shpss_0123456789abcdef0123456789abcdef',
  SECRET_IN_HOUSE_WEBHOOK_SECRET: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
};
let azurite: Azurite;
let host: FunctionHost | undefined;

beforeAll(async () => {
  execFileSync(process.execPath, ['scripts/build.ts'], { stdio: 'pipe' });
  azurite = await startAzurite();
});
afterEach(async () => {
  await host?.stop();
  host = undefined;
});
afterAll(() => azurite?.close());

test('the bundle has no sign-in by browser or device code, and nothing that opens a browser', async () => {
  const folder = dirname(app);
  const names = (await readdir(folder)).filter((name) => name.endsWith('.mjs'));
  const bundled = (await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))).join('\n');
  // Names stay as they are in the bundle.
  const named = (pattern: RegExp) => [...bundled.matchAll(pattern)].map(([name]) => name);
  expect(named(/ManagedIdentityApplication=class\b/g)).toHaveLength(1);
  expect(
    named(
      /(?:PublicClientApplication|LoopbackClient|DeviceCodeClient)=class\b|(?:from|import\()"open"|defaultBrowser/g,
    ),
  ).toEqual([]);
});

test('the bundle registers exactly these functions, with a complete configuration', async () => {
  host = await startFunctionHost({
    app,
    env: { ...secrets, AzureWebJobsStorage: azurite.connectionString },
  });
  expect([...host.functions].sort()).toEqual(functions);
  expect(await health(host)).toMatchObject({
    status: 'ready',
    sources: { shopify: 'ready', 'in-house': 'ready' },
    storage: 'ready',
  });
});

test('the bundle takes a webhook, queues it and applies it; and applies a direct change', async () => {
  const stack = await startStack({ relayConfig, host: { app, functionKey } });
  try {
    const payload = { customer: { customerId: '10543' }, fields: { FirstName: 'Bundled' } };
    expect(await outcomeOf(stack, await postCanonical(stack, payload))).toMatchObject({ status: 'applied' });
    expect((await patchCustomer(stack, '10543', { LastName: 'Directly' })).status).toBe(200);
    expect(patchesOf(stack, '10543')).toEqual([{ FirstName: 'Bundled' }, { LastName: 'Directly' }]);
  } finally {
    await stack.stop();
  }
});

test.each([
  ['no secret is set', {}, []],
  [
    'a setting is a Key Vault reference that did not resolve',
    { KEY_VAULT_URL: '@Microsoft.KeyVault(VaultName=v;SecretName=n)' },
    ['KEY_VAULT_URL'],
  ],
  [
    'settings are wrong',
    { MAX_BODY_BYTES: 'many', DIRECTSCALE_ENVIRONMENT: 'prod', RETRY_SCHEDULE: 'often' },
    ['DIRECTSCALE_ENVIRONMENT', 'MAX_BODY_BYTES', 'RETRY_SCHEDULE'],
  ],
  ['relay.json is missing', { RELAY_CONFIG: 'nowhere.json' }, ['nowhere.json']],
])('the same functions when %s; health says so and requests get 503', async (_, env, paths) => {
  host = await startFunctionHost({ app, env: { ...env, AzureWebJobsStorage: azurite.connectionString } });
  await expectNotReady(host, paths);
});

test('the same functions without AzureWebJobsStorage; health says so and requests get 503', async () => {
  const env = secrets;
  host = await startFunctionHost({ app, env });
  await expectNotReady(host, ['AzureWebJobsStorage']);
});

async function expectNotReady(host: FunctionHost, paths: readonly string[]): Promise<void> {
  expect([...host.functions].sort()).toEqual(functions);
  const report = await health(host);
  expect(report).toMatchObject({ status: 'not-ready' });
  expect(report.configuration.map(({ path }) => path).sort()).toEqual(paths);
  const requests = [
    ['POST', 'webhooks/shopify', '{}'],
    ['PATCH', 'customers/10542', '{"FirstName":"x"}'],
  ] as const;
  for (const [method, path, body] of requests) {
    const response = await fetch(`${host.url}/api/${path}`, { method, body });
    expect({ path, status: response.status }).toEqual({ path, status: 503 });
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(response.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
  }
}

async function health({ url }: FunctionHost): Promise<{ status: string; configuration: { path: string }[] }> {
  const response = await fetch(`${url}/api/health/details`);
  return (await response.json()) as { status: string; configuration: { path: string }[] };
}
