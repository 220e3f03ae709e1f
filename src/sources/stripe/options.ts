import * as z from 'zod';
import { apiAddress } from '../../net/api-address.ts';

const apiSchema = z.strictObject({
  tokenSecret: z
    .string()
    .min(1)
    .default('stripe-restricted-key')
    .describe('The name of the secret that holds a restricted key (rk_live_…).'),
  baseUrl: apiAddress.default('https://api.stripe.com').describe("The address of Stripe's API."),
  pageSize: z
    .int()
    .min(2)
    .max(100)
    .default(100)
    .describe('How many events or customers are read in one call.'),
});

export const optionsSchema = z.strictObject({
  livemode: z
    .boolean()
    .default(true)
    .describe(
      'true takes events of live mode, false those of test mode and sandboxes. The others are ignored.',
    ),
  connectedAccounts: z
    .array(z.string().regex(/^acct_\w{1,250}$/, { error: 'must be the id of an account: acct_…' }))
    .default([])
    .describe(
      'Connect: the connected accounts whose events are taken, too. Those of others are ignored: their customers are not yours.',
    ),
  api: apiSchema
    .optional()
    .describe('How the relay asks Stripe which customers changed, and for its webhook endpoint.'),
});

export type Options = z.infer<typeof optionsSchema>;
