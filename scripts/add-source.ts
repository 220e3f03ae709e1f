/** `npm run add-source -- <name> <kind>`: writes the source into relay.json and says what remains to be done. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { appFolder, relayFileSchema, type SourceEntry } from '../src/config.ts';
import { sourceKinds } from '../src/sources/index.ts';
import type { SourceKind } from '../src/sources/source.ts';

/** What a mapping of one's own begins with. */
const starterMapping = `/* The payload of the source to one change, or an array of them: see README.md, Map fields. */
{
  "customer": { "customerId": $string(customer_id) },
  "occurredAt": updated_at,
  "fields": {
    "FirstName": first_name,
    "LastName": last_name
  }
}
`;

const [name = '', kindName = ''] = process.argv.slice(2);
const kind = sourceKinds.get(kindName);
if (!name || !kind) {
  console.error('usage: npm run add-source -- <name> <kind>');
  console.error(`kinds: ${[...sourceKinds.keys()].sort().join(', ')}`);
  process.exit(2);
}

const file = join(appFolder, 'relay.json');
const relayFile = JSON.parse(await readFile(file, 'utf8')) as { sources: Record<string, unknown> };
if (relayFile.sources[name]) {
  console.error(`relay.json has a source ${name} already.`);
  process.exit(1);
}
const secret = `${name}-webhook-secret`;
const ownMapping = kind.mapping || kind.selfMapped ? undefined : `mappings/${name}.jsonata`;
const required = requiredOptions(kind);
relayFile.sources[name] = {
  kind: kindName,
  secrets: [secret],
  ...(ownMapping && { mapping: ownMapping }),
  ...(required.length > 0 && { options: Object.fromEntries(required.map((option) => [option, ''])) }),
} satisfies Partial<SourceEntry>;
const checked = relayFileSchema.safeParse(relayFile);
if (!checked.success) {
  console.error(z.prettifyError(checked.error));
  process.exit(1);
}
await writeFile(file, `${JSON.stringify(relayFile, null, 2)}\n`);
if (ownMapping) await writeFile(join(appFolder, ownMapping), starterMapping, { flag: 'wx' });

console.log(`relay.json now has the source ${name} of kind ${kindName}. What remains:`);
const steps = [
  ...(required.length > 0
    ? [`fill in its options in relay.json: ${required.join(', ')} (docs/sources/${kindName}.md shows them)`]
    : []),
  ...(ownMapping ? [`write its mapping: ${ownMapping}`] : []),
  `put the secret ${secret} into the vault`,
  `at the sender, set up the webhook: https://<app>/api/webhooks/${name} (docs/sources/${kindName}.md)`,
  'npm run check',
];
for (const [index, step] of steps.entries()) console.log(`  ${index + 1}. ${step}`);

/** The options that have no default. */
function requiredOptions({ options }: SourceKind): string[] {
  const { required = [] } = z.toJSONSchema(options, { io: 'input' });
  return required;
}
