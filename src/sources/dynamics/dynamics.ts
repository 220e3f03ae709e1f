import { hash } from 'node:crypto';
import * as z from 'zod';
import { apiAddress } from '../../net/api-address.ts';
import type { Delivery, DeliveryContent, KeptRequest, SourceKind } from '../kind.ts';
import { saysSnapshot } from '../shared/record-change.ts';
import { headerName, isSecret } from '../shared/shared-secret.ts';
import { operationOf, readContext, recordChangeOf } from './context.ts';
import { readDataverseRecord } from './web-api.ts';

const columnName = z.string().regex(/^\w{1,128}$/, { error: 'must be the logical name of a column' });

const tableName = z.string().regex(/^\w{1,128}$/, { error: 'must be the name of a table' });

const webApiSchema = z.strictObject({
  host: apiAddress.describe('The address of the environment, for instance https://contoso.crm.dynamics.com.'),
  tokenSecret: z.string().min(1).describe('The name of the secret that holds an access token for it.'),
  columns: z
    .array(columnName)
    .default([])
    .describe('Further columns to read, for columns of your own and a mapping of your own.'),
});

const optionsSchema = z.strictObject({
  tables: z
    .record(tableName, tableName)
    .default({ contact: 'contacts', account: 'accounts' })
    .describe('The tables that are taken, with the name of each in the Web API; others are ignored.'),
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
    .describe('Where to read a record whose message was too large. Absent: such a change is parked.'),
});
type Options = z.infer<typeof optionsSchema>;

/** Those that the shipped mapping knows, of the tables that have them by default. */
const addressColumns = ['line1', 'line2', 'line3', 'city', 'stateorprovince', 'postalcode', 'country'];
const commonColumns = [
  'emailaddress1',
  'telephone1',
  'telephone2',
  ...addressColumns.map((part) => `address1_${part}`),
];
const standardColumns: Readonly<Record<string, readonly string[]>> = {
  contact: ['firstname', 'lastname', 'mobilephone', 'birthdate', '_parentcustomerid_value', ...commonColumns],
  account: ['name', ...commonColumns],
};

/** Messages that leave the record's own data as it is. */
const otherMessage =
  /^(Assign|(Dis)?Associate|(Grant|Modify|Revoke)Access|IsValidStateTransition|Retrieve\w*|SetState\w*)$/;

/** Dataverse says so when it has removed the data from a message. */
const sizeHeader = 'x-ms-dynamics-msg-size-exceeded';

const operationSchema = z.object({
  object: z.string(),
  recordId: z.string(),
  changedBy: z.string().exactOptional(),
});

/**
 * Dynamics 365 (Dataverse): webhooks with the RemoteExecutionContext of one operation. Nothing is signed: a secret in
 * the query or in a header. https://learn.microsoft.com/power-apps/developer/data-platform/use-webhooks
 */
export const dynamics: SourceKind<Options> = {
  name: 'dynamics',
  options: optionsSchema,
  mapping: 'mappings/dynamics.jsonata',
  trusted: false,
  isSnapshot: saysSnapshot,
  headersRead: new RegExp(`^${sizeHeader}$`),

  verify({ url, headers }, { keys, options }) {
    const inHeader = isSecret(headers.get(options.header), keys);
    const asWebhookKey = isSecret(url.searchParams.get('code'), keys);
    return isSecret(url.searchParams.get(options.query), keys) || asWebhookKey || inHeader;
  },

  read(request, options): Delivery {
    const context = readContext(request.body);
    const { PrimaryEntityName, MessageName } = context;
    return {
      // Dataverse has no id for a delivery: the operation and its time are in the body.
      id: hash('sha256', request.body),
      topic: [PrimaryEntityName, MessageName].filter(Boolean).join(' '),
      content: contentOf(context, request, options),
    };
  },

  async fetch(record, { options, secret, timeoutMs }) {
    const operation = operationSchema.parse(record);
    const { webApi, idColumn, tables } = options;
    const entitySet = tables[operation.object];
    // The options have changed since it was received.
    if (!webApi || !entitySet) return { type: 'for-a-person', reason: tooLarge(operation) };
    return readDataverseRecord(operation, {
      host: webApi.host,
      entitySet,
      idColumn,
      columns: [...(standardColumns[operation.object] ?? []), ...webApi.columns],
      token: await secret(webApi.tokenSecret),
      timeoutMs,
    });
  },
};

function contentOf(
  context: ReturnType<typeof readContext>,
  { headers }: KeptRequest,
  { tables, idColumn, webApi }: Options,
): DeliveryContent {
  const { MessageName } = context;
  if (context.PrimaryEntityName && !Object.hasOwn(tables, context.PrimaryEntityName))
    return { type: 'ignored', reason: 'not a table that the source takes' };
  if (otherMessage.test(MessageName))
    return { type: 'ignored', reason: 'not a message that changes the data of a record' };
  const operation = operationOf(context);
  if (!operation) return { type: 'for-a-person', reason: `${MessageName} that does not name one record` };

  const { object, recordId } = operation;
  if (MessageName !== 'Create' && MessageName !== 'Update')
    return { type: 'for-a-person', reason: `${MessageName} of ${object} ${recordId}` };
  const isCut = headers.get(sizeHeader)?.toLowerCase() === 'true';
  const change = isCut ? undefined : recordChangeOf(context, operation, idColumn);
  if (!change) {
    if (webApi) return { type: 'items', items: [{ record: { ...operation } }] };
    return { type: 'for-a-person', reason: tooLarge(operation) };
  }
  if (change.fields.merged === true && change.changed.includes('merged'))
    return { type: 'for-a-person', reason: `merge of ${object} ${recordId} into another` };
  // A new record is not a customer until it has the DirectScale id.
  if (change.snapshot && !change.customerId)
    return { type: 'ignored', reason: 'a new record without a DirectScale id' };
  return { type: 'changes', payload: change };
}

const tooLarge = ({ object, recordId }: { readonly object: string; readonly recordId: string }): string =>
  `${object} ${recordId} changed, but the message came without its data (over 256 KB)`;
