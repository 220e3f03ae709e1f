import * as z from 'zod';
import { namesStorage, storageConnection } from '../azure/storage-connection.ts';
import type { Violation } from '../domain/violation.ts';
import { violationsOf } from '../domain/violation.ts';
import { parseSchedule } from '../lib/retry-schedule.ts';
import { apiAddress } from '../net/api-address.ts';

const wholeNumber = (minimum: number, maximum: number) => z.coerce.number().int().min(minimum).max(maximum);

/** How DirectScale names the parameter of a look-up is not documented for all of them. */
const queryName = (likely: string, what: string) =>
  z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9_-]*$/, { error: 'must be the name of a query parameter' })
    .default(likely)
    .describe(
      `The query parameter by which DirectScale looks up ${what}. Check it: npm run check -- --probe <customer id>.`,
    );

/** The app settings (environment variables) that the relay reads, with their defaults. */
export const settingsSchema = z.object({
  DIRECTSCALE_ENVIRONMENT: z
    .enum(['live', 'stage'])
    .default('live')
    .describe('Which DirectScale to write to: live or stage. Each has its own subscription keys.'),
  DIRECTSCALE_BASE_URL: apiAddress
    .optional()
    .describe('Another address in place of that of DIRECTSCALE_ENVIRONMENT, for instance a sandbox.'),
  DIRECTSCALE_TIMEOUT_MS: wholeNumber(100, 120_000)
    .default(10_000)
    .describe('Deadline of one call to DirectScale, in milliseconds.'),
  DIRECTSCALE_KEY_SECRET: z
    .string()
    .min(1)
    .default('directscale-subscription-key')
    .describe('Name of the secret that holds the subscription key.'),
  DIRECTSCALE_QUERY_EXTERNAL_REFERENCE_ID: queryName('externalreferenceid', 'external reference ids'),
  DIRECTSCALE_QUERY_USERNAME: queryName('username', 'usernames'),
  DIRECTSCALE_QUERY_WEB_ALIAS: queryName('webalias', 'web aliases'),
  REGION_WHERE_NONE: z
    .enum(['empty', 'as-given', 'country'])
    .default('empty')
    .describe(
      'What DirectScale gets as Region where a country has no states: empty, the country code, or as-given (also where a region cannot be named): the text of the sender.',
    ),
  DIRECTSCALE_CALLS_PER_SECOND: z.coerce
    .number()
    .min(0.1)
    .max(1000)
    .optional()
    .describe(
      'How many calls per second all instances together make to DirectScale. Absent: no limit, unless DIRECTSCALE_CALLS_AT_A_TIME is set.',
    ),
  DIRECTSCALE_CALLS_AT_A_TIME: wholeNumber(1, 1000)
    .optional()
    .describe(
      'How many calls to DirectScale all instances together have under way at the same moment, but at least one for each instance. Absent: no limit, unless DIRECTSCALE_CALLS_PER_SECOND is set.',
    ),
  CUSTOMER_WRITES_PER_MINUTE: wholeNumber(1, 10_000)
    .default(30)
    .describe(
      'More writes to one customer within a minute pause this customer: two systems seem to overwrite each other.',
    ),
  KEY_VAULT_URL: z
    .url({ protocol: /^https$/ })
    .optional()
    .describe(
      'The Key Vault, for instance https://my-vault.vault.azure.net. Absent: secrets are app settings.',
    ),
  AZURE_CLIENT_ID: z
    .string()
    .optional()
    .describe('Client id of the user-assigned managed identity. Absent: the system-assigned one.'),
  SECRETS_TTL_MINUTES: z.coerce
    .number()
    .positive()
    .max(1440)
    .default(10)
    .describe('How long a secret is used before it is read again, in minutes.'),
  SECRETS_MIN_REFRESH_SECONDS: z.coerce
    .number()
    .min(0)
    .max(3600)
    .default(30)
    .describe('At most one forced reading of a secret (after a refusal) in this many seconds.'),
  DIRECTSCALE_SETTLE_MS: wholeNumber(0, 600_000)
    .default(30_000)
    .describe(
      'How long nobody writes to a customer after a call whose end was not seen (it may still be under way), in milliseconds.',
    ),
  RETRY_SCHEDULE: z
    .string()
    .default('5 s, 30 s, 2 min, 10 min, 30 min, 1 h, 3 h, 6 h, 12 h')
    .transform((text, context) => {
      const schedule = parseSchedule(text);
      if (schedule) return schedule;
      context.addIssue('must be delays like 5 s, 2 min, 1 h, separated by commas');
      return z.NEVER;
    })
    .describe(
      'Delays between the attempts at a change; after the last one it is parked. Units: ms, s, min, h.',
    ),
  RETENTION_DAYS: wholeNumber(1, 3650)
    .default(30)
    .describe('How long deliveries and their bodies are kept, in days. Changes that are pending stay.'),
  MAX_BODY_BYTES: wholeNumber(1024, 50_000_000)
    .default(1_048_576)
    .describe('Largest request body, in bytes; a larger one gets 413.'),
  RELAY_CONFIG: z
    .string()
    .min(1)
    .default('relay.json')
    .describe("Path of relay.json, relative to the app's folder."),
  PUBLIC_URL: z
    .url({ protocol: /^https?$/ })
    .refine((text) => !/[?#]/.test(text), { error: 'must be an address without a query' })
    .optional()
    .describe(
      'Address under which senders reach the relay, where a proxy stands before it: all that comes before "/api", a path included.',
    ),
  CONSOLE: z
    .enum(['on', 'off'])
    .default('on')
    .describe('Whether the relay serves its console at /api/console: on or off.'),
});

export type Settings = z.infer<typeof settingsSchema>;

/**
 * Reads the settings. An empty value counts as absent. A value that still is a Key Vault reference means that
 * the platform could not resolve it (it then leaves the literal text in the variable).
 */
export function readSettings(env: NodeJS.ProcessEnv): { settings?: Settings; problems: Violation[] } {
  const given: Record<string, string> = {};
  const unresolved: Violation[] = [];
  for (const name of Object.keys(settingsSchema.shape)) {
    const value = env[name];
    if (!value) continue;
    if (value.startsWith('@Microsoft.KeyVault(')) {
      unresolved.push({
        path: name,
        message:
          'is a Key Vault reference that did not resolve: check the vault, the secret and the access of the identity',
      });
    }
    given[name] = value;
  }
  if (unresolved.length > 0) return { problems: unresolved };
  const parsed = settingsSchema.safeParse(given);
  const problems = parsed.success ? [] : violationsOf(parsed.error);
  if (!namesStorage(env)) {
    problems.push({ path: storageConnection, message: 'is needed: the storage account of the function app' });
  }
  return parsed.success && problems.length === 0 ? { settings: parsed.data, problems } : { problems };
}
