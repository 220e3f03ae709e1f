import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { expect } from 'vitest';

/** A started `npm start`. */
export interface Started {
  /** What it has printed so far, both streams. */
  output(): string;
  /** The address of the relay, once it has announced it. */
  relay(): Promise<string>;
  sandbox(): Promise<string>;
  readonly process: ChildProcess;
  /** As Ctrl-C does; its exit code. */
  stop(): Promise<number | null>;
  /** Its exit code, when it ends by itself. */
  ended(): Promise<number | null>;
}

/** Runs a program of the local stack with its state in `folder`. */
export function run(
  program: string,
  folder: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Started {
  const child = spawn(process.execPath, [resolve(program), ...args], {
    env: { PATH: process.env.PATH ?? '', RELAY_STATE: join(folder, 'state'), ...env },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk;
    });
  }
  const exited = once(child, 'close');
  const ended = async (): Promise<number | null> => {
    await exited;
    return child.exitCode;
  };
  const announced = async (line: RegExp): Promise<string> => {
    await expect
      .poll(() => (child.exitCode === null ? line.exec(output)?.[1] : output), { timeout: 30_000 })
      .toBeDefined();
    const found = line.exec(output)?.[1];
    if (!found) throw new Error(`it ended:\n${output}`);
    return found;
  };
  return {
    process: child,
    output: () => output,
    relay: () => announced(/^relay {6}(\S+)\/api\/health/m),
    sandbox: () => announced(/^sandbox {4}(\S+)\/_control/m),
    ended,
    stop() {
      child.kill('SIGTERM');
      return ended();
    },
  };
}

/** `npm start` at a free port. */
export const start = (
  folder: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Started => run('local/start.ts', folder, ['--port', '0', ...args], env);
