import { type OddBody, oddBody } from './odd-bodies.ts';
import type { Random } from './random.ts';
import type { FuzzSender, Signed } from './senders.ts';

/** One request of a run. */
export interface FuzzRequest extends Signed {
  readonly kind: string;
  readonly method: 'POST' | 'GET' | 'PUT' | 'OPTIONS' | 'HEAD';
  /**
   * What is known of it: nobody who has no secret can make it (`authentic`), or anybody can (`forged`); `as-sent`: the
   * vendor's own, unchanged, which must be taken.
   */
  readonly is: 'as-sent' | 'authentic' | 'forged';
  /** Sent in pieces, without its length. */
  readonly isChunked: boolean;
  /** What was done to it: to be told of a request that did harm. */
  readonly how: string;
}

/** Undefined: the kind's sender cannot sign what was made. */
export function fuzzRequest(
  sender: FuzzSender,
  others: readonly FuzzSender[],
  relayUrl: string,
  random: Random,
): FuzzRequest | undefined {
  try {
    if (random.oneIn(8)) {
      const signed = sender.sign(sender.payload(), sender.secret, relayUrl);
      const same = { kind: sender.kind, method: 'POST', isChunked: random.oneIn(4) } as const;
      return { ...signed, ...same, is: 'as-sent', how: 'as it is' };
    }
    const odd = random.oneIn(6)
      ? { body: sender.payload(), how: 'as it is' }
      : oddBody(sender.payload(), random);
    const isForged = random.oneIn(2);
    const { signed, how } = isForged
      ? forged(sender, others, odd, relayUrl, random)
      : { signed: sender.sign(odd.body, sender.secret, relayUrl), how: '' };
    return {
      ...withOddHeaders(signed, sender, random),
      kind: sender.kind,
      method: random.oneIn(30) ? random.oneOf(['GET', 'PUT', 'OPTIONS', 'HEAD']) : 'POST',
      is: isForged ? 'forged' : 'authentic',
      isChunked: random.oneIn(5),
      how: [odd.how, how].filter(Boolean).join('; '),
    };
  } catch {
    return undefined;
  }
}

interface Forged {
  readonly signed: Signed;
  readonly how: string;
}

/** What somebody without the secret can send. */
function forged(
  sender: FuzzSender,
  others: readonly FuzzSender[],
  odd: OddBody,
  relayUrl: string,
  random: Random,
): Forged {
  const ways: (() => Forged)[] = [
    () => ({ signed: without(sender.sign(odd.body, sender.secret, relayUrl), sender), how: 'without proof' }),
    () => ({
      signed: altered(sender.sign(odd.body, sender.secret, relayUrl), sender, random),
      how: 'with an altered proof',
    }),
  ];
  // One key is all that the signer of Adobe has.
  if (sender.kind !== 'adobe-commerce') {
    const secret = random.oneOf([
      '',
      ' ',
      'whsec_',
      '****',
      'whsec_AAAA',
      'null',
      ...others.map((one) => one.secret).filter((one) => !one.includes('\n')),
    ]);
    if (secret !== sender.secret)
      ways.push(() => ({
        signed: sender.sign(odd.body, secret, relayUrl),
        how: `secret ${secret.slice(0, 8)}`,
      }));
  }
  const signed = sender.sign(sender.payload(), sender.secret, relayUrl);
  if (sender.signsBody && !signed.body.equals(odd.body) && !isBatch(odd.body))
    ways.push(() => ({ signed: { ...signed, body: odd.body }, how: 'signed for another body' }));
  return random.oneOf(ways)();
}

/** Of a batch, Segment signs the first event only: what is behind it is not forged. */
const isBatch = (body: Uint8Array): boolean =>
  Buffer.from(body.subarray(0, 20)).toString('latin1').includes('[');

function without({ url, headers, body }: Signed, sender: FuzzSender): Signed {
  const kept = Object.entries(headers).filter(([name]) => !sender.proofs.includes(name));
  const bare = sender.isInUrl ? new URL(url.pathname, url) : url;
  return {
    url: bare,
    headers: Object.fromEntries(kept),
    body: sender.isInBody ? withoutSecret(body, sender) : body,
  };
}

function withoutSecret(body: Signed['body'], { secret }: FuzzSender, instead = ''): Signed['body'] {
  return Buffer.from(body.toString('latin1').replaceAll(secret, instead), 'latin1');
}

/** Another character in the first half of each proof: at the end of base64, two may mean the same bytes. */
function altered({ url, headers, body }: Signed, sender: FuzzSender, random: Random): Signed {
  const alter = (text: string) => {
    const at = random.below(Math.ceil(text.length / 2));
    return text.slice(0, at) + (text[at] === '0' ? '1' : '0') + text.slice(at + 1);
  };
  const changed = Object.entries(headers).map(([name, value]): [string, string] => [
    name,
    sender.proofs.includes(name) ? alter(value) : value,
  ]);
  const query = [...url.searchParams].map(([name, value]): [string, string] => [name, alter(value)]);
  const alteredUrl = sender.isInUrl ? new URL(`?${new URLSearchParams(query)}`, url) : url;
  return {
    url: alteredUrl,
    headers: Object.fromEntries(changed),
    body: sender.isInBody ? withoutSecret(body, sender, alter(sender.secret)) : body,
  };
}

const oddHeaders: readonly (readonly [string, string])[] = [
  ['Content-Type', 'text/plain'],
  ['Content-Type', 'application/json; charset=utf-16'],
  ['Content-Type', 'application/x-www-form-urlencoded'],
  ['Content-Type', 'multipart/form-data'],
  ['Content-Encoding', 'gzip'],
  ['Prefer', 'wait=1'],
  ['Prefer', 'wait=99999999999, respond-async; x="'],
  ['Accept', 'x'.repeat(4000)],
  ['traceparent', '00-zz-zz-00'],
  ['X-Forwarded-Host', 'evil.example.com'],
  ['Idempotency-Key', 'i'.repeat(5000)],
  ['webhook-id', 'w'.repeat(3000)],
  ['X-Shopify-Topic', `customers/${'t'.repeat(3000)}`],
  ['X-WC-Webhook-Topic', '\u00e9'],
  ['x-ms-dynamics-entity-name', '__proto__'],
  ['aeg-event-type', 'SubscriptionValidation'],
  ['ce-type', 'x'],
];

/** Headers that prove nothing; of the others none is touched. */
function withOddHeaders(signed: Signed, sender: FuzzSender, random: Random): Signed {
  if (!random.oneIn(3)) return signed;
  const [name, value] = random.oneOf(oddHeaders);
  const isSigned = sender.proofs.length > 0 && /^webhook-/.test(name);
  return isSigned ? signed : { ...signed, headers: { ...signed.headers, [name]: value } };
}
