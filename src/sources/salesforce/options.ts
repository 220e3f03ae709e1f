import * as z from 'zod';
import { apiAddress } from '../../net/api-address.ts';
import { headerName } from '../shared/shared-secret.ts';

const apiName = z.string().regex(/^[A-Za-z]\w{0,79}$/, { error: 'must be an API name' });

const apiSchema = z.strictObject({
  host: apiAddress.describe('The address of My Domain, for instance https://contoso.my.salesforce.com.'),
  clientId: z.string().min(1).describe('The consumer key of the external client app.'),
  clientSecret: z
    .string()
    .min(1)
    .default('salesforce-client-secret')
    .describe('The name of the secret that holds its consumer secret.'),
  version: z
    .string()
    .regex(/^v\d{2}\.0$/, { error: 'must be a version of the REST API, such as v65.0' })
    .default('v65.0')
    .describe('The version of the REST API that is called.'),
  fields: z.array(apiName).default([]).describe('Further fields to read, for a mapping of your own.'),
});

export const optionsSchema = z.strictObject({
  organizationId: z
    .string()
    .regex(/^00D[A-Za-z0-9]{12}([A-Za-z0-9]{3})?$/, {
      error: 'must be an organization id of 15 or 18 characters',
    })
    .optional()
    .describe('The organization whose outbound messages are taken. Change events do not name theirs.'),
  objects: z
    .array(apiName)
    .min(1)
    .default(['Contact', 'Account'])
    .describe('The objects that are taken; messages and events about others are ignored.'),
  idField: apiName
    .default('DirectScale_Customer_Id__c')
    .describe('The field of the record that holds the DirectScale id.'),
  query: z.string().min(1).default('key').describe('The query parameter that holds the secret.'),
  header: headerName.default('x-relay-key').describe('The header that holds the secret, for a middleware.'),
  api: apiSchema.optional().describe('How the relay asks Salesforce which records changed.'),
});
export type Options = z.infer<typeof optionsSchema>;
