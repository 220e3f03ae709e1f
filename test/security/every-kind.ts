import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { localSecret, type Sender, sampleSentNow, senderOf } from '../../local/sender.ts';
import type { SourceEntry } from '../../src/config/configuration.ts';
import { sourceKinds } from '../../src/sources/index.ts';

/** A body of the vendor's, and how the vendor would send it. */
export interface SignedRequest {
  readonly url: URL;
  readonly headers: Record<string, string>;
  readonly body: Buffer<ArrayBuffer>;
}

/** How the sender of one kind signs for the source of the same name. */
export interface KindSender {
  readonly kind: string;
  readonly secret: string;
  /** What relay.json must say for it. */
  readonly entry: Partial<Pick<SourceEntry, 'mapping' | 'options'>>;
  /** The vendor's sample, as it would be sent now. */
  sample(): Buffer<ArrayBuffer>;
  /** Throws for bytes that the vendor would never send. */
  sign(body: Buffer<ArrayBuffer>, relayUrl: string): SignedRequest;
}

/** One for each kind that there is. `vendorUrl` is where the vendor's own API would be. */
export async function everyKindSender(vendorUrl = 'http://127.0.0.1:1'): Promise<KindSender[]> {
  return Promise.all([...sourceKinds.keys()].map((kind) => kindSender(kind, vendorUrl)));
}

async function kindSender(kind: string, vendorUrl: string): Promise<KindSender> {
  const sender: Sender = await senderOf(kind);
  const name = `${kind}-webhook-secret`;
  const secret = sender.secret?.(name) ?? localSecret(name);
  const stored: Buffer<ArrayBuffer> = await readFile(join('test', 'fixtures', kind, sender.sample));
  return {
    kind,
    secret,
    entry: sender.entry?.(vendorUrl) ?? {},
    sample: () => sampleSentNow(sender, stored, secret, new Date()),
    sign(body, relayUrl) {
      const webhook = new URL(`${relayUrl}/api/webhooks/${kind}`);
      const url = sender.url?.(webhook, secret) ?? webhook;
      return { url, headers: sender.headers(body, secret, new Date(), url), body };
    },
  };
}
