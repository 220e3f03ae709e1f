/**
 * `npm run add-source -- <name> <kind>`: writes the source into relay.json (or the file that RELAY_CONFIG names) and
 * says what remains to be done.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import * as z from 'zod';
import { Unusable, UsageError } from '../cli/errors.ts';
import { useLocalSettings } from '../cli/local-settings.ts';
import { readArguments, runProgram } from '../cli/program.ts';
import { appFolder } from '../src/app-folder.ts';
import { relayFileSchema, type SourceEntry } from '../src/config/configuration.ts';
import { violationsOf } from '../src/domain/violation.ts';
import { sourceKinds } from '../src/sources/index.ts';
import { insertSource } from './add-source/insert-source.ts';
import { firstOptions } from './add-source/placeholders.ts';
import { starterMapping } from './add-source/starter-mapping.ts';

const usage = `usage: npm run add-source -- <name> <kind>
kinds: ${[...sourceKinds.keys()].sort().join(', ')}`;

await runProgram(usage, async (args) => {
  const [name = '', kindName = ''] = readArguments(args, {}, [2, 2]).positionals;
  const kind = sourceKinds.get(kindName);
  if (!kind) throw new UsageError(`There is no kind ${kindName}.`);
  await useLocalSettings();
  const relayConfig = process.env.RELAY_CONFIG || 'relay.json';
  const file = resolve(appFolder, relayConfig);
  const text = await readFile(file, 'utf8').catch(() => fail(`${relayConfig} cannot be read.`));
  const sources = sourcesIn(text, relayConfig);
  if (Object.hasOwn(sources, name)) fail(`${relayConfig} has a source ${name} already.`);

  const secret = `${name}-webhook-secret`;
  const options = firstOptions(name, kind);
  const mapping = kind.mapping || kind.selfMapped ? undefined : `mappings/${name}.jsonata`;
  const entry = {
    kind: kindName,
    secrets: [secret],
    ...(mapping && { mapping }),
    ...(options.length > 0 && {
      options: Object.fromEntries(options.map(({ name, value }) => [name, value])),
    }),
  } satisfies Partial<SourceEntry>;
  const checked = relayFileSchema.shape.sources.safeParse({ [name]: entry });
  if (!checked.success)
    fail(
      violationsOf(checked.error)
        .map(({ path, message }) => `${path}: ${message}`)
        .join('\n'),
    );

  const isNewMapping = mapping !== undefined && (await writeStarter(resolve(dirname(file), mapping)));
  await writeFile(file, insertSource(text, name, entry));

  console.log(`${relayConfig} now has the source ${name} of kind ${kindName}. What remains:`);
  const docs = `docs/sources/${kindName}.md`;
  const steps = [
    ...options.flatMap(({ name, description, is }) =>
      is === 'fill-in' ? [`fill in options.${name} in ${relayConfig}. ${description || `See ${docs}`}`] : [],
    ),
    ...(mapping
      ? [`write its mapping: ${mapping}${isNewMapping ? '' : ' (the file was there already)'}`]
      : []),
    `put the secret ${secret} into the vault`,
    ...options.flatMap(({ name, value, description, is }) =>
      is === 'secret' ? [`put the secret ${value} into the vault (options.${name}). ${description}`] : [],
    ),
    `at the sender, set up the webhook: https://<app>/api/webhooks/${name} (${docs})`,
    'npm run check',
  ];
  for (const [index, step] of steps.entries()) console.log(`  ${index + 1}. ${step}`);
});

function sourcesIn(text: string, relayConfig: string): object {
  try {
    const parsed = z.looseObject({ sources: z.looseObject({}) }).safeParse(JSON.parse(text));
    return parsed.success ? parsed.data.sources : fail(`${relayConfig} has no object "sources".`);
  } catch (error) {
    return fail(`${relayConfig} is not JSON: ${error instanceof Error ? error.message : ''}`);
  }
}

/** False: there is a file already, which is left as it is. */
async function writeStarter(path: string): Promise<boolean> {
  await mkdir(dirname(path), { recursive: true });
  try {
    await writeFile(path, starterMapping, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

function fail(message: string): never {
  throw new Unusable(message);
}
