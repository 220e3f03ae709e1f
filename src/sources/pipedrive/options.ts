import * as z from 'zod';
import { apiAddress } from '../../net/api-address.ts';

const fieldKey = z.string().regex(/^[0-9a-f]{40}$/, { error: 'must be the key of a field: 40 hex digits' });

const fieldName = z
  .string()
  .regex(
    /^directscale_(address|shipping_address|company_name|secondary_phone|text_phone|birth_date|language|tax_id|field_[1-9]\d{0,2})$/,
    { error: 'is none of the names in docs/sources/pipedrive.md' },
  );

const apiSchema = z.strictObject({
  tokenSecret: z
    .string()
    .min(1)
    .default('pipedrive-api-token')
    .describe('The name of the secret that holds the API token of a user who may see every person.'),
  baseUrl: apiAddress.default('https://api.pipedrive.com').describe("The address of Pipedrive's API."),
});

export const optionsSchema = z.strictObject({
  idField: fieldKey
    .optional()
    .describe('The key (40 hex digits) of the custom person field that holds the DirectScale id.'),
  fields: z
    .record(fieldName, fieldKey)
    .default({})
    .describe('Further custom person fields: what they hold, such as "directscale_address", and their key.'),
  api: apiSchema
    .optional()
    .describe('How the relay asks Pipedrive which persons changed, and for its webhook.'),
});
export type Options = z.infer<typeof optionsSchema>;
