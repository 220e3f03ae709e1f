import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { localSecret, senderOf } from '../../local/sender.ts';
import type { Vendors } from '../../local/vendors.ts';
import { appFolder } from '../../src/app-folder.ts';
import type { SourceEntry } from '../../src/config/configuration.ts';
import type { Source } from '../../src/config/source.ts';
import { mapPayload, readDelivery } from '../../src/delivery/attempt/read-delivery.ts';
import type { Change } from '../../src/domain/change.ts';
import type { Violation } from '../../src/domain/violation.ts';
import type { MappedElement } from '../../src/mapping/mapped-element.ts';
import { keptBefore } from '../../src/sources/kept-request.ts';
import type { JsonValue } from '../../src/sources/kind.ts';
import { bad, type Finding, ok } from './finding.ts';

const timeoutMs = 5000;

/**
 * Maps the sample of the source's kind and says which fields it would send. Where events only name a record, the record
 * comes from `vendors`; nothing is asked of the real vendor. A mapping of a kind without one of its own is for payloads
 * that no sample knows: that it compiles is all that can be said.
 */
export async function checkSample(source: Source, entry: SourceEntry, vendors: Vendors): Promise<Finding> {
  const { name, kind } = source;
  if (!kind.mapping && !kind.selfMapped) {
    return ok(`${name}: its mapping compiles; POST /api/preview/${name} shows what it makes of a payload`);
  }
  const changes = await changesOfSample(source, entry, vendors);
  if (typeof changes === 'string') return ok(`${name}: the sample of ${kind.name} is ${changes}`);
  if ('violations' in changes) {
    const reasons = changes.violations.map(({ path, message }) => `${path} ${message}`.trim());
    return bad(`${name}: the sample of ${kind.name} gives ${reasons.join('; ')}`);
  }
  const fields = new Set(changes.flatMap((change) => Object.keys(change.fields)));
  if (fields.size === 0) return bad(`${name}: the sample of ${kind.name} would send nothing`);
  return ok(`${name}: the sample of ${kind.name} would send ${[...fields].join(', ')}`);
}

/** The changes that the sample makes, or what is wrong; in words: what becomes of a sample that is no change. */
async function changesOfSample(
  source: Source,
  entry: SourceEntry,
  vendors: Vendors,
): Promise<readonly Change[] | { readonly violations: readonly Violation[] } | string> {
  const { kind } = source;
  const sender = await senderOf(kind.name);
  const needed = sender.entry?.(vendors.urlOf(kind.name)).options;
  // The sample may be of another form than the source's options say: it is read as it is meant.
  const options = kind.options.parse({ ...entry.options, ...needed });
  const stored = await readFile(join(appFolder, 'test', 'fixtures', kind.name, sender.sample));
  const secret = sender.secret?.('sample') ?? localSecret('sample');
  const now = new Date();
  const body = sender.body?.(stored, secret, now) ?? stored;
  const webhook = new URL(`https://relay.example.com/api/webhooks/${source.name}`);
  const url = sender.url?.(webhook, secret) ?? webhook;
  const headers = new Headers(sender.headers(body, secret, now, url));

  const { content } = await readDelivery({ ...source, options }, keptBefore({ headers, body }), now);
  if (content.type === 'changes') return changesOrViolations(content.elements);
  if (content.type === 'unmappable') return content;
  if (content.type !== 'thin') return content.type;
  const changes: Change[] = [];
  for (const item of content.items) {
    const mapped = await changesOfItem({ ...source, options }, item, now);
    if ('violations' in mapped) return mapped;
    changes.push(...mapped);
  }
  return changes;
}

async function changesOfItem(
  source: Source,
  item: JsonValue,
  now: Date,
): Promise<readonly Change[] | { readonly violations: readonly Violation[] }> {
  const secret = async (name: string) => localSecret(name);
  const fetched = await source.kind.fetch?.(item, { options: source.options, secret, timeoutMs });
  if (fetched?.type === 'found') {
    const mapped = await mapPayload(source, fetched.payload, now);
    return mapped.ok ? changesOrViolations(mapped.elements) : mapped;
  }
  return {
    violations: [{ path: '', message: `a record that cannot be read: ${fetched?.type ?? 'no fetch'}` }],
  };
}

/** Of a sample everything must be usable. */
function changesOrViolations(
  elements: readonly MappedElement[],
): readonly Change[] | { readonly violations: readonly Violation[] } {
  const violations = elements.flatMap((element) => [
    ...(element.type === 'unusable' ? element.violations : []),
    ...element.leftOut.map(({ path, reason }) => ({ path, message: reason })),
  ]);
  if (violations.length > 0) return { violations };
  return elements.flatMap((element) => (element.type === 'change' ? [element.change] : []));
}
