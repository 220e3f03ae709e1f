import * as z from 'zod';
import { apiAddress } from '../../net/api-address.ts';
import { eventTypeOptions } from '../shared/event-types.ts';

const secretName = (name: string, what: string) =>
  z.string().min(1).default(name).describe(`The name of the secret that holds ${what}.`);

const restOptions = {
  baseUrl: apiAddress.describe(
    'The address of the REST API, which /V1 follows, such as https://shop.example.com/rest/all.',
  ),
  pageSize: z.int().min(2).max(300).default(100).describe('How many customers are read in one call.'),
};

/** https://developer.adobe.com/commerce/webapi/get-started/authentication/ */
const apiSchema = z.discriminatedUnion('authentication', [
  z.strictObject({
    authentication: z.literal('oauth').describe('An integration of the shop, whose requests are signed.'),
    ...restOptions,
    consumerKeySecret: secretName('commerce-consumer-key', 'the consumer key of the integration'),
    consumerSecret: secretName('commerce-consumer-secret', 'the consumer secret'),
    tokenSecret: secretName('commerce-access-token', 'the access token'),
    signingSecret: secretName('commerce-access-token-secret', 'the access token secret'),
    signatureMethod: z
      .enum(['HMAC-SHA256', 'HMAC-SHA1'])
      .default('HMAC-SHA256')
      .describe('How requests are signed: HMAC-SHA1 for shops before 2.4.4.'),
  }),
  z.strictObject({
    authentication: z
      .literal('bearer')
      .describe('The access token of an integration as it is, where the shop allows that.'),
    ...restOptions,
    tokenSecret: secretName('commerce-access-token', 'the access token'),
  }),
  z.strictObject({
    authentication: z
      .literal('ims')
      .describe("Adobe's identity service, with options.ims: for the cloud service."),
    ...restOptions,
  }),
]);

const imsSchema = z.strictObject({
  clientSecret: secretName('adobe-client-secret', "the client secret of the project's OAuth credential"),
  scopes: z
    .string()
    .min(1)
    .describe('The scopes of the credential, as the Developer Console shows them, separated by commas.'),
  baseUrl: apiAddress
    .default('https://ims-na1.adobelogin.com')
    .describe("The address of Adobe's identity service."),
});

const id = z.string().regex(/^[\w@.-]{1,100}$/, { error: 'must be an id of the Developer Console' });

const registrationsSchema = z.strictObject({
  organization: id.describe(
    'The id of the organization: project.org.id in the file of the Developer Console.',
  ),
  project: id.describe('The id of the project: project.id.'),
  workspace: id.describe('The id of the workspace: project.workspace.id.'),
  baseUrl: apiAddress.default('https://api.adobe.io').describe('The address of the API of I/O Events.'),
});

const journalSchema = z.strictObject({
  url: apiAddress.describe(
    'The address of the journal, as the event registration shows it in the Developer Console.',
  ),
  imsOrganization: z
    .string()
    .regex(/^\w{1,100}@AdobeOrg$/, { error: 'must be an id such as 4CC7D970@AdobeOrg' })
    .describe('The id of the organization in the identity service: project.org.ims_org_id.'),
  pageSize: z.int().min(1).max(500).default(100).describe('How many events are read in one call.'),
});

export const optionsSchema = z
  .strictObject({
    product: z
      .enum(['io-events', 'commerce-webhooks'])
      .describe('io-events: Adobe I/O Events. commerce-webhooks: the Webhooks module of Commerce.'),
    clientId: z
      .string()
      .min(1)
      .optional()
      .describe('io-events: the client id of your project in the Developer Console.'),
    ...eventTypeOptions,
    api: apiSchema.optional().describe('How the relay reads the customers of the shop from the REST API.'),
    journal: journalSchema
      .optional()
      .describe('io-events: the journal, from which the events of the last seven days are read again.'),
    ims: imsSchema
      .optional()
      .describe(
        'The OAuth credential of the project, for api.authentication ims, journal and registrations.',
      ),
    registrations: registrationsSchema
      .optional()
      .describe('io-events: where the relay looks whether its event registration is switched on.'),
  })
  .refine(({ product, clientId }) => product !== 'io-events' || clientId !== undefined, {
    error: 'is needed for io-events: Adobe signs the events of all its customers with the same keys',
    path: ['clientId'],
  })
  .refine(
    ({ api, journal, registrations, ims, clientId }) =>
      (api?.authentication !== 'ims' && !journal && !registrations) ||
      (ims !== undefined && clientId !== undefined),
    {
      error: 'is needed, with clientId, for api.authentication ims, journal and registrations',
      path: ['ims'],
    },
  );

export type Options = z.infer<typeof optionsSchema>;
/** How the REST API is called. */
export type RestApi = NonNullable<Options['api']>;
