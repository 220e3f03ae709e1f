import * as z from 'zod';
import { apiAddress } from '../../net/api-address.ts';

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

export const optionsSchema = z.strictObject({
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
  fields: z
    .array(apiName)
    .max(30)
    .default([])
    .describe(
      'Further fields that are read of records that changed: those that you created, by their API names.',
    ),
  channelId: z
    .string()
    .regex(/^\d{1,19}$/, { error: 'must be a number, as text' })
    .default('1000000068001')
    .describe('The id of the notification channel: a number of your choice, of its own for this purpose.'),
  baseUrl: apiAddress.optional().describe("The address of Zoho's API, if it is not that of the data centre."),
  accountsUrl: apiAddress
    .optional()
    .describe('The address that gives access tokens, if it is not that of the data centre.'),
});
export type Options = z.infer<typeof optionsSchema>;

/** The address of Zoho's API. */
export function apiUrlOf({ baseUrl, dataCentre }: Options): string {
  return baseUrl ?? dataCentres[dataCentre].api;
}

/** The address that gives access tokens. */
export function accountsUrlOf({ accountsUrl, dataCentre }: Options): string {
  return accountsUrl ?? dataCentres[dataCentre].accounts;
}
