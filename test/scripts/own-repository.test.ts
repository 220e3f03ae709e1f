import { execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { localSecretsOf, sourcesOf } from '../../local/relay-file.ts';
import { followDelivery, sendDelivery } from '../../local/sender.ts';
import { startStack } from '../../local/stack.ts';
import { appFolder } from '../../src/app-folder.ts';
import { settingOf } from '../../src/secrets/app-settings-store.ts';
import { runOnRelayFile } from './run-script.ts';

// A company's own repository, outside of this one, with the relay in a folder of it.
let own = '';
const relayFile = () => join(own, 'relay.json');
const sample = () => join(own, 'samples/shop/new-phone.json');

beforeAll(async () => {
  own = await mkdtemp(join(tmpdir(), 'our relay-'));
  await cp('examples/own-repository', own, { recursive: true });
  await mkdir(join(own, 'relay'));
  const parts = [
    'cli',
    'console',
    'functions',
    'local',
    'mappings',
    'node_modules',
    'scripts',
    'src',
    'test',
  ];
  for (const name of [
    ...parts,
    'host.json',
    'package.json',
    'package-lock.json',
    'local.settings.sample.json',
  ])
    await symlink(join(appFolder, name), join(own, 'relay', name));
});
afterAll(() => rm(own, { recursive: true, force: true }));

test('is checked: relay.json, mappings, secrets', async () => {
  const secrets = Object.entries(await localSecretsOf(await sourcesOf(relayFile())));
  const settings = Object.fromEntries(secrets.map(([name, value]) => [settingOf(name), value]));
  const payload = ['--payload', `shop=${sample()}`];
  const checked = await runOnRelayFile('check', payload, relayFile(), {
    ...settings,
    SECRET_DIRECTSCALE_SUBSCRIPTION_KEY: 'k',
  });
  // Shopify's sample fits this mapping, too.
  expect(checked.out).toMatch(
    /new-phone\.json would send FirstName, LastName, PrimaryPhone, AssociateCustom/,
  );
  expect(checked).toMatchObject({ code: 0, err: '' });
});

test('has its mappings tested, and a difference is shown by path', async () => {
  const good = await runOnRelayFile('test-mappings', [], relayFile());
  expect(good).toMatchObject({ code: 0, out: expect.stringMatching(/2 samples as expected\.\n$/) });
  const mapping = join(own, 'mappings/shop.jsonata');
  const text = await readFile(mapping, 'utf8');
  await writeFile(mapping, text.replace('"FirstName": first_name', '"FirstName": last_name'));
  const bad = await runOnRelayFile('test-mappings', ['shop'], relayFile());
  await writeFile(mapping, text);
  expect(bad.code).toBe(1);
  expect(bad.out).toContain('changes.0.fields.FirstName: expected "Lea", got "Sample"\n');
  expect(bad.out).toContain('1 of 2 samples differ.');
});

test.each([
  ['a source without samples', ['portal'], /^There is no sample in /],
  ['an unknown option', ['--updat'], /^Unknown option/],
])('%s: said in a line, exit code 2', async (_, args, words) => {
  const ran = await runOnRelayFile('test-mappings', args, relayFile());
  expect(ran.code).toBe(2);
  expect(ran.err).toMatch(words);
});

test('is packaged, and the package delivers a change by its own mapping', async () => {
  const relay = join(own, 'relay');
  const env = { PATH: process.env.PATH ?? '', RELAY_CONFIG: relayFile() };
  // As `npm --prefix relay run package` runs it.
  execFileSync(process.execPath, [join(appFolder, 'scripts/package.ts')], { cwd: relay, env, stdio: 'pipe' });
  const files = unzipSync(await readFile(join(relay, 'dist/customer-relay.zip')));
  const packed = JSON.parse(Buffer.from(files['relay.json'] ?? []).toString('utf8'));
  expect(packed.sources.shop.mapping).toBe('own/shop.jsonata');
  expect(Object.keys(files)).toContain('own/shop.jsonata');

  const unpacked = join(own, 'unpacked');
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(unpacked, path)), { recursive: true });
    await writeFile(join(unpacked, path), content);
  }
  const relayConfig = join(unpacked, 'relay.json');
  const stack = await startStack({ relayConfig, host: { app: 'dist/index.mjs', folder: unpacked } });
  try {
    const entry = (await sourcesOf(relayConfig)).shop;
    if (!entry) throw new Error('the package has no source shop');
    const delivered = await followDelivery(
      await sendDelivery(stack.host.url, 'shop', entry, { file: sample() }),
    );
    expect(await delivered.json()).toMatchObject({ status: 'applied' });
    expect(stack.sandbox.customers.get('10542')).toMatchObject({ FirstName: 'Lea' });
    expect(stack.sandbox.customFields.get('10542')).toEqual({ Field1: 'gold' });
  } finally {
    await stack.stop();
  }
}, 120_000);
