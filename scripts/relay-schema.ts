/** `npm run schema`: writes relay.schema.json, by which an editor checks and completes relay.json. */
import { writeFile } from 'node:fs/promises';
import { readArguments, runProgram } from '../cli/program.ts';
import { relayFileJsonSchema } from '../src/config/configuration.ts';

await runProgram('usage: npm run schema\n  writes relay.schema.json from the types', async (args) => {
  readArguments(args, {});
  await writeFile('relay.schema.json', `${JSON.stringify(relayFileJsonSchema(), null, 2)}\n`);
});
