import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { declarationsOf, valueAt } from './bicep-file.ts';
import { checkTexts, readBicep, readBicepTexts } from './infra-files.ts';
import { roleAssignmentsOf } from './read-resources.ts';

const texts = await readBicepTexts();

test('the check finds nothing wrong in infra/', async () => {
  expect(texts.size).toBeGreaterThan(8);
  expect(await checkTexts(texts)).toEqual([]);
});

const noVersion = /no resource type with an API version/;

/** What the check has to find when a text of a file is replaced. */
const mistakes: [what: string, path: string, text: string, by: string, found: RegExp][] = [
  [
    'a missing brace',
    'app/vault.bicep',
    'properties: {',
    'properties: ',
    /vault.bicep: line \d+: syntax error/,
  ],
  ['a missing quote', 'main.bicep', "'identity'", "'identity", /main.bicep: line \d+: syntax error/],
  ['a misspelt symbol', 'main.bicep', 'scope: group', 'scope: grup', /grup is not declared/],
  ['a misspelt function', 'main.bicep', 'toLower(', 'toLowr(', /unknown function toLowr/],
  ['a misspelt symbol in text', 'main.bicep', '{token}', '{tokn}', /tokn is not declared/],
  [
    'an unused parameter',
    'app/vault.bicep',
    'param name',
    'param color string\nparam name',
    /color is not used/,
  ],
  ['an unused variable', 'main.bicep', 'var token', 'var spare = 1\nvar token', /spare is not used/],
  [
    'a symbol declared twice',
    'main.bicep',
    'var token',
    'var tags = {}\nvar token',
    /tags is declared twice/,
  ],
  [
    'a module without its file',
    'main.bicep',
    'app/roles.bicep',
    'app/role.bicep',
    /there is no infra\/app\/role.bicep/,
  ],
  [
    'a parameter that a module lacks',
    'main.bicep',
    'isPrivate: private',
    'private: private',
    /no parameter private/,
  ],
  ['a parameter not given', 'main.bicep', 'email: alertEmail', '', /parameter email is missing/],
  [
    'an output that a module lacks',
    'main.bicep',
    'vault.outputs.uri',
    'vault.outputs.url',
    /there is no output url/,
  ],
  [
    'a file that cannot be loaded',
    'app/alerts.bicep',
    'parked.kql',
    'park.kql',
    /no infra\/alerts\/park.kql/,
  ],
  ['a malformed API version', 'app/vault.bicep', '@2023-07-01', '@2023-7-1', noVersion],
  ['a date that is none', 'app/vault.bicep', '@2023-07-01', '@2023-13-01', noVersion],
  ['a resource without a version', 'app/vault.bicep', '@2023-07-01', '', noVersion],
  [
    'a wrong role id',
    'app/roles.bicep',
    '4633458b',
    '4633458c',
    /not the id of the role keyVaultSecretsUser/,
  ],
  ['roles exchanged', 'app/roles.bicep', 'keyVaultSecretsUser:', 'keyVaultReader:', /not the id of the role/],
  [
    'a key as a literal',
    'app/storage.bicep',
    "'Hot'",
    "'DefaultEndpointsProtocol=https;AccountKey=x'",
    /like a secret/,
  ],
  [
    'a signing secret',
    'app/vault.bicep',
    "'standard'",
    "'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'",
    /like a secret/,
  ],
  [
    'a random literal',
    'app/vault.bicep',
    "'standard'",
    "'0Ab1c2D3e4F5g6H7i8J9k0L1m2N3o4P5'",
    /like a secret/,
  ],
  [
    'a secret parameter',
    'main.bicep',
    'param alertEmail',
    'param apiKey string\nparam alertEmail',
    /apiKey looks like/,
  ],
  [
    'a key that is read',
    'app/storage.bicep',
    "name: 'default'",
    'name: account.listKeys()',
    /listKeys reads a secret/,
  ],
  [
    'a secret in an output',
    'app/monitoring.bicep',
    'string = workspace.id',
    'string = applicationInsights.properties.ConnectionString',
    /the output workspaceId would show a secret/,
  ],
];

describe('the check finds', () => {
  test.each(mistakes)('%s', async (_what, name, text, by, found) => {
    const path = `infra/${name}`;
    const original = texts.get(path) ?? '';
    expect(original).toContain(text);
    const problems = await checkTexts(new Map([...texts, [path, original.replace(text, () => by)]]));
    expect(problems.join('\n')).toMatch(found);
  });
});

