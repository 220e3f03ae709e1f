import * as z from 'zod';
import { apiAddress } from '../../net/api-address.ts';

const propertyName = z.string().regex(/^\w{1,200}$/, { error: 'must be the internal name of a property' });

/** The properties of HubSpot's own that the shipped mapping knows. */
export const standardProperties = [
  'firstname',
  'lastname',
  'email',
  'phone',
  'mobilephone',
  'company',
  'address',
  'city',
  'state',
  'zip',
  'country',
  'date_of_birth',
  'hs_language',
];

const publicAppSchema = z.strictObject({
  id: z.int().positive().describe('The id of the app.'),
  developerKeySecret: z
    .string()
    .min(1)
    .default('hubspot-developer-key')
    .describe("The name of the secret that holds the developer account's API key."),
  subscribed: z
    .array(propertyName)
    .min(1)
    .default(standardProperties)
    .describe('The properties whose changes must be subscribed.'),
});

export const optionsSchema = z.strictObject({
  signature: z
    .enum(['v3', 'v2'])
    .default('v3')
    .describe('How HubSpot signs: v3 for the webhooks of an app, v2 for the webhook action of a workflow.'),
  idProperty: propertyName
    .default('directscale_customer_id')
    .describe('The property of the contact that holds the DirectScale id.'),
  properties: z
    .array(propertyName)
    .default([])
    .describe('Further properties to read: those that you created, and those for a mapping of your own.'),
  tokenSecret: z
    .string()
    .min(1)
    .default('hubspot-access-token')
    .describe("The name of the secret that holds the app's access token."),
  baseUrl: apiAddress.default('https://api.hubapi.com').describe("The address of HubSpot's API."),
  portalId: z
    .int()
    .positive()
    .optional()
    .describe(
      'The id of the HubSpot account whose events are taken. Needed when the app is installed in several.',
    ),
  publicApp: publicAppSchema
    .optional()
    .describe('A legacy public app, whose subscriptions the relay can look at. Others cannot be asked.'),
});
export type Options = z.infer<typeof optionsSchema>;

/** The properties of a contact that are read: those of the shipped mapping, the DirectScale id, and those of the options. */
export function propertiesRead({ idProperty, properties }: Options): string[] {
  return [...new Set([idProperty, ...standardProperties, ...properties])];
}
