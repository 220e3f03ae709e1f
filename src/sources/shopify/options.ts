import * as z from 'zod';
import { apiAddress } from '../../net/api-address.ts';

const secretName = z.string().min(1);

const apiSchema = z
  .strictObject({
    tokenSecret: secretName
      .optional()
      .describe('The name of the secret that holds an access token, for an app whose token does not end.'),
    clientId: z
      .string()
      .min(1)
      .optional()
      .describe('The client id of an app of your own organization: the relay asks for a token itself.'),
    clientSecret: secretName
      .optional()
      .describe("The name of the secret that holds the app's client secret. With clientId."),
    version: z
      .string()
      .regex(/^\d{4}-(01|04|07|10)$/, { error: 'must be a version of the Admin API, such as 2026-07' })
      // Older ones do not know defaultEmailAddress and defaultPhoneNumber.
      .refine((version) => version >= '2025-04', { error: 'must be 2025-04 or later' })
      .default('2026-07')
      .describe('The version of the Admin API that is called.'),
    metafieldNamespaces: z
      .array(z.string().regex(/^[\w-]{2,100}$/, { error: 'must be the namespace of metafields' }))
      .min(1)
      .max(5)
      .default(['directscale'])
      .describe('The namespaces of the metafields that the mapping reads.'),
    pageSize: z
      .int()
      .min(1)
      .max(250)
      .default(20)
      .describe(
        'How many customers are read in one call. With its metafields a customer costs about 44 points.',
      ),
    baseUrl: apiAddress
      .optional()
      .describe('The address of the Admin API, if it is not that of options.shop.'),
  })
  .refine(
    ({ tokenSecret, clientId, clientSecret }) =>
      tokenSecret === undefined
        ? clientId !== undefined && clientSecret !== undefined
        : clientId === undefined && clientSecret === undefined,
    { error: 'needs either tokenSecret, or clientId and clientSecret' },
  );

export const optionsSchema = z
  .strictObject({
    shop: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]*\.myshopify\.com$/, {
        error: 'must be a shop, such as example.myshopify.com',
      })
      .optional()
      .describe(
        'The shop whose webhooks are taken, such as example.myshopify.com; those of others are ignored. For an app that several shops have installed: all of them sign with its secret.',
      ),
    api: apiSchema
      .optional()
      .describe('How the relay asks Shopify which customers changed, and for its webhook subscriptions.'),
  })
  .refine(({ shop, api }) => api === undefined || shop !== undefined, {
    error: 'is needed with api: it is the shop that is asked',
    path: ['shop'],
  });

export type Options = z.infer<typeof optionsSchema>;
