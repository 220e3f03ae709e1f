import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startStack } from '../../local/stack.ts';
import { appFolder } from '../../src/app-folder.ts';
import { relayFileSchema } from '../../src/config/configuration.ts';
import { functionKey, outcomeOf, patchCustomer, patchesOf, postCanonical } from './relay-under-test.ts';

/** What the app's folder has that the package is made of; the tests make it in a folder of their own. */
const ingredients = [
  'functions',
  'console',
  'src',
  'mappings',
  'node_modules',
  'host.json',
  'package.json',
  'package-lock.json',
];
const relayFile = relayFileSchema.parse({
  sources: {
    'in-house': { kind: 'canonical', secrets: ['in-house-webhook-secret'] },
    partner: { kind: 'shopify', secrets: ['shopify-webhook-secret'], mapping: 'partners/shop.jsonata' },
  },
});

let workspace: string;
let unpacked: string;
let files: Record<string, Uint8Array>;

beforeAll(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'package-'));
  for (const name of ingredients) await symlink(join(appFolder, name), join(workspace, name));
  await mkdir(join(workspace, 'partners'));
  await writeFile(join(workspace, 'partners/shop.jsonata'), '{"fields": {}}');
  await writeFile(join(workspace, 'partners/not-named.jsonata'), '{}');
  await writeFile(join(workspace, 'local.settings.json'), '{"Values":{"SECRET_X":"y"}}');
  await writeFile(join(workspace, 'relay.json'), JSON.stringify(relayFile));
  makePackage();

  files = unzipSync(await readFile(join(workspace, 'dist/customer-relay.zip')));
  unpacked = await mkdtemp(join(tmpdir(), 'unpacked-'));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(unpacked, path)), { recursive: true });
    await writeFile(join(unpacked, path), content);
  }
});
afterAll(async () => {
  for (const folder of [workspace, unpacked]) if (folder) await rm(folder, { recursive: true, force: true });
});

function makePackage(): string {
  const script = join(appFolder, 'scripts/package.ts');
  return execFileSync(process.execPath, [script], { cwd: workspace, stdio: 'pipe', encoding: 'utf8' });
}

test('the package holds what the app reads, and nothing else', () => {
  const paths = Object.keys(files).filter((path) => !/^dist\/chunk-[A-Z0-9]+\.mjs$/.test(path));
  expect(paths).toContain('mappings/shopify.jsonata');
  expect(paths.filter((path) => !/^mappings\/[a-z-]+\.jsonata$/.test(path))).toEqual([
    'dist/console/console.css',
    'dist/console/console.js',
    'dist/console/icon.svg',
    'dist/console/index.html',
    'dist/index.mjs',
    'dist/mapping-worker.mjs',
    'host.json',
    'package.json',
    'partners/shop.jsonata',
    'relay.json',
  ]);
  expect(JSON.parse(Buffer.from(files['package.json'] ?? []).toString())).toEqual({
    name: 'customer-relay',
    version: expect.any(String),
    private: true,
    type: 'module',
    main: 'dist/index.mjs',
  });
});

test('unpacked into an empty folder it starts, takes a webhook and a direct change, and delivers both', async () => {
  const stack = await startStack({ host: { app: 'dist/index.mjs', folder: unpacked, functionKey } });
  try {
    expect(stack.host.functions).toContain('openapi');
    const change = { customer: { customerId: '10543' }, fields: { FirstName: 'Packed' } };
    expect(await outcomeOf(stack, await postCanonical(stack, change))).toMatchObject({ status: 'applied' });
    expect((await patchCustomer(stack, '10543', { LastName: 'Directly' })).status).toBe(200);
    expect(patchesOf(stack, '10543')).toEqual([{ FirstName: 'Packed' }, { LastName: 'Directly' }]);
    const details = await fetch(`${stack.host.url}/api/health/details?code=${functionKey}`);
    expect(await details.json()).toMatchObject({ configuration: [], sources: { partner: 'ready' } });
    expect((await fetch(`${stack.host.url}/api/openapi.json?version=2`)).status).toBe(200);
  } finally {
    await stack.stop();
  }
});

test('the same files give the same bytes', async () => {
  const zip = join(workspace, 'dist/customer-relay.zip');
  const before = await readFile(zip);
  makePackage();
  expect((await readFile(zip)).equals(before)).toBe(true);
});

test('the bill of materials lists every package that the app needs, and none of development', async () => {
  const bom = JSON.parse(await readFile(join(workspace, 'dist/sbom.json'), 'utf8'));
  expect(bom).toMatchObject({ bomFormat: 'CycloneDX', metadata: { component: { name: 'customer-relay' } } });
  const purls = bom.components.map(({ purl }: { purl: string }) => decodeURIComponent(purl));
  const { packages } = JSON.parse(await readFile('package-lock.json', 'utf8'));
  const needed = Object.entries<{ version: string; dev?: boolean }>(packages)
    .filter(([path, { dev }]) => path && !dev)
    .map(([path, { version }]) => `pkg:npm/${path.split('node_modules/').at(-1)}@${version}`);
  expect(needed.length).toBeGreaterThan(10);
  expect(purls.sort()).toEqual([...new Set(needed)].sort());
});

describe('no package is made', () => {
  test.each([
    ['relay.json is wrong', { sources: { x: { kind: 'unheard-of', secrets: ['s'] } } }, 'sources.x.kind'],
    ['a mapping is missing', withMapping('partners/none.jsonata'), 'partners/none.jsonata cannot be read'],
    ['a mapping lies outside', withMapping('../shop.jsonata'), "must lie in the app's folder"],
  ])('when %s', async (_, content, message) => {
    await writeFile(join(workspace, 'relay.json'), JSON.stringify(content));
    expect(makePackage).toThrow(message);
  });

  function withMapping(mapping: string): object {
    return { sources: { partner: { ...relayFile.sources.partner, mapping } } };
  }
});