test('the app gets these roles and no other; only a person may write secrets', async () => {
  expect(roleAssignmentsOf(await readBicep('infra/app/roles.bicep')).toSorted()).toEqual([
    'appPrincipalId: keyVaultSecretsUser on vault',
    'appPrincipalId: monitoringMetricsPublisher on applicationInsights',
    'appPrincipalId: storageBlobDataOwner on storage',
    'appPrincipalId: storageQueueDataContributor on storage',
    'appPrincipalId: storageTableDataContributor on storage',
    'vaultOfficerId: keyVaultSecretsOfficer on vault',
  ]);
  for (const [path, text] of texts) {
    if (path !== 'infra/app/roles.bicep') expect(text).not.toContain('roleAssignments');
  }
});

const hardening: [file: string, resource: string, property: string, value: string][] = [
  ['storage', 'account', 'properties.allowSharedKeyAccess', 'false'],
  ['storage', 'account', 'properties.allowBlobPublicAccess', 'false'],
  ['storage', 'account', 'properties.minimumTlsVersion', "'TLS1_2'"],
  ['storage', 'account', 'properties.supportsHttpsTrafficOnly', 'true'],
  ['storage', 'account', 'properties.publicNetworkAccess', "isPrivate ? 'Disabled' : 'Enabled'"],
  ['storage', 'account', 'properties.networkAcls.defaultAction', "isPrivate ? 'Deny' : 'Allow'"],
  ['vault', 'vault', 'properties.enableRbacAuthorization', 'true'],
  ['vault', 'vault', 'properties.enablePurgeProtection', 'true'],
  ['vault', 'vault', 'properties.enableSoftDelete', 'true'],
  ['vault', 'vault', 'properties.publicNetworkAccess', "isPrivate ? 'Disabled' : 'Enabled'"],
  ['vault', 'vault', 'properties.networkAcls.defaultAction', "isPrivate ? 'Deny' : 'Allow'"],
  ['monitoring', 'workspace', 'properties.features.disableLocalAuth', 'true'],
  ['monitoring', 'applicationInsights', 'properties.DisableLocalAuth', 'true'],
  ['monitoring', 'workspace', 'properties.workspaceCapping.dailyQuotaGb', 'dailyCapGb'],
  ['storage', 'blobLog', 'scope', 'blobs'],
  ['storage', 'blobLog', 'properties.logs', "[{ categoryGroup: 'audit', enabled: true }]"],
  ['storage', 'queueLog', 'scope', 'queues'],
  ['storage', 'tableLog', 'scope', 'tables'],
  ['vault', 'audit', 'properties.workspaceId', 'workspaceId'],
  ['budget', 'budget', 'properties.amount', 'amount'],
  ['function-app', 'app', 'identity.type', "'UserAssigned'"],
  ['function-app', 'app', 'properties.httpsOnly', 'true'],
  ['function-app', 'app', 'properties.siteConfig.minTlsVersion', "'1.2'"],
  ['function-app', 'app', 'properties.siteConfig.ftpsState', "'Disabled'"],
  ['function-app', 'noFtpPassword', 'properties.allow', 'false'],
  ['function-app', 'noDeploymentPassword', 'properties.allow', 'false'],
  [
    'function-app',
    'app',
    'properties.functionAppConfig.deployment.storage.authentication.type',
    "'UserAssignedIdentity'",
  ],
];

test.each(hardening)('%s: %s has %s %s', async (name, resource, property, value) => {
  const declarations = declarationsOf(await readBicep(`infra/app/${name}.bicep`));
  const declaration = declarations.find((candidate) => candidate.name === resource);
  expect(declaration && valueAt(declaration, property)?.text).toBe(value);
});

test('every resource that can have tags has them', async () => {
  const untagged: string[] = [];
  for (const path of texts.keys()) {
    for (const declaration of declarationsOf(await readBicep(path))) {
      const hasLocation = declaration.kind === 'resource' && valueAt(declaration, 'location');
      if (hasLocation && !valueAt(declaration, 'tags')) untagged.push(declaration.name);
    }
  }
  expect(untagged).toEqual([]);
});

test('the package lies in the account of the data, and the security page says why', async () => {
  const app = texts.get('infra/app/function-app.bicep');
  expect(app).toMatch(
    /value: '\$\{storage\.properties\.primaryEndpoints\.blob\}\$\{deploymentContainerName\}'/,
  );
  expect(app).toMatch(/AzureWebJobsStorage__tableServiceUri: 'https:\/\/\$\{storage\.name\}\.table\./);
  expect(await readFile('docs/security.md', 'utf8')).toMatch(
    /\*\*The package lies in the storage account that holds the data\.\*\* A second account would not separate them: /,
  );
});
