import { canonical } from './canonical.ts';
import { shopify } from './shopify.ts';
import type { SourceKind } from './source.ts';

/** Every kind of source, by the name that `relay.json` uses. */
export const sourceKinds: ReadonlyMap<string, SourceKind> = new Map(
  [canonical, shopify].map((kind) => [kind.name, kind as SourceKind]),
);
