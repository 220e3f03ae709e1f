import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { appFolder } from '../src/app-folder.ts';

/**
 * Puts the Values of local.settings.json into the environment, where that does not say otherwise.
 * Rejects when the file is there but is not JSON.
 */
export async function useLocalSettings(): Promise<void> {
  const text = await readFile(join(appFolder, 'local.settings.json'), 'utf8').catch(() => '{}');
  const { Values = {} } = JSON.parse(text) as { Values?: Record<string, string> };
  for (const [name, value] of Object.entries(Values)) process.env[name] ??= value;
  // Azure gives every function app its storage; here it does not matter which.
  process.env.AzureWebJobsStorage ??= 'UseDevelopmentStorage=true';
}
