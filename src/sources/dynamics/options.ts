import * as z from 'zod';
import { apiAddress } from '../../net/api-address.ts';
import { isTimeZone } from '../shared/local-time.ts';
import { headerName } from '../shared/shared-secret.ts';

const columnName = z.string().regex(/^\w{1,128}$/, { error: 'must be the logical name of a column' });

const tableName = z.string().regex(/^\w{1,128}$/, { error: 'must be the name of a table' });

const webApiSchema = z
  .strictObject({
    host: apiAddress.describe(
      'The address of the environment, for instance https://contoso.crm.dynamics.com.',
    ),
    tokenSecret: z
      .string()
      .min(1)
      .optional()
      .describe('The name of the secret that holds an access token for it, which somebody has to renew.'),
    tenantId: z
      .string()
      .regex(/^[\w.-]{1,200}$/, { error: 'must be the id or the domain of a tenant' })
      .optional()
      .describe('The tenant of the application that the relay asks as. With clientId and clientSecret.'),
    clientId: z.string().min(1).optional().describe('The id of that application.'),
    clientSecret: z
      .string()
      .min(1)
      .optional()
      .describe('The name of the secret that holds a client secret of that application.'),
    identityClientId: z
      .uuid()
      .optional()
      .describe("The client id of the relay's managed identity, to ask as it: no secret is needed."),
    authority: apiAddress
      .default('https://login.microsoftonline.com')
      .describe('The address that gives access tokens to the application.'),
    columns: z
      .array(columnName)
      .default([])
      .describe('Further columns to read, for columns of your own and a mapping of your own.'),
  })
  .refine(hasOneWayIn, {
    error: 'needs one of identityClientId, tokenSecret, and tenantId with clientId and clientSecret',
  });

function hasOneWayIn(given: Readonly<Record<string, unknown>>): boolean {
  const isGiven = (name: string) => given[name] !== undefined;
  const ofApplication = ['tenantId', 'clientId', 'clientSecret'];
  const ways = ['identityClientId', 'tokenSecret'].filter(isGiven).length;
  return ofApplication.some(isGiven) ? ofApplication.every(isGiven) && ways === 0 : ways === 1;
}

export const optionsSchema = z.strictObject({
  tables: z
    .record(tableName, tableName)
    .default({ contact: 'contacts', account: 'accounts' })
    .describe('The tables that are taken, with the name of each in the Web API; others are ignored.'),
  birthdateTimeZone: z
    .string()
    .refine(isTimeZone, { error: 'must be the name of a time zone, such as America/Denver' })
    .default('UTC')
    .describe(
      "Where the midnight of birthdate is: the users' time zone where the column's behavior is User Local, else UTC.",
    ),
  idColumn: columnName
    .default('new_directscalecustomerid')
    .describe('The column of the record that holds the DirectScale id.'),
  header: headerName
    .default('x-relay-key')
    .describe('The header that holds the secret, for the authentication HttpHeader.'),
  query: z
    .string()
    .min(1)
    .default('key')
    .describe(
      'The query parameter that holds the secret, for the authentication HttpQueryString. For WebhookKey it is always code.',
    ),
  webApi: webApiSchema
    .optional()
    .describe(
      'Where to read records: one whose message was too large, and those that changed. Absent: such a change is parked.',
    ),
});
export type Options = z.infer<typeof optionsSchema>;
