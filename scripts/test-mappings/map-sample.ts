import { localSecret, signedRequest } from '../../local/sender.ts';
import type { Source } from '../../src/config/source.ts';
import { readDelivery } from '../../src/delivery/attempt/read-delivery.ts';
import { keptBefore } from '../../src/sources/kept-request.ts';
import type { Sample } from './samples.ts';

/** What comes of a sample, in the form of what is expected. */
export type MappedSample = Readonly<Record<string, unknown>>;

/** When a sample without a time of its own changed: always the same, and later than any sample's. */
const receivedAt = new Date('2099-01-01T00:00:00.000Z');

/** Reads and maps a sample as the relay does with what the source's sender sends. */
export async function mapSample(source: Source, { file, expected }: Sample): Promise<MappedSample> {
  const webhook = new URL(`https://relay.example.com/api/webhooks/${source.name}`);
  const { headers, body } = await signedRequest(source.kind.name, webhook, localSecret('sample'), {
    file,
    topic: expected?.topic,
  });
  const request = keptBefore({ headers: new Headers(headers), body });
  const { content } = await readDelivery(source, request, receivedAt);
  if (content.type === 'unmappable') return plain({ violations: content.violations });
  if (content.type !== 'elements') return { is: content.type };
  const changes = content.elements.filter((element) => element.type === 'change');
  const leftOut = changes.flatMap((element) => element.leftOut);
  const violations = content.elements.flatMap((element) =>
    element.type === 'unusable' ? element.violations : [],
  );
  return plain({
    changes: changes.map(({ change }) => change),
    ...(leftOut.length > 0 && { leftOut }),
    ...(violations.length > 0 && { violations }),
  });
}

/** As it is read back from a file. */
const plain = (value: object): MappedSample => JSON.parse(JSON.stringify(value)) as MappedSample;
