import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { localSecretsOf, type Sources } from '../../local/relay-file.ts';
import { type Sandbox, startSandbox } from '../../local/sandbox/sandbox.ts';
import { senderOf } from '../../local/sender.ts';
import { placeholdersIn } from '../../scripts/add-source/placeholders.ts';
import { appFolder } from '../../src/app-folder.ts';
import { relayFileSchema } from '../../src/config/configuration.ts';
import { settingOf } from '../../src/secrets/app-settings-store.ts';
import { sourceKinds } from '../../src/sources/index.ts';
import { makeRelayFolder, type RelayFolder, runOnRelayFile } from './run-script.ts';

let folder: RelayFolder;
beforeEach(async () => {
  folder = await makeRelayFolder();
});
afterEach(() => folder.remove());

const directScaleKey = { SECRET_DIRECTSCALE_SUBSCRIPTION_KEY: 'k' };
const shopifySecret = { SECRET_SHOPIFY_WEBHOOK_SECRET: 'a-secret-of-16-letters' };
const shopify = { kind: 'shopify', secrets: ['shopify-webhook-secret'] };

const check = (
  settings: Record<string, string> = { ...directScaleKey, ...shopifySecret },
  args: readonly string[] = [],
) => runOnRelayFile('check', args, folder.relayFile, settings);

const secretSettings = async (sources: Sources) =>
  Object.fromEntries(
    Object.entries(await localSecretsOf(sources)).map(([name, value]) => [settingOf(name), value]),
  );

/** The lines that begin so, without the beginning. */
const lines = (out: string, mark: string) =>
  out.split('\n').flatMap((line) => (line.startsWith(mark) ? [line.slice(mark.length).trim()] : []));

test('every kind that add-source adds: accepted, or exactly what add-source said is missing; then all is well', async () => {
  await folder.write({});
  const kinds = [...sourceKinds];
  for (const [name] of kinds) {
    const { code, err } = await runOnRelayFile('add-source', [name, name], folder.relayFile);
    expect({ name, code, err }).toEqual({ name, code: 0, err: '' });
  }
  const added = relayFileSchema.parse(JSON.parse(await readFile(folder.relayFile, 'utf8'))).sources;
  const secrets = { ...directScaleKey, ...(await secretSettings(added)) };

  const first = await check(secrets);
  const missing = kinds.flatMap(([name, kind]) => {
    const options = placeholdersIn(added[name]?.options).map(
      ({ path, form }) => `${name}: ${path} is still to be filled in: ${form}`,
    );
    const mapping = `${name}: its mapping is still to be written: mappings/${name}.jsonata`;
    return kind.mapping || kind.selfMapped ? options : [...options, mapping];
  });
  expect(lines(first.out, 'BAD').sort()).toEqual(missing.sort());
  expect(first.code).toBe(1);
  for (const [name] of kinds) {
    if (!missing.some((line) => line.startsWith(`${name}: `))) {
      expect(lines(first.out, 'ok')).toContainEqual(expect.stringMatching(`^${name}: `));
    }
  }

  const filled: [string, object][] = await Promise.all(
    kinds.map(async ([name]): Promise<[string, object]> => {
      const needed = (await senderOf(name)).entry?.('http://127.0.0.1:1') ?? {};
      const mapping = needed.mapping && join(appFolder, needed.mapping);
      const options = { ...added[name]?.options, ...needed.options };
      return [name, { ...added[name], ...(mapping && { mapping }), options }];
    }),
  );
  await folder.write(Object.fromEntries(filled));
  const second = await check(secrets);
  expect(second.out).not.toMatch(/^BAD/m);
  expect(second.out).toMatch(/\nAll is well\.\n$/);
  expect(second.code).toBe(0);
  for (const [name, kind] of kinds) {
    const words = kind.mapping || name === 'canonical' ? 'would send' : '';
    expect(lines(second.out, 'ok')).toContainEqual(expect.stringMatching(`^${name}: .*${words}`));
  }
}, 120_000);

test('a sample that changes a customer names every field that would be sent', async () => {
  await folder.write({ shopify });
  const { code, out } = await check();
  expect(code).toBe(0);
  expect(lines(out, 'ok')).toEqual([
    'shopify: the sample of shopify would send CompanyName, EmailAddress, PrimaryAddress, DefaultShippingAddress, FirstName, LastName, PrimaryPhone',
    'secret directscale-subscription-key: there',
    'secret shopify-webhook-secret: there',
  ]);
});

