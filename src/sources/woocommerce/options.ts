import * as z from 'zod';
import { apiAddress } from '../../net/api-address.ts';

const apiSchema = z.strictObject({
  baseUrl: apiAddress.describe('The address of WordPress, which /wp-json follows.'),
  consumerKeySecret: z
    .string()
    .min(1)
    .default('woocommerce-consumer-key')
    .describe('The name of the secret that holds the consumer key of the REST API (ck_…).'),
  consumerSecret: z
    .string()
    .min(1)
    .default('woocommerce-consumer-secret')
    .describe('The name of the secret that holds the consumer secret of the REST API (cs_…).'),
  pageSize: z
    .int()
    .min(2)
    .max(100)
    .default(50)
    .describe('How many customers are read in one call, with all their meta fields.'),
});

export const optionsSchema = z.strictObject({
  shop: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe(
      'The address of the shop whose webhooks are taken, as WordPress has it (Site Address); those of others are ignored.',
    ),
  roles: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe('The WordPress roles whose users are taken, for instance ["customer"]. Absent: all.'),
  api: apiSchema
    .optional()
    .describe('How the relay reads the customers of the shop, and its webhooks, from the REST API.'),
});

export type Options = z.infer<typeof optionsSchema>;
