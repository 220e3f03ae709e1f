import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A folder of its own with a relay.json, for scripts that read and write it. */
export interface RelayFolder {
  readonly path: string;
  readonly relayFile: string;
  write(sources: object): Promise<void>;
  remove(): Promise<void>;
}

export async function makeRelayFolder(): Promise<RelayFolder> {
  const path = await mkdtemp(join(tmpdir(), 'relay-'));
  const relayFile = join(path, 'relay.json');
  return {
    path,
    relayFile,
    write: (sources) => writeFile(relayFile, `${JSON.stringify({ sources }, null, 2)}\n`),
    remove: () => rm(path, { recursive: true, force: true }),
  };
}

/** Runs `scripts/<name>.ts` with these settings and no others. */
export async function runScript(
  name: string,
  args: readonly string[],
  settings: Readonly<Record<string, string>>,
): Promise<Ran> {
  const env = { PATH: process.env.PATH ?? '', ...settings };
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [`scripts/${name}.ts`, ...args], {
      env,
    });
    return { code: 0, out: stdout, err: stderr };
  } catch (error) {
    // What execFile rejects with when a program fails.
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, out: stdout, err: stderr };
  }
}

/** The same on a relay.json, for scripts that read or write it. */
export function runOnRelayFile(
  name: string,
  args: readonly string[],
  relayFile: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  // Empty, so that a local.settings.json of this machine does not say it.
  return runScript(name, args, { KEY_VAULT_URL: '', RELAY_CONFIG: relayFile, ...settings });
}
