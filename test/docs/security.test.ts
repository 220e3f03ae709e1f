import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { routes, withoutRoute } from '../security/registered.ts';

const page = await readFile('docs/security.md', 'utf8');

/** A test that a text names: its file and its name as it stands in the code. */
interface Named {
  readonly file: string;
  readonly name: string;
}

/** Every “name” belongs to the `file` before it. */
function namedIn(text: string): Named[] {
  const named: Named[] = [];
  let file = '';
  for (const [, path, name] of text.matchAll(/`(test\/[\w./-]+\.test\.ts)`|“([^”]+)”/g)) {
    if (path) file = path;
    else if (name) named.push({ file, name });
  }
  return named;
}

/** The names of the tests in a file, as they are written there. */
async function testsIn(file: string): Promise<string[]> {
  const code = await readFile(file, 'utf8');
  const begun =
    /(?:^|[\s\])])(?:test|it)?(?:\.each\([\w.]*\))?\(\s*(['"`])((?:\\.|(?!\1).)+)\1\s*,\s*(?:\{|\(|async\b|function\b)/g;
  return [...code.matchAll(begun)].map(([, , name = '']) => name.replace(/\\(.)/g, '$1'));
}

const named = namedIn(page);

test('the page names the tests that show what it says', () => {
  expect(named.length).toBeGreaterThan(60);
  expect(named.filter(({ file }) => file === '')).toEqual([]);
});

test.each(named)('$file: $name', async ({ file, name }) => {
  expect(existsSync(file)).toBe(true);
  expect(await testsIn(file)).toContain(name);
});

describe('a test that is not there', () => {
  test('is noticed, also when only a describe has the name', async () => {
    const tests = await testsIn('test/security/at-rest.test.ts');
    expect(tests.length).toBeGreaterThan(3);
    expect(tests).not.toContain('the log holds no secret');
    expect(await testsIn('test/delivery/plan.test.ts')).not.toContain('what ends without a call');
  });
});

test('every defence is shown by a test', () => {
  const [defences = ''] = (page.split('\n## Defences\n')[1] ?? '').split('\n## ');
  const paragraphs = defences.split('\n').filter((line) => /^- |^\| (?!---|bound )/.test(line));
  expect(paragraphs.length).toBeGreaterThan(40);
  expect(paragraphs.filter((line) => namedIn(line).length === 0)).toEqual([]);
});

test('the table of calls lists what is registered, with its methods and level, and nothing else', () => {
  const rows = [...page.matchAll(/^\| `(\w+)` \| (.+) `\/api\/(\S+)` \| (\w+) \|$/gm)];
  const listed = rows.map(([, name = '', methods = '', route = '', level = '']) => ({
    name,
    route,
    methods: [...methods.matchAll(/`([A-Z]+)`/g)].map(([, method = '']) => method).toSorted(),
    level,
  }));
  const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name);
  const registered = routes.map((route) => ({ ...route, methods: route.methods.toSorted() }));
  expect(listed.toSorted(byName)).toEqual(registered.toSorted(byName));
});

test('the functions without a route are all named', () => {
  const line = page.split('\n').find((text) => text.includes('have no route')) ?? '';
  expect([...line.matchAll(/`(\w+)`/g)].map(([, name = '']) => name).toSorted()).toEqual(
    withoutRoute.toSorted(),
  );
});
