import { existsSync } from 'node:fs';
import { glob, readFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';

/** The headings of a page, as GitHub makes addresses of them. */
async function anchorsIn(file: string): Promise<string[]> {
  const text = (await readFile(file, 'utf8')).replace(/^```[\s\S]*?^```$/gm, '');
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}

test('every link within the documents leads to a file, and to a heading that it has', async () => {
  const broken: string[] = [];
  let links = 0;
  for await (const page of glob(['*.md', 'docs/**/*.md', 'infra/README.md', 'examples/*/README.md'])) {
    const text = await readFile(page, 'utf8');
    for (const [, link = ''] of text.matchAll(/\]\(((?!https?:)[^)\s]+)\)/g)) {
      links++;
      const [path = '', anchor] = link.split('#');
      const file = path ? normalize(join(dirname(page), path)) : page;
      const isThere = existsSync(file) && (anchor === undefined || (await anchorsIn(file)).includes(anchor));
      if (!isThere) broken.push(`${page}: ${link}`);
    }
  }
  expect(broken).toEqual([]);
  expect(links).toBeGreaterThan(100);
});

test('every decision is in the index', async () => {
  const index = await readFile('docs/decisions/README.md', 'utf8');
  const pages: string[] = [];
  for await (const page of glob('docs/decisions/0*.md')) pages.push(page);
  expect(pages.length).toBeGreaterThan(5);
  expect(pages.filter((page) => !index.includes(`](${page.split('/').at(-1)})`))).toEqual([]);
});
