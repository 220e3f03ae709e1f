import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { localSecret, type Sender, sampleSentNow, senderOf } from '../../local/sender.ts';
import { sourceKinds } from '../../src/sources/index.ts';

type Bytes = Buffer<ArrayBuffer>;

export interface Signed {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Bytes;
}

/** The vendor of a kind, who can sign with any secret. */
export interface FuzzSender {
  readonly kind: string;
  readonly secret: string;
  /** Something of just now, without what proves who sends it. */
  payload(): Bytes;
  /** With the secret where the vendor puts it: a header, the address, the body. Throws for bytes that it cannot sign. */
  sign(payload: Bytes, secret: string, relayUrl: string): Signed;
  /** The names of the headers that prove who sends. */
  readonly proofs: readonly string[];
  /** What proves it stands in the address, or in the body. */
  readonly isInUrl: boolean;
  readonly isInBody: boolean;
  /** Another body needs another proof. */
  readonly signsBody: boolean;
}

/** One for each kind that there is. */
export function allSenders(): Promise<FuzzSender[]> {
  return Promise.all([...sourceKinds.keys()].map(senderFor));
}

async function senderFor(kind: string): Promise<FuzzSender> {
  const sender: Sender = await senderOf(kind);
  const own = (name: string) => sender.secret?.(name) ?? localSecret(name);
  const secret = own(`${kind}-webhook-secret`);
  const stored: Bytes = await readFile(join('test', 'fixtures', kind, sender.sample));
  const sign: FuzzSender['sign'] = (payload, key, relayUrl) => {
    const webhook = new URL(`${relayUrl}/api/webhooks/${kind}`);
    const url = sender.url?.(webhook, key) ?? webhook;
    const body = sender.body?.(payload, key) ?? payload;
    return { url, body, headers: sender.headers(body, key, new Date(), url) };
  };
  const ours = sign(stored, secret, 'http://localhost');
  const theirs = sign(stored, own('another'), 'http://localhost');
  const names = Object.keys(ours.headers);
  const byKey = names.filter((name) => ours.headers[name] !== theirs.headers[name]).filter(isProof);
  return {
    kind,
    secret,
    payload: () => sampleSentNow(withoutBody(sender), stored, secret, new Date()),
    sign,
    // The signer of Adobe has one key: the names tell.
    proofs: byKey.length > 0 ? byKey : names.filter((name) => /signature/i.test(name)),
    isInUrl: ours.url.href !== theirs.url.href,
    isInBody: !ours.body.equals(theirs.body),
    signsBody: signing.has(kind),
  };
}

/** The kinds that sign what they send, as they are set up here; the others prove themselves by a secret alone. */
const signing: ReadonlySet<string> = new Set([
  'adobe-commerce',
  'canonical',
  'hubspot',
  'mailchimp',
  'segment',
  'shopify',
  'standard-webhooks',
  'stripe',
  'woocommerce',
]);

/** Not the ids and times that are new each time. */
const isProof = (name: string): boolean => !/-id$|timestamp$|-time$/i.test(name);

function withoutBody({ body: _, ...sender }: Sender): Sender {
  return sender;
}
