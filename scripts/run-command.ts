import { RelayFailure, Unusable, UsageError } from './operator-errors.ts';
import { printable } from './table.ts';

/** A command's own arguments. */
export type Command = (args: string[]) => Promise<void>;

/**
 * Runs the command that the arguments of the process begin with. Exit code 1: the relay did not do it; 2: what the
 * operator typed makes no sense or cannot be used. Anything else is a bug and is thrown.
 */
export async function runCommand(commands: Readonly<Record<string, Command>>, usage: string): Promise<void> {
  const [name = '', ...args] = process.argv.slice(2);
  try {
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (!command) throw new UsageError(name ? `there is no command ${name}` : 'no command is given');
    await command(args);
  } catch (error) {
    if (error instanceof RelayFailure) {
      console.error(printable(error.message));
      process.exitCode = 1;
    } else if (error instanceof Unusable) {
      console.error(printable(error.message));
      process.exitCode = 2;
    } else if (error instanceof UsageError || isParseError(error)) {
      console.error(`${error.message}\n${usage}`);
      process.exitCode = 2;
    } else throw error;
  }
}

/** As parseArgs throws them, for an option that is unknown or lacks its value. */
function isParseError(error: unknown): error is Error {
  return error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
}
