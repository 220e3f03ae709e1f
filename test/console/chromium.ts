import { accessSync, constants } from 'node:fs';
import { basename, delimiter, join } from 'node:path';

const usualNames = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome.exe'];

/** The path of a Chromium: what CHROMIUM names (a path, or a program on the PATH), else one on the PATH. Undefined: none is here. */
export function findChromium(env: NodeJS.ProcessEnv): string | undefined {
  const { CHROMIUM: given } = env;
  if (given && basename(given) !== given) return given;
  const names = given ? [given] : usualNames;
  const folders = (env.PATH ?? '').split(delimiter).filter(Boolean);
  return folders.flatMap((folder) => names.map((name) => join(folder, name))).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
