import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { relayFileJsonSchema } from '../src/config.ts';
import { problems } from '../src/http/problem.ts';
import { readSettings, settingsSchema } from '../src/settings.ts';

const readme = await readFile('README.md', 'utf8');

/** The first column of the table under a heading of the README. */
function firstColumn(header: string): string[] {
  const table = readme.split(`| ${header} |`)[1]?.split('\n\n')[0] ?? '';
  return [...table.matchAll(/^\| `([^`]+)` \|/gm)].map(([, cell]) => cell ?? '');
}

test('the settings in the README are those that the relay reads', () => {
  expect(firstColumn('setting | default | meaning')).toEqual(Object.keys(settingsSchema.shape));
});

test('the problems in the README are those that the relay answers', () => {
  expect(firstColumn('code | status | title')).toEqual(Object.keys(problems));
});

test('relay.schema.json is what npm run schema writes', async () => {
  expect(JSON.parse(await readFile('relay.schema.json', 'utf8'))).toEqual(relayFileJsonSchema());
});

test('the sample settings are valid', async () => {
  const { Values } = JSON.parse(await readFile('local.settings.sample.json', 'utf8'));
  expect(readSettings(Values).problems).toEqual([]);
});
