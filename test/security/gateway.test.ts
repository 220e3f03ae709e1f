import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { findCompiler, findingsOf } from '../infra/bicep-compiler.ts';

const file = 'docs/gateway.bicep';
const compiler = findCompiler();

describe.runIf(compiler)('the Bicep compiler', () => {
  test.each(['build', 'lint'] as const)('%s has nothing to say of the gateway', async (command) => {
    expect(await findingsOf(compiler ?? '', command, file)).toEqual([]);
  });
});

test('the gateway probes health, and what the page says of it is in it', async () => {
  const [bicep, page] = await Promise.all([readFile(file, 'utf8'), readFile('docs/security.md', 'utf8')]);
  expect(bicep).toContain("probePath: '/api/health'");
  for (const [, parameter = ''] of page.matchAll(/-p (\w+)=/g))
    expect(bicep).toContain(`param ${parameter} `);
  for (const [, output = ''] of page.matchAll(/outputs\.(\w+)\.value/g))
    expect(bicep).toContain(`output ${output} `);
});
