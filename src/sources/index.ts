import { adobeCommerce } from './adobe-commerce.ts';
import { bigcommerce } from './bigcommerce.ts';
import { canonical } from './canonical.ts';
import { cloudevents } from './cloudevents.ts';
import { directscale } from './directscale.ts';
import { dynamics } from './dynamics.ts';
import { eventGrid } from './event-grid.ts';
import { generic } from './generic.ts';
import { hubspot } from './hubspot.ts';
import { mailchimp } from './mailchimp.ts';
import { pipedrive } from './pipedrive.ts';
import { salesforce } from './salesforce.ts';
import { segment } from './segment.ts';
import { shopify } from './shopify.ts';
import type { SourceKind } from './source.ts';
import { standardWebhooks } from './standard-webhooks.ts';
import { stripe } from './stripe.ts';
import { woocommerce } from './woocommerce.ts';
import { zoho } from './zoho.ts';

/** Every kind of source, by the name that `relay.json` uses. */
export const sourceKinds: ReadonlyMap<string, SourceKind> = new Map(
  [
    canonical,
    shopify,
    woocommerce,
    bigcommerce,
    hubspot,
    salesforce,
    dynamics,
    stripe,
    adobeCommerce,
    cloudevents,
    eventGrid,
    generic,
    standardWebhooks,
    directscale,
    mailchimp,
    segment,
    zoho,
    pipedrive,
  ].map((kind) => [kind.name, kind as SourceKind]),
);
