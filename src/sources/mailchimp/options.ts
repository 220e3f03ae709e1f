import * as z from 'zod';
import { apiAddress } from '../../net/api-address.ts';
import { isTimeZone } from '../shared/local-time.ts';

const apiSchema = z.strictObject({
  baseUrl: apiAddress.describe(
    'The address of the API in the data centre of the account, such as https://us21.api.mailchimp.com.',
  ),
  audience: z
    .string()
    .regex(/^[0-9a-f]{6,20}$/, { error: 'must be the id of an audience: hexadecimal digits' })
    .describe('The id of the audience.'),
  tokenSecret: z
    .string()
    .min(1)
    .default('mailchimp-api-key')
    .describe('The name of the secret that holds the API key, or the token of an app.'),
  pageSize: z.int().min(2).max(1000).default(500).describe('How many contacts are read in one call.'),
});

export const optionsSchema = z.strictObject({
  authentication: z
    .enum(['signature', 'url'])
    .default('signature')
    .describe(
      'signature: by X-Mailchimp-Signature. url: by a secret in the address (?key=…), for webhooks made before Mailchimp signed.',
    ),
  idField: z
    .string()
    .regex(/^[A-Z0-9_]{1,50}$/, { error: 'must be a merge tag: capital letters, digits, _' })
    .default('DSID')
    .describe('The merge tag of the field that holds the DirectScale id.'),
  subscribe: z
    .boolean()
    .default(false)
    .describe(
      'true: a subscription is taken like a change of a profile. Only where subscribers cannot fill in the field of the DirectScale id themselves.',
    ),
  timeZone: z
    .string()
    .refine(isTimeZone, { error: 'must be the name of a time zone, such as America/Denver' })
    .default('UTC')
    .describe('The time zone of fired_at, which Mailchimp does not document.'),
  api: apiSchema
    .optional()
    .describe('How the relay reads the contacts of the audience, and its webhooks, from the Marketing API.'),
});
export type Options = z.infer<typeof optionsSchema>;
