import { readFileSync, rmSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { Unusable } from '../cli/errors.ts';
import { stateFolder } from './state-folder.ts';

const claimSchema = z.object({ pid: z.int().positive() });
const runningSchema = claimSchema.extend({
  relay: z.url(),
  sandbox: z.url(),
  relayConfig: z.string(),
  functionKey: z.string().optional(),
});

/** The stack that runs here: how to reach it, and which relay.json it runs. */
export type RunningStack = z.infer<typeof runningSchema>;

const file = join(stateFolder, 'stack.json');

/**
 * Makes this process the one that runs the stack of this folder; call `announce` when it can be reached. Throws
 * {@link Unusable} while another one does: they would share their storage.
 */
export async function claimStack(): Promise<{
  announce(stack: Omit<RunningStack, 'pid'>): Promise<void>;
  release(): Promise<void>;
}> {
  await mkdir(stateFolder, { recursive: true });
  removeStale();
  const claim = JSON.stringify({ pid: process.pid });
  await writeFile(file, claim, { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
    const other = holderOf();
    const where = other?.relay ? ` at ${other.relay}` : '';
    throw new Unusable(
      `A stack runs in this folder already${where} (process ${other?.pid ?? 'unknown'}): stop it first.`,
    );
  });
  return {
    announce: (stack) => writeFile(file, JSON.stringify({ pid: process.pid, ...stack })),
    release: () => rm(file, { force: true }),
  };
}

/** The stack that runs here; undefined: none does, or it has not started yet. */
export async function runningStack(): Promise<RunningStack | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const holder = holderOf();
  if (!holder || !isAlive(holder.pid)) return undefined;
  const running = runningSchema.safeParse(jsonOf(text));
  return running.success ? running.data : undefined;
}

/** What a stack that was killed left behind. */
function removeStale(): void {
  const holder = holderOf();
  if (!holder || !isAlive(holder.pid)) rmSync(file, { force: true });
}

function holderOf(): { pid: number; relay?: string | undefined } | undefined {
  try {
    const parsed = claimSchema
      .extend({ relay: z.string().optional() })
      .safeParse(jsonOf(readFileSync(file, 'utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It is there, but another user's.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
