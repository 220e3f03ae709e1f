/** `npm run add-kind -- <name>`: a new kind of source that works as it is, to be changed from there. */
import { execFileSync } from 'node:child_process';
import { access, mkdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Unusable, UsageError } from '../cli/errors.ts';
import { readArguments, runProgram } from '../cli/program.ts';
import { filesOfKind, type KindName, kindName } from './add-kind/templates.ts';

const usage = `usage: npm run add-kind -- <name> [--remove]
  makes the kind's code, mapping, sample, sender, tests and docs page, and lists it; --remove takes all of it back`;

const index = 'src/sources/index.ts';
const readme = 'README.md';

async function add(name: KindName): Promise<void> {
  const files = Object.entries(filesOfKind(name));
  for (const [path] of files) {
    if (await isThere(path)) throw new Unusable(`${path} is there already.`);
  }
  for (const [path, content] of files) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }
  await change(index, (text) =>
    text
      .replace('import { zoho }', `${importLine(name)}import { zoho }`)
      .replace(/\n {2}\]\.map\(/, `\n${entryLine(name)}  ].map(`),
  );
  await change(readme, (text) => text.replace('| [`canonical`]', `${rowOf(name)}| [\`canonical\`]`));
  execFileSync(
    process.execPath,
    [
      join(import.meta.dirname, '../node_modules/@biomejs/biome/bin/biome'),
      'check',
      '--write',
      index,
      ...files.map(([path]) => path),
    ],
    { stdio: 'pipe' },
  );
  console.log([...files.map(([path]) => path), '', `The kind ${name.kebab} works. What remains:`].join('\n'));
  console.log(`  1. src/sources/${name.kebab}/${name.kebab}.ts: how the sender signs, what it sends (CONTRIBUTING.md)
  2. the sample, its mapping, and the tests
  3. docs/sources/${name.kebab}.md, and its line in README.md
  npx vitest run test/sources/${name.kebab}.test.ts test/integration/sources/${name.kebab}.test.ts`);
}

async function remove(name: KindName): Promise<void> {
  const paths = Object.keys(filesOfKind(name));
  if (!(await isThere(`src/sources/${name.kebab}`))) throw new Unusable(`There is no kind ${name.kebab}.`);
  for (const path of paths) await rm(path, { force: true });
  for (const folder of [`src/sources/${name.kebab}`, `test/fixtures/${name.kebab}`])
    await removeEmpty(folder);
  await change(index, (text) => text.replace(importLine(name), '').replace(entryLine(name), ''));
  await change(readme, (text) => text.replace(new RegExp(`^\\| \\[\`${name.kebab}\`\\].*\\n`, 'm'), ''));
  console.log(`The kind ${name.kebab} is gone.`);
}

const importLine = ({ kebab, camel }: KindName) => `import { ${camel} } from './${kebab}/${kebab}.ts';\n`;
const entryLine = ({ camel }: KindName) => `    ${camel},\n`;
const rowOf = ({ kebab, title }: KindName) =>
  `| [\`${kebab}\`](docs/sources/${kebab}.md) | ${title} | HMAC of the body |\n`;

async function change(path: string, edit: (text: string) => string): Promise<void> {
  await writeFile(path, edit(await readFile(path, 'utf8')));
}

/** What somebody else put there stays. */
async function removeEmpty(folder: string): Promise<void> {
  await rmdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'ENOENT') throw error;
  });
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

await runProgram(usage, async (args) => {
  const { values, positionals } = readArguments(
    args,
    { remove: { type: 'boolean', default: false } },
    [1, 1],
  );
  const [text = ''] = positionals;
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(text)) {
    throw new UsageError(`${text} is not the name of a kind: lower-case letters, digits, hyphens`);
  }
  const name = kindName(text);
  if (values.remove) await remove(name);
  else await add(name);
  // It lists the kinds. A process of its own: this one has read the old list.
  execFileSync(process.execPath, [join(import.meta.dirname, 'relay-schema.ts')], { stdio: 'inherit' });
});
