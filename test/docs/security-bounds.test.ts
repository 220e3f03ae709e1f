import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

const page = await readFile('docs/security.md', 'utf8');

/** What the table of bounds says, and where the code has it: the number must stand in both. */
const bounds: readonly (readonly [bound: string, says: string, file: string, code: string])[] = [
  ['body', '1 MiB', 'src/config/settings.ts', '.default(1_048_576)'],
  ['body', '100 MiB or 30 s', 'src/http/body.ts', 'discarded = { bytes: 100 * 1024 * 1024, ms: 30_000 }'],
  ['time in which a body comes', '20 s', 'src/http/body.ts', 'bodyDeadlineMs = 20_000'],
  ['depth', 'JSON 100', 'src/sources/shared/json-body.ts', 'maxDepth = 100'],
  ['depth', 'XML 20', 'src/sources/salesforce/xml-body.ts', 'maxDepth = 20'],
  ['events in a batch', '5000', 'src/sources/shared/cloudevents-http.ts', 'maxEvents = 5000'],
  ['events in a batch', '5000', 'src/sources/segment/segment.ts', 'maxEvents = 5000'],
  ['events in a batch', '5000', 'src/mapping/validate-changes.ts', 'maxChanges = 5000'],
  [
    'time of a mapping',
    '5 s of the processor',
    'src/mapping/evaluation/evaluate.ts',
    'evaluationTimeoutMs = 5000',
  ],
  ['a text that a mapping sees', '10,000', 'src/mapping/bounded-texts.ts', 'maxTextLength = 10_000'],
  [
    'readings of a secret that the vault does not have',
    '30 s',
    'src/secrets/secrets.ts',
    'missingPauseMs = 30_000',
  ],
  ['log and traces of refused webhooks', 'a minute', 'src/http/once-a-minute.ts', 'everyMs = 60_000'],
  ['looks at health without a key', 'five seconds', 'functions/handlers/health.ts', 'keptMs = 5000'],
];

test.each(bounds)('%s: %s', async (bound, says, file, code) => {
  const row = page.split('\n').find((line) => line.startsWith(`| ${bound} |`));
  expect(row?.split(' | ')[1]).toContain(says);
  expect(await readFile(file, 'utf8')).toContain(code);
});
