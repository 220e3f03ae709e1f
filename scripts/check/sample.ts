import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  hasSample,
  localSecret,
  sampleSentNow,
  senderOf,
  signedRequest,
  type ToSend,
} from '../../local/sender.ts';
import type { Vendors } from '../../local/vendors.ts';
import { appFolder } from '../../src/app-folder.ts';
import type { SourceEntry } from '../../src/config/configuration.ts';
import type { Source } from '../../src/config/source.ts';
import { mapRecord } from '../../src/delivery/attempt/map-payload.ts';
import { type DeliveryElement, readDelivery } from '../../src/delivery/attempt/read-delivery.ts';
import type { Change } from '../../src/domain/change.ts';
import type { Violation } from '../../src/domain/violation.ts';
import { keptBefore } from '../../src/sources/kept-request.ts';
import type { JsonValue } from '../../src/sources/kind.ts';
import { bad, type Finding, ok, unsure } from './finding.ts';

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
  if (!(await hasSample(kind.name)))
    return unsure(`${name}: there is no sample of ${kind.name} here to try it with`);
  const changes = await changesOfSample(source, entry, vendors);
  if (typeof changes === 'string') return ok(`${name}: the sample of ${kind.name} is ${changes}`);
  if ('violations' in changes) {
    return bad(`${name}: the sample of ${kind.name} gives ${wordsOf(changes.violations)}`);
  }
  const fields = new Set(changes.flatMap((change) => Object.keys(change.fields)));
  if (fields.size === 0) return bad(`${name}: the sample of ${kind.name} would send nothing`);
  return ok(`${name}: the sample of ${kind.name} would send ${[...fields].join(', ')}`);
}

/**
 * Maps a payload of one's own and says which fields it would send. Throws what reading the file throws, and
 * {@link Unusable} for a topic that the kind does not have.
 */
export async function checkPayload(
  source: Source,
  { file, topic }: ToSend & { readonly file: string },
): Promise<Finding> {
  const { name, kind } = source;
  const webhook = new URL(`https://relay.example.com/api/webhooks/${name}`);
  const { headers, body } = await signedRequest(kind.name, webhook, localSecret('sample'), { file, topic });
  const kept = keptBefore({ headers: new Headers(headers), body });
  const { content } = await readDelivery(source, kept, new Date());
  if (content.type === 'unmappable')
    return bad(`${name}: ${file} cannot be mapped: ${wordsOf(content.violations)}`);
  if (content.type !== 'elements') return ok(`${name}: ${file} is ${content.type}`);
  const records = content.elements.filter(({ type }) => type === 'record');
  if (records.length > 0)
    return ok(`${name}: ${file} names ${records.length} records; each is read when it is applied`);
  const changes = changesOrViolations(content.elements);
  if ('violations' in changes) return bad(`${name}: ${file} gives ${wordsOf(changes.violations)}`);
  const fields = new Set(changes.flatMap((change) => Object.keys(change.fields)));
  if (fields.size === 0) return bad(`${name}: ${file} would send nothing`);
  return ok(`${name}: ${file} would send ${[...fields].join(', ')}`);
}

const wordsOf = (violations: readonly Violation[]): string =>
  violations.map(({ path, message }) => `${path} ${message}`.trim()).join('; ');

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
  const body = sampleSentNow(sender, stored, secret, now);
  const webhook = new URL(`https://relay.example.com/api/webhooks/${source.name}`);
  const url = sender.url?.(webhook, secret) ?? webhook;
  const headers = new Headers(sender.headers(body, secret, now, url));

  const { content } = await readDelivery({ ...source, options }, keptBefore({ headers, body }), now);
  if (content.type === 'unmappable') return content;
  if (content.type !== 'elements') return content.type;
  const changes: Change[] = [];
  for (const element of content.elements) {
    const mapped =
      element.type === 'record'
        ? await changesOfItem({ ...source, options }, element.item, now)
        : changesOrViolations([element]);
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
    const mapped = await mapRecord(source, fetched.payload, now);
    return mapped.ok ? changesOrViolations(mapped.elements) : mapped;
  }
  return {
    violations: [{ path: '', message: `a record that cannot be read: ${fetched?.type ?? 'no fetch'}` }],
  };
}

/** Of a sample everything must be usable. What is wrong with a part that is left out is said once. */
function changesOrViolations(
  elements: readonly DeliveryElement[],
): readonly Change[] | { readonly violations: readonly Violation[] } {
  const wrong = elements.flatMap((element) => [
    ...(element.type === 'unusable' ? element.violations : []),
    ...('leftOut' in element ? element.leftOut : []).map(({ path, reason }) => ({ path, message: reason })),
  ]);
  // What makes an element unusable may be among what was left out of it.
  const violations = [...new Map(wrong.map((one) => [`${one.path} ${one.message}`, one])).values()];
  if (violations.length > 0) return { violations };
  return elements.flatMap((element) => (element.type === 'change' ? [element.change] : []));
}
