import { canonical } from './canonical.ts';
import { hubspot } from './hubspot.ts';
import { shopify } from './shopify.ts';
import type { SourceKind } from './source.ts';
import { stripe } from './stripe.ts';

/** Every kind of source, by the name that `relay.json` uses. */
export const sourceKinds: ReadonlyMap<string, SourceKind> = new Map(
  [canonical, shopify, hubspot, stripe].map((kind) => [kind.name, kind as SourceKind]),
);
