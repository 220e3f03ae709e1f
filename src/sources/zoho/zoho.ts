import { hash, randomUUID } from 'node:crypto';
import * as z from 'zod';
import { apiAddress } from '../../net/api-address.ts';
import { contentOfItems } from '../delivery-item.ts';
import {
  type DeliveryContent,
  type DeliveryItem,
  type Fetched,
  MalformedDelivery,
  type SourceKind,
} from '../kind.ts';
import { getRecord } from '../shared/get-record.ts';
import { parseJson } from '../shared/json-body.ts';
import { customerIdIn } from '../shared/record-change.ts';
import { isSecret } from '../shared/shared-secret.ts';
import { withoutLineEnds } from '../signing-key.ts';
import { createAccessTokens, type ZohoClient } from './access-tokens.ts';
import { changedFields, idsIn, readNotification, type ZohoNotification } from './notification.ts';
import { tokenIn, withoutToken } from './token.ts';

/**
 * Where each data centre's API and accounts are.
 * https://www.zoho.com/crm/developer/docs/api/v8/multi-dc.html
 */
const dataCentres = {
  us: { api: 'https://www.zohoapis.com', accounts: 'https://accounts.zoho.com' },
  eu: { api: 'https://www.zohoapis.eu', accounts: 'https://accounts.zoho.eu' },
  in: { api: 'https://www.zohoapis.in', accounts: 'https://accounts.zoho.in' },
  au: { api: 'https://www.zohoapis.com.au', accounts: 'https://accounts.zoho.com.au' },
  jp: { api: 'https://www.zohoapis.jp', accounts: 'https://accounts.zoho.jp' },
  cn: { api: 'https://www.zohoapis.com.cn', accounts: 'https://accounts.zoho.com.cn' },
  ca: { api: 'https://www.zohoapis.ca', accounts: 'https://accounts.zohocloud.ca' },
  sa: { api: 'https://www.zohoapis.sa', accounts: 'https://accounts.zoho.sa' },
} as const;
type DataCentre = keyof typeof dataCentres;

const apiName = z.string().regex(/^\w{1,100}$/, { error: 'must be an API name: letters, digits and _' });

const optionsSchema = z.strictObject({
  dataCentre: z
    .enum(Object.keys(dataCentres) as [DataCentre, ...DataCentre[]])
    .describe('The data centre of your Zoho account: the end of the address that you use Zoho CRM at.'),
  clientId: z.string().min(1).describe('The client id of the self client in the Zoho API console.'),
  clientSecret: z
    .string()
    .min(1)
    .default('zoho-client-secret')
    .describe("The name of the secret that holds the client's secret."),
  refreshTokenSecret: z
    .string()
    .min(1)
    .default('zoho-refresh-token')
    .describe('The name of the secret that holds the refresh token.'),
  module: apiName.default('Contacts').describe('The module whose records are customers, by its API name.'),
  idField: apiName
    .default('DirectScale_Customer_Id')
    .describe('The field of the record that holds the DirectScale id, by its API name.'),
  baseUrl: apiAddress.optional().describe("The address of Zoho's API, if it is not that of the data centre."),
  accountsUrl: apiAddress
    .optional()
    .describe('The address that gives access tokens, if it is not that of the data centre.'),
});
type Options = z.infer<typeof optionsSchema>;

const recordSchema = z.object({
  record: z.string(),
  isNew: z.literal(true).exactOptional(),
  /** Absent: Zoho did not tell. */
  changed: z.array(z.string()).exactOptional(),
});

const answerSchema = z.object({ data: z.array(z.looseObject({ id: z.unknown() })).min(1) });

/** What mappings of Zoho sources get: a record as it is now. */
interface ZohoRecordChange {
  /** The value of the field that holds the DirectScale id. */
  readonly customerId?: string;
  readonly record: Readonly<Record<string, unknown>>;
  readonly isNew?: true;
  /** The names of the fields that Zoho says were changed; absent: it did not tell. */
  readonly changed?: readonly string[];
}

/** Edits and new records, by every name that Zoho has for them. Which of these notifications use is not documented. */
const takenOperations = new Map([
  ['update', { isNew: false }],
  ['edit', { isNew: false }],
  ['insert', { isNew: true }],
  ['create', { isNew: true }],
]);

const standardFields: ReadonlySet<string> = new Set([
  'First_Name',
  'Last_Name',
  'Email',
  'Account_Name',
  'Phone',
  'Mobile',
  'Date_of_Birth',
]);

const accessTokens = createAccessTokens();

/**
 * Zoho CRM's notifications: the token of the channel comes back in the body, nothing is signed. They name records, which
 * are read when they are applied. https://www.zoho.com/crm/developer/docs/api/v8/notifications/overview.html
 */