describe('a secret', () => {
  test('that is missing: which one, and where it was looked for', async () => {
    await folder.write({ shopify });
    const { code, out } = await check(directScaleKey);
    expect(code).toBe(1);
    expect(lines(out, 'BAD')).toEqual([
      'secret shopify-webhook-secret: the app setting SECRET_SHOPIFY_WEBHOOK_SECRET is not set',
    ]);
    expect(out).toContain('1 problem.');
  });

  test.each([
    ['', 'the app setting SECRET_SHOPIFY_WEBHOOK_SECRET is not set'],
    [' \n', 'is empty'],
    ['too-short\n', 'is too short: it needs at least 16 bytes'],
  ])('that can be no key, %j: which one and why, never what it holds', async (secret, reason) => {
    await folder.write({ shopify });
    const { code, out } = await check({ ...directScaleKey, SECRET_SHOPIFY_WEBHOOK_SECRET: secret });
    expect(code).toBe(1);
    expect(lines(out, 'BAD')).toEqual([`secret shopify-webhook-secret: ${reason}`]);
    expect(out).not.toContain('too-short');
  });

  test('the address that a sender signs is named', async () => {
    await folder.write({ crm: { kind: 'hubspot', secrets: ['shopify-webhook-secret'] } });
    const { out } = await check({ PUBLIC_URL: 'https://apim.example.com/relay' });
    expect(lines(out, 'ok')).toContain(
      'crm: its sender signs the address that it calls: it must be https://apim.example.com/relay/api/webhooks/crm',
    );
  });

  test('that an option names is needed; one that only a default names may be', async () => {
    const crm = { kind: 'hubspot', secrets: ['shopify-webhook-secret'] };
    await folder.write({ crm });
    const unsure = await check();
    expect(unsure.code).toBe(0);
    expect(lines(unsure.out, '?')).toEqual([
      'crm: its sender signs the address that it calls: set PUBLIC_URL where a proxy stands before',
      expect.stringMatching(
        /^secret hubspot-access-token: .* It may be needed \(crm: options\.tokenSecret\)$/,
      ),
    ]);
    await folder.write({ crm: { ...crm, options: { tokenSecret: 'my-token' } } });
    const needed = await check();
    expect(needed.code).toBe(1);
    expect(lines(needed.out, 'BAD')).toEqual(['secret my-token: the app setting SECRET_MY_TOKEN is not set']);
  });

  test('is never shown', async () => {
    await folder.write({ shopify });
    const { out, err } = await check({
      ...directScaleKey,
      SECRET_SHOPIFY_WEBHOOK_SECRET: 'very-secret',
    });
    expect(out + err).not.toContain('very-secret');
  });
});

describe('a mapping', () => {
  const own = { ...shopify, mapping: 'own.jsonata' };
  const writeMapping = (text: string) => writeFile(join(folder.path, 'own.jsonata'), text);
  beforeEach(() => folder.write({ own, shopify }));

  test.each([
    [
      'that does not compile: file, line and column',
      '{\n  "customer": {\n',
      /own\.jsonata:3:\d+ does not compile/,
    ],
    [
      'that does not fit the sample: what it gives, by path',
      '{ "customer": { "customerId": "x" }, "fields": { "Nickname": first_name } }',
      /^own: the sample of shopify gives customer\.customerId must be [^;]*; Nickname is not a known name$/,
    ],
    [
      'that fails for the sample',
      '$number(first_name)',
      /^own: .* fails for this payload: JSONata error D3030/,
    ],
    [
      'that makes nothing of the sample',
      '{ "fields": {} }',
      /^own: the sample of shopify gives no customer and no field/,
    ],
  ])('%s', async (_, text, words) => {
    await writeMapping(text);
    const { code, out } = await check();
    expect(code).toBe(1);
    expect(lines(out, 'BAD')).toEqual([expect.stringMatching(words)]);
    // The others are checked all the same.
    expect(lines(out, 'ok')).toContainEqual(expect.stringMatching(/^shopify: .* would send/));
    expect(out).not.toContain('Maria');
  });

  test('that is not there', async () => {
    const { code, out } = await check();
    expect(code).toBe(1);
    expect(lines(out, 'BAD')).toEqual([
      expect.stringMatching(/relay\.json: sources\.own\.mapping: the file own\.jsonata cannot be read$/),
    ]);
  });

  test('that is right', async () => {
    await writeMapping(await readFile('mappings/shopify.jsonata', 'utf8'));
    expect((await check()).code).toBe(0);
  });
});

describe("a payload of one's own", () => {
  test('is mapped as the source is configured, as what it says it is', async () => {
    await folder.write({ shopify });
    const file = join(folder.path, 'payload.json');
    await writeFile(
      file,
      '{"id":1,"first_name":"Lea","metafields":[{"namespace":"directscale","key":"customer_id","value":"10542"}]}',
    );
    const changed = await check(undefined, ['--payload', `shopify=${file}`]);
    expect(lines(changed.out, 'ok')[1]).toMatch(/^shopify: \S+payload\.json would send FirstName$/);
    expect(changed.out).not.toContain('Lea');
    const deleted = await check(undefined, ['--payload', `shopify=${file}`, '--topic', 'customers/delete']);
    expect(lines(deleted.out, 'ok')[1]).toMatch(/payload\.json is for-a-person$/);
    await writeFile(file, '{');
    const broken = await check(undefined, ['--payload', `shopify=${file}`]);
    expect([broken.code, lines(broken.out, 'BAD')]).toEqual([
      1,
      [expect.stringMatching(/payload\.json cannot be mapped: The body is not JSON\.$/)],
    ]);
  });

  test.each([
    [
      'without a source',
      ['--payload', 'payload.json'],
      /^--payload must be SOURCE=FILE, not payload\.json\n/,
    ],
    [
      'for a source that is not there',
      ['--payload', 'shop=payload.json'],
      /^There is no source shop for --payload\n/,
    ],
    ['that is not there', ['--payload', 'shopify=/nowhere.json'], /^\/nowhere\.json is not there\.\n$/],
  ])('%s: said in a line, exit code 2', async (_, args, words) => {
    await folder.write({ shopify });
    const { code, err } = await check(undefined, args);
    expect(code).toBe(2);
    expect(err).toMatch(words);
  });
});

