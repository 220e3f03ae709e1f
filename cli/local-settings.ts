import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { appFolder } from '../src/app-folder.ts';
import { violationsOf } from '../src/domain/violation.ts';
import { Unusable } from './errors.ts';

const fileSchema = z.looseObject({ Values: z.record(z.string(), z.string()).default({}) });

/**
 * Puts the Values of local.settings.json into the environment, where that does not say otherwise.
 * Throws {@link Unusable} if the file is there but is not what it should be.
 */
export async function useLocalSettings(): Promise<void> {
  const text = await readFile(join(appFolder, 'local.settings.json'), 'utf8').catch(() => '{}');
  const { Values } = readAs(fileSchema, text, 'local.settings.json');
  for (const [name, value] of Object.entries(Values)) process.env[name] ??= value;
  // Azure gives every function app its storage; here it does not matter which.
  process.env.AzureWebJobsStorage ??= 'UseDevelopmentStorage=true';
}

/** JSON that must be of a form; `name` is how a person calls it. Throws {@link Unusable} with all that is wrong. */
export function readAs<Schema extends z.ZodType>(
  schema: Schema,
  text: string,
  name: string,
): z.output<Schema> {
  let content: unknown;
  try {
    content = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new Unusable(`${name} is not JSON: ${error instanceof Error ? error.message : 'unknown'}`);
  }
  const parsed = schema.safeParse(content);
  if (parsed.success) return parsed.data;
  const wrong = violationsOf(parsed.error).map(({ path, message }) => `${path} ${message}`.trim());
  throw new Unusable(`${name} is wrong: ${wrong.join('; ')}`);
}
