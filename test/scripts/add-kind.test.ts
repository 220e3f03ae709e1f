import { execFileSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const notCopied = /^(node_modules|dist|\.git|\.local)$/;

/** A copy of the project: the command changes it. */
let copy = '';
beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'add-kind-'));
  for (const name of await readdir('.')) {
    if (!notCopied.test(name)) await cp(name, join(copy, name), { recursive: true });
  }
  await symlink(resolve('node_modules'), join(copy, 'node_modules'));
});
afterAll(() => rm(copy, { recursive: true, force: true }));

const run = (file: string, ...args: string[]): string =>
  execFileSync(process.execPath, [file, ...args], { cwd: copy, encoding: 'utf8', stdio: 'pipe' });

/** Every file and folder with a hash of its content. */
async function tree(): Promise<string[]> {
  const entries = await readdir(copy, { recursive: true, withFileTypes: true });
  const lines = entries
    .map((entry) => ({ entry, path: join(entry.parentPath, entry.name) }))
    .filter(({ path }) => !/^(node_modules|\.local)/.test(relative(copy, path)))
    .map(async ({ entry, path }) =>
      entry.isFile()
        ? `${relative(copy, path)} ${hash('sha256', await readFile(path))}`
        : relative(copy, path),
    );
  return (await Promise.all(lines)).toSorted();
}

test('a new kind passes lint, types and tests at once, and leaves no trace when it is removed', async () => {
  const before = await tree();
  expect(run('scripts/add-kind.ts', 'sample')).toContain('The kind sample works.');
  run(
    'node_modules/@biomejs/biome/bin/biome',
    'check',
    'src/sources',
    'test/sources',
    'test/fixtures/sample',
    'test/integration/sources',
  );
  run('node_modules/typescript/bin/tsc', '-p', '.');
  const tests = [
    'test/sources/sample.test.ts',
    'test/integration/sources/sample.test.ts',
    'test/readme.test.ts',
    'test/http',
  ];
  expect(run('node_modules/vitest/vitest.mjs', 'run', ...tests, '--maxWorkers=1')).toMatch(
    /Test Files .*passed/,
  );
  expect(run('scripts/check.ts', '--help')).toContain('usage');

  run('scripts/add-kind.ts', 'sample', '--remove');
  expect(await tree()).toEqual(before);
}, 300_000);

test.each([
  ['a name in capitals', ['Sample'], /is not the name of a kind/],
  ['a kind that there is', ['shopify'], /is there already\.\n$/],
  ['the removal of none', ['sample', '--remove'], /^There is no kind sample\.\n$/],
])('%s: said in a line, exit code 2', (_, args, words) => {
  let failed: { status: number; stderr: string } | undefined;
  try {
    run('scripts/add-kind.ts', ...args);
  } catch (error) {
    failed = error as { status: number; stderr: string }; // what execFileSync throws when a program fails
  }
  expect(failed?.status).toBe(2);
  expect(failed?.stderr).toMatch(words);
});