test('a secret that is still the text of local.settings.sample.json is named', async () => {
  await folder.write({ shopify });
  const { code, out } = await check({
    ...directScaleKey,
    SECRET_SHOPIFY_WEBHOOK_SECRET: 'the client secret of your Shopify app',
  });
  expect(code).toBe(1);
  expect(lines(out, 'BAD')).toEqual([
    'secret shopify-webhook-secret: is still the text of local.settings.sample.json',
  ]);
});

describe('a relay.json', () => {
  test.each([
    ['with an unknown kind', { a: { kind: 'shopfy', secrets: ['s'] } }, /sources\.a\.kind: .*shopify/],
    ['without secrets', { a: { kind: 'shopify' } }, /sources\.a\.secrets: /],
    [
      'with an unknown option',
      { a: { ...shopify, options: { unheardOf: 'x' } } },
      /sources\.a\.options\.unheardOf: is not a known name$/,
    ],
    [
      'with a wrong option',
      { a: { ...shopify, kind: 'stripe', options: { livemode: 1 } } },
      /options\.livemode: /,
    ],
  ])('%s: where and what', async (_, sources, words) => {
    await folder.write(sources);
    const { code, out } = await check();
    expect(code).toBe(1);
    expect(lines(out, 'BAD')).toEqual([expect.stringMatching(words)]);
  });

  test('that is not there, or not JSON', async () => {
    const missing = await check();
    expect([missing.code, missing.out]).toEqual([1, expect.stringContaining('cannot be read')]);
    await writeFile(folder.relayFile, '{');
    const broken = await check();
    expect([broken.code, broken.out]).toEqual([1, expect.stringContaining('is not JSON')]);
  });
});

test('settings that are wrong are all listed', async () => {
  await folder.write({ shopify });
  const { code, out } = await check({
    DIRECTSCALE_TIMEOUT_MS: 'soon',
    DIRECTSCALE_BASE_URL: 'dsapi.directscale.com',
    RETENTION_DAYS: '0',
  });
  expect(code).toBe(1);
  expect(lines(out, 'BAD').map((line) => line.split(':')[0])).toEqual([
    'DIRECTSCALE_BASE_URL',
    'DIRECTSCALE_TIMEOUT_MS',
    'RETENTION_DAYS',
  ]);
});

describe('--probe', () => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await startSandbox({ subscriptionKeys: ['k'], port: 0 });
    await folder.write({ shopify });
  });
  afterEach(() => sandbox.close());
  const probe = (customer: string, settings: Record<string, string> = directScaleKey) =>
    check({ ...settings, ...shopifySecret, DIRECTSCALE_BASE_URL: sandbox.url }, ['--probe', customer]);

  test('reads the customer, looks her up by each reference, and changes nothing', async () => {
    const { code, out } = await probe('10542');
    expect({ code, bad: lines(out, 'BAD') }).toEqual({ code: 0, bad: [] });
    expect(lines(out, 'ok')).toEqual(
      expect.arrayContaining([
        'customer 10542 can be read',
        expect.stringMatching(/^look-up by \w+: finds the customer$/),
      ]),
    );
    expect(sandbox.history.length).toBeGreaterThan(1);
    expect(sandbox.history.map(({ method }) => method)).toEqual(sandbox.history.map(() => 'GET'));
  });

  test('a parameter of another name, a customer who is not there, a wrong key, no key, no id: said', async () => {
    const renamed = await probe('10542', { ...directScaleKey, DIRECTSCALE_QUERY_USERNAME: 'login' });
    expect([renamed.code, lines(renamed.out, 'BAD')]).toEqual([
      1,
      [expect.stringMatching(/^look-up by username: /)],
    ]);
    for (const [customer, settings, words] of [
      ['999999', directScaleKey, 'customer 999999 cannot be read'],
      ['10542', { SECRET_DIRECTSCALE_SUBSCRIPTION_KEY: 'wrong' }, 'key-rejected'],
      ['10542', {}, 'SECRET_DIRECTSCALE_SUBSCRIPTION_KEY is not set'],
      ['Maria', directScaleKey, 'must be a DirectScale customer id'],
    ] as const) {
      const { code, out } = await probe(customer, settings);
      expect([code, lines(out, 'BAD')]).toEqual([
        1,
        expect.arrayContaining([expect.stringContaining(words)]),
      ]);
    }
  });
});
