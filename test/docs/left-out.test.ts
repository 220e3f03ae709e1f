import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { sourceKinds } from '../../src/sources/index.ts';

// Events of DirectScale set no field.
const kinds = [...sourceKinds.keys()].filter((kind) => kind !== 'directscale');

test.each(kinds)('the page of %s says what is left out, and where it is explained', async (kind) => {
  const page = await readFile(`docs/sources/${kind}.md`, 'utf8');
  const [, section = ''] = /\n## What is left out\n([\s\S]*?)(?=\n## |$)/.exec(page) ?? [];
  expect(section).toContain('(../customers.md#left-out-completed-parked)');
  expect(section.match(/^[|-] /gm)?.length ?? 0).toBeGreaterThan(2);
});
