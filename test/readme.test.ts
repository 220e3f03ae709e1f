import { readFile } from 'node:fs/promises';
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
