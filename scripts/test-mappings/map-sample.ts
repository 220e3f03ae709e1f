import { localSecret, signedRequest } from '../../local/sender.ts';
import type { Source } from '../../src/config/source.ts';
import { keep, readDelivery } from '../../src/delivery/take/receive.ts';
import { MalformedDelivery } from '../../src/sources/kind.ts';
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
  try {
    const request = keep({ headers: new Headers(headers), body }, source.kind);
    const delivery = await readDelivery(source, request, receivedAt);
    if (delivery.type === 'changes') return plain({ changes: delivery.changes });
    if (delivery.type === 'unmappable') return plain({ violations: delivery.violations });
    return { is: delivery.type };
  } catch (error) {
    if (error instanceof MalformedDelivery) return { is: 'malformed' };
    throw error;
  }
}

/** As it is read back from a file. */
const plain = (value: object): MappedSample => JSON.parse(JSON.stringify(value)) as MappedSample;
