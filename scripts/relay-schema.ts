/** Writes relay.schema.json, by which an editor checks and completes relay.json. */
import { writeFile } from 'node:fs/promises';
import { relayFileJsonSchema } from '../src/config/configuration.ts';

await writeFile('relay.schema.json', `${JSON.stringify(relayFileJsonSchema(), null, 2)}\n`);
