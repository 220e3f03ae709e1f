import { adobeCommerce } from './adobe-commerce/adobe-commerce.ts';
import { bigcommerce } from './bigcommerce/bigcommerce.ts';
import { canonical } from './canonical/canonical.ts';
import { cloudevents } from './cloudevents/cloudevents.ts';
import { directscale } from './directscale/directscale.ts';
import { dynamics } from './dynamics/dynamics.ts';
import { eventGrid } from './event-grid/event-grid.ts';
import { generic } from './generic/generic.ts';
import { hubspot } from './hubspot/hubspot.ts';
import type { SourceKind } from './kind.ts';
import { mailchimp } from './mailchimp/mailchimp.ts';
import { pipedrive } from './pipedrive/pipedrive.ts';
import { salesforce } from './salesforce/salesforce.ts';
import { segment } from './segment/segment.ts';
import { shopify } from './shopify/shopify.ts';
import { standardWebhooks } from './standard-webhooks/standard-webhooks.ts';
import { stripe } from './stripe/stripe.ts';
import { woocommerce } from './woocommerce/woocommerce.ts';
import { zoho } from './zoho/zoho.ts';

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
