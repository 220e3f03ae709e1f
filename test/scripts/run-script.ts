import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
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

/** Runs `scripts/<name>.ts` on a relay.json, with these settings and no others. */
export async function runScript(
  name: string,
  args: readonly string[],
  relayFile: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  // Empty, so that a local.settings.json of this machine does not say it.
  const env = { PATH: process.env.PATH ?? '', KEY_VAULT_URL: '', RELAY_CONFIG: relayFile, ...settings };
  try {
    const ran = await promisify(execFile)(process.execPath, [`scripts/${name}.ts`, ...args], { env });
    return { code: 0, ...ran };
  } catch (error) {
    const { code, stdout, stderr } = error as Ran; // what execFile rejects with when a program fails
    return { code, stdout, stderr };
  }
}
