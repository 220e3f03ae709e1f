import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { zipSync } from 'fflate';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { type Declaration, declarationsOf, textOf } from './bicep-file.ts';
import { readBicep } from './infra-files.ts';

const azureYaml = await readFile('azure.yaml', 'utf8');
const main = await readBicep('infra/main.bicep');
const parametersFile = z
  .object({ parameters: z.record(z.string(), z.object({ value: z.unknown() })) })
  .parse(JSON.parse(await readFile('infra/main.parameters.json', 'utf8')));
const packageFile = z
  .object({ name: z.string(), scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(await readFile('package.json', 'utf8')));

/** The values of a key, at any depth. The file has no YAML beyond plain keys and values. */
function valuesOf(yaml: string, key: string): string[] {
  return [...yaml.matchAll(new RegExp(`^ *${key}: (.+)$`, 'gm'))].map(([, value = '']) => value);
}

test('azure.yaml names the template and the one service that Bicep tags', () => {
  const [path] = valuesOf(azureYaml, 'path');
  const [module] = valuesOf(azureYaml, 'module');
  expect(existsSync(`${path}/${module}.bicep`)).toBe(true);
  const services = /^services:\n((?: .*\n)+)/m.exec(azureYaml)?.[1] ?? '';
  const names = [...services.matchAll(/^ {2}([\w-]+):$/gm)].map(([, name]) => name);
  const tagged = [...main.root.text.matchAll(/serviceName: '(\w+)'/g)].map(([, name]) => name);
  expect(names).toEqual(['api']);
  expect(tagged).toEqual(names);
  expect(valuesOf(services, 'host')).toEqual(['function']);
});

test('azd deploys what npm run package leaves, and builds nothing in Azure', () => {
  expect(valuesOf(azureYaml, 'remoteBuild')).toEqual(['false']);
  const build = 'npm ci && npm run package && npm exec -- node scripts/unpack-package.ts';
  const access = 'npm exec -- node scripts/storage-access.ts';
  const hooks = [build, `${build} && ${access} open`, `${access} close`];
  expect(valuesOf(azureYaml, 'run')).toEqual(hooks.flatMap((hook) => [hook, hook]));
  expect(Object.keys(packageFile.scripts)).toContain('package');
});

test('azd finds the package where it is unpacked: the same files as in the zip', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'unpack-'));
  try {
    const files = { 'host.json': Buffer.from('{}'), 'dist/index.mjs': Buffer.from('export {};') };
    await mkdir(join(folder, 'dist'));
    await writeFile(join(folder, 'dist/customer-relay.zip'), zipSync(files));
    execFileSync(process.execPath, [resolve('scripts/unpack-package.ts')], { cwd: folder });
    const [project = ''] = valuesOf(azureYaml, 'project');
    for (const [path, content] of Object.entries(files)) {
      expect(await readFile(join(folder, project, path))).toEqual(content);
    }
    // With a .funcignore that leaves out node_modules, azd would insist on a build in Azure.
    expect(existsSync(join(folder, project, '.funcignore'))).toBe(false);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('azd finds the outputs that it needs', () => {
  const outputs = declarationsOf(main).filter(({ kind }) => kind === 'output');
  expect(outputs.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['AZURE_LOCATION', 'AZURE_TENANT_ID', 'AZURE_RESOURCE_GROUP', 'SERVICE_API_NAME']),
  );
});

test('main.parameters.json gives every parameter of main.bicep, with its default', () => {
  const parameters = declarationsOf(main).filter(({ kind }) => kind === 'param');
  // These two are left to their defaults: who deploys, and this month.
  const notGiven = ['principalId', 'budgetStart'];
  expect([...Object.keys(parametersFile.parameters), ...notGiven].toSorted()).toEqual(
    parameters.map(({ name }) => name).toSorted(),
  );
  for (const parameter of parameters) {
    const value = parametersFile.parameters[parameter.name]?.value;
    if (typeof value !== 'string') continue;
    expect(value).toMatch(/^\$\{[A-Z_]+(=[\w]+)?\}$/);
    expect(/=(\w+)\}$/.exec(value)?.[1] ?? '').toBe(defaultOf(parameter));
  }
});

test('infra/README.md explains every variable that an operator may set', async () => {
  const variables = [...JSON.stringify(parametersFile).matchAll(/\{(RELAY_\w+?)(?:=(\w+))?\}/g)]
    .filter(([, name]) => name !== 'RELAY_CONFIG')
    .map(([, name, value]) => `| \`${name}\` |${value ? ` \`${value}\`` : ''} |`);
  const readme = await readFile('infra/README.md', 'utf8');
  expect(variables.length).toBeGreaterThan(5);
  for (const row of variables) expect(readme).toContain(row);
});

/** The default of a parameter as text; empty if it has none. */
function defaultOf({ node }: Declaration): string {
  const value = node.namedChildren.at(-1);
  if (!value || !node.children.some((child) => child?.type === '=')) return '';
  return value.type === 'string' ? textOf(value) : value.text;
}

test('no more messages are worked on at once than the README of infra/ says', async () => {
  const host = z
    .object({
      extensions: z.object({ queues: z.object({ batchSize: z.number(), newBatchThreshold: z.number() }) }),
    })
    .parse(JSON.parse(await readFile('host.json', 'utf8')));
  const { batchSize, newBatchThreshold } = host.extensions.queues;
  const parameter = declarationsOf(main).find(({ name }) => name === 'maximumInstanceCount');
  const instances = parameter ? Number(defaultOf(parameter)) : 0;
  const readme = await readFile('infra/README.md', 'utf8');
  expect(readme).toContain(
    `${instances} × (${batchSize} + ${newBatchThreshold}) = ${instances * (batchSize + newBatchThreshold)} messages`,
  );
});

test('the workflow and .ci/run run the same list of checks, with a Bicep compiler and a browser, and the workflow without a secret', async () => {
  const workflow = await readFile('.github/workflows/ci.yml', 'utf8');
  const run = await readFile('.ci/run', 'utf8');
  const checks = await readFile('.ci/checks', 'utf8');
  for (const command of ['npm test', 'npm run lint', 'npm run types', 'npm run build', 'npm run demo']) {
    expect(checks).toContain(`\n${command}\n`);
  }
  expect(workflow).toContain('- run: az bicep install\n');
  expect(workflow).toContain('- run: .ci/checks\n');
  expect(run).toContain('BICEP="$(.ci/bicep/install)" .ci/checks\n');
  expect(workflow).toContain('CHROMIUM=$(.ci/chromium/install)');
  expect(run).toContain('CHROMIUM="$(.ci/chromium/install)"\n');
  expect(workflow).not.toMatch(/secrets\.|password|token/i);
  expect(workflow).toMatch(/^permissions:\n {2}contents: read$/m);
});

test('README, package.json and the workflow name the same versions of Node', async () => {
  const workflow = await readFile('.github/workflows/ci.yml', 'utf8');
  const { engines } = z
    .object({ engines: z.object({ node: z.string() }) })
    .parse(JSON.parse(await readFile('package.json', 'utf8')));
  expect(engines.node).toBe('>=22');
  expect(workflow).toContain('node: [22, 24]');
  expect(await readFile('README.md', 'utf8')).toContain('Needs Node.js 22 or later');
  expect(await readFile('.nvmrc', 'utf8')).toBe('24\n');
});

test('every parameter of main.bicep is explained', () => {
  const unexplained = declarationsOf(main)
    .filter(({ kind }) => kind === 'param')
    .filter(({ node }) => !node.previousNamedSibling?.text.includes('@description('));
  expect(unexplained.map(({ name }) => name)).toEqual([]);
});
