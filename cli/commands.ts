import { UsageError } from './errors.ts';
import { runProgram } from './program.ts';

/** A command's own arguments. */
export type Command = (args: string[]) => Promise<void>;

/** Runs the one of several commands that the arguments of the process begin with, as {@link runProgram} does. */
export function runCommand(commands: Readonly<Record<string, Command>>, usage: string): Promise<void> {
  return runProgram(usage, async ([name = '', ...args]) => {
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (!command) throw new UsageError(name ? `there is no command ${name}` : 'no command is given');
    await command(args);
  });
}