export const zoho: SourceKind<Options> = {
  name: 'zoho',
  options: optionsSchema,
  mapping: 'mappings/zoho.jsonata',
  trusted: false,
  /** Without the names of the fields that changed. */
  isSnapshot: (payload) => typeof payload === 'object' && payload !== null && !('changed' in payload),
  // The token is inside the body, which has to be looked through before anything is known of the sender.
  maxBodyBytes: 65_536,

  verify({ body }, { keys }) {
    return isSecret(tokenIn(body), keys);
  },

  withoutSecret: withoutToken,

  read({ body }, options) {
    const notification = readNotification(parseJson(body));
    if (!notification) throw new MalformedDelivery('The body must be a notification of Zoho CRM.');
    const { channel_id, server_time, module, operation } = notification;
    const bodyHash = hash('sha256', body);
    // Without the time, two edits look the same: the record is read for each of them.
    const id = `${channel_id ?? ''}:${server_time ?? randomUUID()}:${bodyHash}`;
    const topic = [module, operation].filter(Boolean).join(' ').slice(0, 200);
    return { id, ...(topic && { topic }), content: contentOf(notification, options) };
  },

  // What counts as success is not documented: the plainest one.
  acknowledge: () => ({ status: 200 }),

  async fetch(named, { options, secret, timeoutMs }) {
    const { record: recordId, isNew, changed } = recordSchema.parse(named);
    const { dataCentre, clientId, module } = options;
    const client = {
      accountsUrl: options.accountsUrl ?? dataCentres[dataCentre].accounts,
      clientId,
      clientSecret: withoutLineEnds(await secret(options.clientSecret)),
      refreshToken: withoutLineEnds(await secret(options.refreshTokenSecret)),
    };
    const base = options.baseUrl ?? dataCentres[dataCentre].api;
    const url = new URL(`${base}/crm/v8/${module}/${recordId}`);
    const fetched = await readAs(client, url, timeoutMs);
    // Zoho answers 400 for an id that it does not know (any more): waiting would not help.
    if (fetched.type === 'refused-by-vendor' && fetched.status === 400)
      return { type: 'for-a-person', reason: `Zoho refuses to read ${module} ${recordId}: was it deleted?` };
    if (fetched.type !== 'found') return fetched;

    const [found] = answerSchema.safeParse(fetched.payload).data?.data ?? [];
    // The answer is not from Zoho, or is another record.
    if (!found || String(found.id) !== recordId) return { type: 'unavailable' };
    const held = found[options.idField];
    const { customerId } = customerIdIn(
      typeof held === 'string' || typeof held === 'number' ? held : undefined,
    );
    const unread = (changed ?? []).filter((name) => isMapped(name, options) && !Object.hasOwn(found, name));
    if (unread.length > 0) {
      const reason = `${unread.join(', ')} of ${module} ${recordId} changed, but the token cannot read it`;
      return { type: 'for-a-person', reason };
    }
    const payload: ZohoRecordChange = {
      ...(customerId && { customerId }),
      record: found,
      ...(isNew && { isNew }),
      ...(changed && { changed }),
    };
    return { type: 'found', payload };
  },
};

/** Whether the shipped mapping sends a field: one that is missing must not be taken for emptied. */
function isMapped(name: string, { idField }: Options): boolean {
  return name === idField || /^DirectScale_|^Mailing_/.test(name) || standardFields.has(name);
}

function contentOf(notification: ZohoNotification, { module }: Options): DeliveryContent {
  const { operation } = notification;
  if (notification.module !== undefined && notification.module !== module)
    return { type: 'ignored', reason: 'not about the module of options.module' };
  const { ids, unreadable } = idsIn(notification);
  if (operation === undefined && ids.length === 0 && unreadable === 0)
    return { type: 'ignored', reason: 'names neither an operation nor a record' };
  const taken = takenOperations.get(operation?.toLowerCase() ?? '');
  const what = (operation ?? 'no operation').slice(0, 50);
  if (!taken || ids.length === 0) {
    const which = ids.length > 0 ? ids.slice(0, 20).join(', ') : 'without an id';
    return { type: 'for-a-person', reason: `${what} of ${module} ${which}` };
  }
  const items = ids.map((id): DeliveryItem => {
    const changed = changedFields(notification, id);
    return { record: { record: id, ...(taken.isNew ? { isNew: true } : changed && { changed }) } };
  });
  const parked =
    unreadable > 0 ? [{ forAPerson: `${what} of ${module}: ${unreadable} ids cannot be read` }] : [];
  return contentOfItems([...items, ...parked], 'names no record');
}

/** Reads with the client's access token; once more with another one if Zoho does not take that. */
async function readAs(client: ZohoClient, url: URL, timeoutMs: number): Promise<Fetched> {
  const first = await accessTokens(client, timeoutMs);
  if (first.type !== 'token') return first;
  const read = (token: string) =>
    getRecord({ url, headers: { Authorization: `Zoho-oauthtoken ${token}` }, timeoutMs });
  const fetched = await read(first.token);
  if (fetched.type !== 'refused-by-vendor' || fetched.status !== 401) return fetched;

  const second = await accessTokens(client, timeoutMs, first.token);
  if (second.type !== 'token') return second;
  return second.token === first.token ? fetched : read(second.token);
}
