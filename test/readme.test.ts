import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { relayFileJsonSchema } from '../src/config/configuration.ts';
import { readSettings, settingsSchema } from '../src/config/settings.ts';
import { problems } from '../src/http/problem.ts';

const readme = await readFile('README.md', 'utf8');

/** The rows of the table under a heading of the README, cell by cell. */
function rows(header: string): string[][] {
  const table = readme.split(`| ${header} |`)[1]?.split('\n\n')[0] ?? '';
  return [...table.matchAll(/^\| (`[^`]+` \|.*) \|$/gm)].map(([, row = '']) =>
    row.split('|').map((cell) => cell.trim()),
  );
}

test('the settings in the README are those that the relay reads, with default and meaning', () => {
  const { properties = {} } = z.toJSONSchema(settingsSchema, { io: 'input' });
  const settings = Object.entries(properties).map(([name, schema]) => {
    const { default: value, description = '' } = typeof schema === 'object' ? schema : {};
    return [`\`${name}\``, value === undefined ? '' : `\`${value}\``, description];
  });
  expect(rows('setting | default | meaning')).toEqual(settings);
});

test('the problems in the README are those that the relay answers, with status and title', () => {
  const answered = Object.entries(problems).map(([code, [status, title]]) => [
    `\`${code}\``,
    String(status),
    title,
  ]);
  expect(rows('code | status | title')).toEqual(answered);
});

test('relay.schema.json is what npm run schema writes', async () => {
  expect(JSON.parse(await readFile('relay.schema.json', 'utf8'))).toEqual(relayFileJsonSchema());
});

test('the sample settings are valid', async () => {
  const { Values } = JSON.parse(await readFile('local.settings.sample.json', 'utf8'));
  expect(readSettings(Values).problems).toEqual([]);
});

test('a webhook is followed through at most 20 files, each of which an earlier one or the queue loads', async () => {
  const [, list = ''] = readme.split('### Follow a webhook\n');
  const entries = [...list.matchAll(/^\d+\. `([^`]+)`: (.+)$/gm)].map(([, file = '', words = '']) => ({
    file,
    isLoadedByTheQueue: words === 'loaded by the queue',
  }));
  expect(entries.length).toBeGreaterThan(10);
  expect(entries.length).toBeLessThanOrEqual(20);
  expect(entries.filter(({ file }) => !existsSync(file))).toEqual([]);
  expect(entries.filter(({ isLoadedByTheQueue }) => isLoadedByTheQueue)).toHaveLength(1);

  const imported = new Set<string>();
  const outOfNowhere: string[] = [];
  for (const [index, { file, isLoadedByTheQueue }] of entries.entries()) {
    if (index > 0 && !isLoadedByTheQueue && !imported.has(file)) outOfNowhere.push(file);
    for (const path of await importsOf(file)) imported.add(path);
  }
  expect(outOfNowhere).toEqual([]);
});

/** The files that a file imports, at once or when they are first needed, types included: an editor leads there. */
async function importsOf(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8');
  const found = text.matchAll(/(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/g);
  return [...found].map(([, path = '']) => normalize(join(dirname(file), path)));
}
