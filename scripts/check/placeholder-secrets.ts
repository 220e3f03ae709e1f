import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { appFolder } from '../../src/app-folder.ts';

const sampleSchema = z.object({ Values: z.record(z.string(), z.string()) });

let placeholders: ReadonlySet<string> | undefined;

/** Whether a secret is one of those that stand in local.settings.sample.json to be replaced. */
export function isPlaceholder(secret: string): boolean {
  placeholders ??= readPlaceholders();
  return placeholders.has(secret.trim());
}

function readPlaceholders(): ReadonlySet<string> {
  const text = readFileSync(join(appFolder, 'local.settings.sample.json'), 'utf8');
  const { Values } = sampleSchema.parse(JSON.parse(text));
  return new Set(
    Object.entries(Values).flatMap(([name, value]) => (name.startsWith('SECRET_') ? [value] : [])),
  );
}
