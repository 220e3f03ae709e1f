import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import * as z from 'zod';

const lockedSchema = z.looseObject({
  resolved: z.string().optional(),
  integrity: z.string().optional(),
  dev: z.boolean().optional(),
  hasInstallScript: z.boolean().optional(),
});
const { packages } = z
  .object({ packages: z.record(z.string(), lockedSchema) })
  .parse(JSON.parse(await readFile('package-lock.json', 'utf8')));
const manifest = z
  .object({
    dependencies: z.record(z.string(), z.string()),
    allowScripts: z.record(z.string(), z.boolean()),
  })
  .parse(JSON.parse(await readFile('package.json', 'utf8')));

const installed = Object.entries(packages).filter(([path]) => path !== '');
const nameOf = (path: string) => path.split('node_modules/').at(-1) ?? '';

test('no package names where it comes from, so npm asks its registry; each has a hash by which npm checks it', () => {
  expect(installed.length).toBeGreaterThan(100);
  const elsewhere = installed.filter(([, { resolved }]) => resolved !== undefined);
  const unchecked = installed.filter(([, { integrity }]) => !integrity?.startsWith('sha512-'));
  expect([...elsewhere, ...unchecked].map(([path]) => path)).toEqual([]);
});

test('nothing that the app needs in production runs a script when it is installed', () => {
  const inProduction = installed.filter(([, { dev }]) => !dev);
  expect(inProduction.length).toBeGreaterThan(Object.keys(manifest.dependencies).length);
  expect(inProduction.filter(([, { hasInstallScript }]) => hasInstallScript)).toEqual([]);
});

test('of the tools, it is said of each whose script it is that may run', () => {
  const withScript = installed.flatMap(([path, { hasInstallScript }]) =>
    hasInstallScript ? nameOf(path) : [],
  );
  expect([...new Set(withScript)].toSorted()).toEqual(Object.keys(manifest.allowScripts).toSorted());
});

test('what the app needs is not taken from an address or a branch', () => {
  for (const range of Object.values(manifest.dependencies)) expect(range).toMatch(/^[\^~]?\d+\.\d+\.\d+/);
});
