import { carried } from '../../domain/customer-reference.ts';
import { occurredAtSchema } from '../../mapping/occurred-at.ts';
import type { DeliveryContent } from '../../sources/kind.ts';
import type { HashOf } from '../record/value-hash.ts';
import { linkSchema } from '../store/link-rows.ts';
import { isForgotten, type Links } from '../store/links.ts';

export interface RefreshContext {
  readonly links: Links;
  /** The keyed hash of a value. */
  readonly hashOf: HashOf;
  readonly now: () => Date;
}

/** What DirectScale says a customer can be found by. */
export type CustomerReferences = Extract<DeliveryContent, { type: 'references' }>;

/**
 * Drops the links that look-ups for these values made to other customers: whoever carries the value now, the records
 * are looked up again. An event that comes late can only cost a look-up. Returns what was done, for the record.
 * Throws what storage throws; then it is to be repeated.
 */
export async function refreshLinks(
  { customerId, references, link, at }: CustomerReferences,
  { links, hashOf, now }: RefreshContext,
): Promise<string> {
  let dropped = 0;
  for (const { by, value } of references) {
    const found = await links.foundBy({ by, hash: hashOf(carried(value)) });
    for (const other of found.filter((existing) => existing.customerId !== customerId)) {
      if (await links.remove(other.source, other.recordId, other.customerId)) dropped++;
    }
  }
  const looked = `links looked through: ${dropped} dropped`;
  if (!link) return looked;

  const time = occurredAtSchema(now()).safeParse(at ?? now().toISOString());
  if (!time.success) return `${looked}; none made: its time cannot be, or lies in the future`;
  const since = time.data;
  const made = linkSchema.safeParse({ ...link, customerId, origin: 'directscale', since });
  if (!made.success) return `${looked}; none made: the id of its record cannot be one`;
  const existing = await links.find(link.source, link.recordId);
  const linkedAt = isForgotten(existing) ? existing.forgottenAt : existing?.since;
  // Events can be a day late: what was linked, or forgotten, since then stays.
  const { written } =
    linkedAt === undefined || linkedAt < since ? await links.set([made.data]) : { written: 0 };
  return `${looked}, ${written} made`;
}
