import { access, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { placeholdersIn } from '../../scripts/add-source/placeholders.ts';
import { relayFileSchema } from '../../src/config/configuration.ts';
import { sourceKinds } from '../../src/sources/index.ts';
import { makeRelayFolder, type RelayFolder, runOnRelayFile } from './run-script.ts';

const original = `{
  "$schema": "./relay.schema.json",
  "sources": {
    "shopify": { "kind": "shopify", "secrets": ["a", "b"] },
    "portal": {
      "kind": "canonical",
      "secrets": ["portal-webhook-secret"]
    }
  }
}
`;

let folder: RelayFolder;
beforeEach(async () => {
  folder = await makeRelayFolder();
  await writeFile(folder.relayFile, original);
});
afterEach(() => folder.remove());

const add = (...args: string[]) => runOnRelayFile('add-source', args, folder.relayFile);
const relayFile = () => readFile(folder.relayFile, 'utf8');
const sources = async () => relayFileSchema.parse(JSON.parse(await relayFile())).sources;

test.each([...sourceKinds])('%s: a new source, and what remains to be done for it', async (name, kind) => {
  const { code, out, err } = await add('mine', name);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const entry = (await sources()).mine;
  expect(entry).toMatchObject({ kind: name, secrets: ['mine-webhook-secret'] });

  // What was there is there as it was, and before the new source.
  expect((await relayFile()).startsWith(original.slice(0, original.lastIndexOf('\n  }')))).toBe(true);
  expect(await relayFile()).toMatch(/,\n {4}"mine": [\s\S]*\n {2}}\n}\n$/);

  expect(out).toContain('put the secret mine-webhook-secret into the vault');
  expect(out).toContain('https://<app>/api/webhooks/mine');
  expect(out).toContain(`docs/sources/${name}.md`);
  await access(`docs/sources/${name}.md`);

  // It is complete, or says by name what is missing: every option without a default.
  const unfilled = placeholdersIn(entry?.options);
  for (const { path } of unfilled) expect(out).toContain(`fill in ${path} in`);
  const filled = Object.fromEntries(
    Object.entries(entry?.options ?? {}).filter(
      ([option]) => !unfilled.some(({ path }) => path === `options.${option}`),
    ),
  );
  const issues = kind.options.safeParse(filled).error?.issues ?? [];
  const missing = issues.map(({ path }) => `options.${path.join('.')}`);
  expect(unfilled.map(({ path }) => path)).toEqual(expect.arrayContaining(missing));

  const needsMapping = !kind.mapping && !kind.selfMapped;
  expect(entry?.mapping).toBe(needsMapping ? 'mappings/mine.jsonata' : undefined);
  expect(out.includes('write its mapping: mappings/mine.jsonata')).toBe(needsMapping);
  if (needsMapping) await access(join(folder.path, 'mappings', 'mine.jsonata'));
});

test('an option that names a secret has a name, and the secret is one more thing to do', async () => {
  const { out } = await add('crm', 'hubspot');
  expect((await sources()).crm?.options).toEqual({ tokenSecret: 'hubspot-access-token' });
  expect(out).toContain('put the secret hubspot-access-token into the vault (options.tokenSecret)');
});

test('a mapping that is there already is kept', async () => {
  expect((await add('mine', 'generic')).code).toBe(0);
  const mapping = join(folder.path, 'mappings', 'mine.jsonata');
  await writeFile(mapping, '/* mine */ {}');
  await writeFile(folder.relayFile, original);
  const { code, out } = await add('mine', 'generic');
  expect(code).toBe(0);
  expect(out).toContain('the file was there already');
  expect(await readFile(mapping, 'utf8')).toBe('/* mine */ {}');
});

describe('what cannot be done changes nothing, and is said', () => {
  test.each([
    ['nothing at all', [], true, 'usage: npm run add-source -- <name> <kind>'],
    ['no kind', ['mine'], true, 'usage: '],
    ['an unknown kind', ['mine', 'shopfy'], true, 'There is no kind shopfy.'],
    ['too much', ['mine', 'shopify', 'generic'], true, 'usage: '],
    ['a name that is taken', ['portal', 'shopify'], false, 'has a source portal already'],
    ['a name in capitals', ['Mine', 'shopify'], false, 'must be lower-case letters, digits and hyphens'],
    ['the name of the direct route', ['direct', 'shopify'], false, 'choose another name'],
    ['a name that leads out of the folder', ['../mine', 'generic'], false, 'must be lower-case letters'],
  ])('%s', async (_, args, tellsUsage, words) => {
    const { code, out, err } = await add(...args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(words);
    if (tellsUsage) for (const kind of sourceKinds.keys()) expect(err).toContain(kind);
    expect(await relayFile()).toBe(original);
  });

  test.each([
    ['is not JSON', '{ "sources": {', 'is not JSON'],
    ['has no sources', '{ "direct": {} }', 'has no object "sources"'],
    ['has a list of sources', '{ "sources": [] }', 'has no object "sources"'],
  ])('a relay.json that %s', async (_, text, words) => {
    await writeFile(folder.relayFile, text);
    const { code, err } = await add('mine', 'shopify');
    expect(code).toBe(2);
    expect(err).toContain(words);
    expect(await relayFile()).toBe(text);
  });

  test('no relay.json', async () => {
    const { code, err } = await runOnRelayFile(
      'add-source',
      ['mine', 'shopify'],
      join(folder.path, 'other.json'),
    );
    expect(code).toBe(2);
    expect(err).toContain('other.json cannot be read');
  });
});
