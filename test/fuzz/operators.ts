import { marker, oddBody } from './odd-bodies.ts';
import type { Random } from './random.ts';
import type { FuzzSender } from './senders.ts';

export interface OperatorRequest {
  readonly method: string;
  /** After `/api/`. */
  readonly path: string;
  readonly body: Buffer<ArrayBuffer> | undefined;
}

const odd = [
  '%00',
  '%FF',
  '..%2F',
  'a'.repeat(2000),
  "'%20or%201%20eq%201",
  '0',
  '-1',
  '%F0%9F%98%80',
  '__proto__',
  '20261123-120500000-3fa9c2d17b5e4a06',
];
const queries = [
  'status=',
  'reason=',
  'source=',
  'customer=',
  'since=',
  'until=',
  'limit=',
  'from=',
  'body=',
  'x=',
];
const change = Buffer.from(
  JSON.stringify({ FirstName: marker, PrimaryAddress: { City: 'Lehi' }, LastName: 'x' }),
);
const links = Buffer.from(JSON.stringify([{ source: 'shopify', recordId: '1', customerId: '10543' }]));

/** What an operator who mistypes, or a program of his that is broken, may ask for. */
export function operatorRequest(senders: readonly FuzzSender[], random: Random): OperatorRequest {
  const text = () => random.oneOf(odd);
  const query = () => `?${random.oneOf(queries)}${text()}`;
  const { kind, payload } = random.oneOf(senders);
  const bodyOf = (sample: Buffer<ArrayBuffer>) => oddBody(sample, random).body;
  return random.oneOf<() => OperatorRequest>([
    () => ({ method: 'GET', path: `deliveries${query()}`, body: undefined }),
    () => ({ method: 'GET', path: `deliveries/${text()}${query()}`, body: undefined }),
    () => ({ method: 'POST', path: `deliveries/${text()}/replay`, body: undefined }),
    () => ({ method: 'DELETE', path: `customers/${text()}/deliveries`, body: undefined }),
    () => ({ method: 'GET', path: `links${query()}`, body: undefined }),
    () => ({ method: 'PUT', path: `links/${random.oneOf([kind, text()])}/${text()}`, body: bodyOf(links) }),
    () => ({ method: 'DELETE', path: `links/${kind}/${text()}`, body: undefined }),
    () => ({ method: 'POST', path: 'links', body: bodyOf(links) }),
    () => ({ method: 'PATCH', path: `customers/${random.oneOf(['10544', text()])}`, body: bodyOf(change) }),
    () => ({ method: 'POST', path: `preview/${kind}`, body: bodyOf(payload()) }),
    () => ({ method: 'GET', path: 'health/details', body: undefined }),
  ])();
}
