import * as z from 'zod';
import { apiAddress } from '../../net/api-address.ts';
import { headerName } from '../shared/shared-secret.ts';

export const optionsSchema = z.strictObject({
  storeHash: z
    .string()
    .regex(/^[a-z0-9]{1,50}$/, { error: 'must be the store hash: lower-case letters and digits' })
    .describe('The store hash: what comes after "stores/" in the path of your API account.'),
  authentication: z
    .enum(['header', 'signature'])
    .default('header')
    .describe(
      "header: a header of your own that holds the secret. signature: signed with the app's client secret.",
    ),
  header: headerName.default('X-Relay-Key').describe('The name of the header that holds the secret.'),
  idAttribute: z
    .int()
    .positive()
    .optional()
    .describe('The id of the customer attribute that holds the DirectScale id.'),
  severalAddresses: z
    .enum(['park', 'first', 'ignore'])
    .default('park')
    .describe(
      'When an address of a customer with several changes: park for a person, take the first, or ignore it. BigCommerce does not say which is the default.',
    ),
  tokenSecret: z
    .string()
    .min(1)
    .default('bigcommerce-access-token')
    .describe('The name of the secret that holds the access token of the API account.'),
  baseUrl: apiAddress.default('https://api.bigcommerce.com').describe("The address of BigCommerce's API."),
  pageSize: z
    .int()
    .min(2)
    .max(250)
    .default(100)
    .describe('How many customers are read in one call when the relay catches up.'),
});
export type Options = z.infer<typeof optionsSchema>;
