import { type ParseArgsConfig, parseArgs } from 'node:util';
import { RelayFailure, Unusable, UsageError } from './errors.ts';
import { printable } from './table.ts';

/**
 * Runs a command-line program; `--help` prints its usage instead. What a person can mend is said in a line, without a
 * stack trace. Exit code 1: it was not done, for a reason beyond the command; 2: the command, or a file that it reads,
 * makes no sense. Anything else is a bug and is thrown.
 */
export async function runProgram(usage: string, program: (args: string[]) => Promise<void>): Promise<void> {
  const args = process.argv.slice(2);
  if (args.includes('--help') || args.includes('-h')) {
    console.log(usage);
    return;
  }
  try {
    await program(args);
  } catch (error) {
    const lines = linesOf(error, usage);
    if (lines === undefined) throw error;
    console.error(printable(lines));
    process.exitCode = error instanceof RelayFailure ? 1 : 2;
  }
}

/**
 * The options and the other arguments of a program, at least and at most so many of those. Throws a {@link UsageError};
 * for an unknown option parseArgs throws, which {@link runProgram} knows.
 */
export function readArguments<const Options extends NonNullable<ParseArgsConfig['options']>>(
  args: string[],
  options: Options,
  [atLeast, atMost]: readonly [number, number] = [0, 0],
) {
  const parsed = parseArgs({ args, options, allowPositionals: true });
  const { positionals } = parsed;
  if (positionals.length > atMost) throw new UsageError(`${positionals[atMost]} is one argument too many`);
  if (positionals.length < atLeast) throw new UsageError('an argument is missing');
  return parsed;
}

/** A whole number between two others, from the text of an option. Throws a {@link UsageError}. */
export function readNumber(option: string, text: string, from: number, to: number): number {
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= from && number <= to) return number;
  throw new UsageError(`--${option} must be a whole number from ${from} to ${to}, not ${text || 'empty'}`);
}

function linesOf(error: unknown, usage: string): string | undefined {
  if (error instanceof RelayFailure || error instanceof Unusable) return error.message;
  if (error instanceof UsageError || isParseError(error)) return `${error.message}\n${usage}`;
  return aboutSystem(error);
}

/** As parseArgs throws them, for an option that is unknown or lacks its value. */
function isParseError(error: unknown): error is Error {
  return error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
}

const systemErrors: Readonly<Record<string, string>> = {
  ENOENT: 'is not there',
  EACCES: 'may not be read or written by this user',
  EPERM: 'may not be read or written by this user',
  EROFS: 'is on a disk that is read-only',
  ENOSPC: 'cannot be written: the disk is full',
  EEXIST: 'is there already, and is something else',
  EISDIR: 'is a folder',
  ENOTDIR: 'is in something that is no folder',
  EADDRINUSE: 'is in use by another program',
};

/** What the operating system refused, of which file or port. */
function aboutSystem(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  const reason = systemErrors[String(error.code)];
  if (reason === undefined) return undefined;
  if ('port' in error) return `Port ${String(error.port)} ${reason}.`;
  return 'path' in error ? `${String(error.path)} ${reason}.` : undefined;
}
