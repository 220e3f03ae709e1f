import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { namesStorage } from '../../src/azure/storage-connection.ts';
import { settingsSchema } from '../../src/config/settings.ts';
import { parseBicep } from './bicep-file.ts';
import { readBicep } from './infra-files.ts';
import { appSettingsOf } from './read-resources.ts';

const inSchema = Object.keys(settingsSchema.shape).toSorted();

/** Read by the platform, not by src/config/settings.ts. */
const platformSettings = [
  'APPLICATIONINSIGHTS_AUTHENTICATION_STRING',
  'APPLICATIONINSIGHTS_CONNECTION_STRING',
  'AzureWebJobsStorage__blobServiceUri',
  'AzureWebJobsStorage__clientId',
  'AzureWebJobsStorage__credential',
  'AzureWebJobsStorage__queueServiceUri',
  'AzureWebJobsStorage__tableServiceUri',
];
/** Known only while the resources are created. */
const fromResources = ['AZURE_CLIENT_ID', 'KEY_VAULT_URL'];

const functionApp = await readBicep('infra/app/function-app.bicep');

function without(names: readonly string[], others: readonly string[]): string[] {
  return names.filter((name) => !others.includes(name)).toSorted();
}

test('Bicep sets every setting that the relay reads, what the platform reads, and nothing else', () => {
  const set = appSettingsOf(functionApp);
  expect(without(set, platformSettings)).toEqual(inSchema);
  expect(without(platformSettings, set)).toEqual([]);
});

test('the app finds its storage account by what Bicep sets', () => {
  const env = Object.fromEntries(appSettingsOf(functionApp).map((name) => [name, 'https://example.com']));
  expect(namesStorage(env)).toBe(true);
});

test('the addresses of storage end without a slash: the app appends the name of its queue', () => {
  for (const service of ['blob', 'queue', 'table']) {
    expect(functionApp.root.text).toMatch(
      new RegExp(`AzureWebJobsStorage__${service}ServiceUri: 'https://\\S+[^/]'\n`),
    );
  }
});

test('each setting is taken from the parameter of the same name, and is empty if that is missing', () => {
  for (const name of without(inSchema, fromResources)) {
    expect(functionApp.root.text).toContain(`${name}: settings.?${name} ?? ''`);
  }
});

test('main.parameters.json takes each setting from the azd environment, under the same name', async () => {
  const { parameters } = z
    .object({
      parameters: z.looseObject({ settings: z.object({ value: z.record(z.string(), z.string()) }) }),
    })
    .parse(JSON.parse(await readFile('infra/main.parameters.json', 'utf8')));
  const expected = without(inSchema, fromResources).map((name) => [name, `$\{${name}}`]);
  expect(Object.entries(parameters.settings.value).toSorted()).toEqual(expected);
});

test('local.settings.sample.json lists every setting that the relay reads', async () => {
  const { Values } = z
    .object({ Values: z.record(z.string(), z.string()) })
    .parse(JSON.parse(await readFile('local.settings.sample.json', 'utf8')));
  const local = ['FUNCTIONS_WORKER_RUNTIME', 'AzureWebJobsStorage'];
  const relays = Object.keys(Values).filter((name) => !name.startsWith('SECRET_'));
  expect(without(relays, local)).toEqual(inSchema);
});

test('the table of settings in the README lists every setting that the relay reads', async () => {
  const readme = await readFile('README.md', 'utf8');
  const table = readme.split('| setting | default | meaning |')[1]?.split('\n\n')[0] ?? '';
  expect([...table.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name).toSorted()).toEqual(inSchema);
});

test('a setting that Bicep forgets or invents is noticed', async () => {
  const text = functionApp.root.text;
  const less = await parseBicep('x', text.replace(/^ *RETENTION_DAYS: .*\n/m, ''));
  expect(appSettingsOf(less)).not.toContain('RETENTION_DAYS');
  const more = await parseBicep('x', text.replace('RETENTION_DAYS:', "EXTRA: ''\n      RETENTION_DAYS:"));
  expect(appSettingsOf(more)).toEqual(expect.arrayContaining(['EXTRA', 'RETENTION_DAYS']));
});
