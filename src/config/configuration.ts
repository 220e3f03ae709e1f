import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import * as z from 'zod';
import { appFolder } from '../app-folder.ts';
import { dangerousFields } from '../domain/customer-patch.ts';
import { lookUpNames } from '../domain/customer-reference.ts';
import { type Violation, violationsOf } from '../domain/violation.ts';
import { parseSchedule } from '../lib/retry-schedule.ts';
import { sourceKinds } from '../sources/index.ts';
import { readSettings, type Settings } from './settings.ts';
import { directSource, queueSource, sourceNameSchema } from './source.ts';

const allow = z
  .array(z.enum(dangerousFields as [string, ...string[]]))
  .describe(
    'Which of the dangerous fields (CustomerStatus, CustomerType, Username, WebAlias) may be sent. A vendor source sends none by default, the canonical source and the direct route send all.',
  );

/** The timer looks so often. */
const shortestEveryMs = 5 * 60_000;

const sourceSchema = z.strictObject({
  kind: z.enum([...sourceKinds.keys()]).describe('The protocol that the source speaks.'),
  secrets: z
    .array(
      z.string().regex(/^[0-9A-Za-z-]{1,127}$/, { error: 'must be a secret name: letters, digits, hyphens' }),
    )
    .min(1)
    .describe(
      'Names of the secrets with which its webhooks are signed. Several may be valid at once, for a rotation.',
    ),
  mapping: z
    .string()
    .min(1)
    .optional()
    .describe("A JSONata file of your own, relative to relay.json. Absent: the kind's mapping."),
  allow: allow.optional(),
  lookUp: z
    .array(z.enum(lookUpNames))
    .optional()
    .describe(
      "By which references the customers of this source may be looked up. Absent: by all that its mapping gives, but not by e-mail address, which in many shops anybody can set to anybody's; the canonical source by all.",
    ),
  ignoreChangedBy: z
    .array(z.string().min(1))
    .optional()
    .describe(
      "Users of the sender whose changes are ignored, as its mapping gives them in changedBy: the integration user that writes DirectScale's own changes there.",
    ),
  mode: z
    .enum(['queued', 'sync'])
    .default('queued')
    .describe(
      'queued: a webhook is answered 202 as soon as it is safe. sync: it is answered with the outcome, for senders that need it.',
    ),
  strict: z
    .boolean()
    .default(false)
    .describe(
      'true: a change of which one field cannot be used is parked as a whole. false: that field is left out and told, the others are written.',
    ),
  maxBodyBytes: z
    .int()
    .min(1024)
    .optional()
    .describe(
      'Largest body of a request of this source, in bytes; never more than MAX_BODY_BYTES. Absent: what the kind says (zoho: 65536), else MAX_BODY_BYTES. Standard Webhooks advises senders to stay below 20 kB.',
    ),
  catchUp: z
    .strictObject({
      every: z
        .string()
        .transform((text, context) => {
          const [delay, another] = parseSchedule(text) ?? [];
          if (delay !== undefined && another === undefined && delay >= shortestEveryMs) return delay;
          context.addIssue('must be one span of 5 min or more, like 15 min or 1 h');
          return z.NEVER;
        })
        .describe('How often: a span like 15 min or 1 h; 5 min at least.'),
      reconcile: z
        .boolean()
        .default(true)
        .describe('Compare all customers with DirectScale once a week. It only reads.'),
      repairSubscription: z
        .boolean()
        .default(false)
        .describe(
          "true: once a day, where the vendor switched the relay's webhook off or lets it run out, switch it on again. false: only tell.",
        ),
    })
    .optional()
    .describe(
      "Ask the vendor's API again and again which customers changed, and write what no webhook told. Absent: never.",
    ),
  options: z.record(z.string(), z.unknown()).optional().describe("The kind's own settings."),
});

/** The content of `relay.json`: which sources there are. */
export const relayFileSchema = z.strictObject({
  $schema: z.string().optional(),
  direct: z
    .strictObject({ allow: allow.optional() })
    .optional()
    .describe('PATCH /api/customers/{customerId}.'),
  sources: z.record(
    sourceNameSchema.refine((name) => name !== directSource && name !== queueSource, {
      error: 'stands for the direct route, or for the queue: choose another name',
    }),
    sourceSchema,
  ),
});

/** The JSON Schema of relay.json, generated from the zod type. */
export function relayFileJsonSchema(): object {
  return z.toJSONSchema(relayFileSchema, { io: 'input' });
}

export type SourceEntry = z.infer<typeof sourceSchema>;

export interface Configuration {
  readonly settings: Settings;
  readonly relayFile: z.infer<typeof relayFileSchema>;
  /** The folder that paths in relay.json are relative to. */
  readonly folder: string;
}

/** Reads app settings and relay.json, and reports every problem of both. Never throws. */
export async function readConfiguration(
  env: NodeJS.ProcessEnv,
): Promise<{ configuration?: Configuration; problems: Violation[] }> {
  const { settings, problems } = readSettings(env);
  if (!settings) return { problems };
  const path = resolve(appFolder, settings.RELAY_CONFIG);
  const inFile = (violation: Violation): Violation => ({
    path: [settings.RELAY_CONFIG, violation.path].filter(Boolean).join(': '),
    message: violation.message,
  });

  let content: unknown;
  try {
    content = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    const message = error instanceof SyntaxError ? `is not JSON: ${error.message}` : 'cannot be read';
    return { problems: [inFile({ path: '', message })] };
  }
  const parsed = relayFileSchema.safeParse(content);
  if (!parsed.success) return { problems: violationsOf(parsed.error).map(inFile) };
  return { configuration: { settings, relayFile: parsed.data, folder: join(path, '..') }, problems: [] };
}
