import { existsSync } from 'node:fs';
import { glob, readFile } from 'node:fs/promises';
import { type BicepFile, parseBicep } from './bicep-file.ts';
import { checkBicep } from './check-bicep.ts';

/** The text of every Bicep file of the project by its path. */
export async function readBicepTexts(): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for await (const path of glob('infra/**/*.bicep')) {
    texts.set(path.replaceAll('\\', '/'), await readFile(path, 'utf8'));
  }
  return texts;
}

/** One Bicep file of the project. Throws if there is none at that path. */
export async function readBicep(path: string): Promise<BicepFile> {
  return parseBicep(path, await readFile(path, 'utf8'));
}

/** What is wrong in these files, taken as those of the project. */
export async function checkTexts(texts: ReadonlyMap<string, string>): Promise<string[]> {
  const files = await Promise.all([...texts].map(([path, text]) => parseBicep(path, text)));
  return checkBicep(files, existsSync);
}
