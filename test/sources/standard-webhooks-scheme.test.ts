import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { sourceKinds } from '../../src/sources/index.ts';
import { keepVerified } from '../../src/sources/kept-request.ts';
import { verifyStandardWebhook } from '../../src/sources/shared/standard-webhooks-scheme.ts';
import vectors from '../fixtures/canonical/signature-vectors.json' with { type: 'json' };
import { everyKindSender } from '../security/every-kind.ts';
import { keysOf } from './keys.ts';

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const other = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';
const body = '{"test": 1}';
const signedAt = new Date('2026-11-20T21:05:00Z');

function verify(
  change: { headers?: Record<string, string>; body?: string; secrets?: string[]; now?: Date } = {},
) {
  const headers = {
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(signedAt.getTime() / 1000),
    'webhook-signature': new Webhook(secret).sign('msg_1', signedAt, body),
    ...change.headers,
  };
  const bytes = Buffer.from(change.body ?? body);
  return verifyStandardWebhook(
    new Headers(headers),
    bytes,
    keysOf(change.secrets ?? [secret], 'standard-webhooks'),
    change.now ?? signedAt,
  );
}

test.each(vectors.vectors)('the published vector: $name', (vector) => {
  const headers = {
    'webhook-id': vector.id,
    'webhook-timestamp': vector.timestamp,
    'webhook-signature': vector.header,
  };
  const now = new Date(Number(vector.timestamp) * 1000);
  expect(verify({ headers, body: vector.body, secrets: [vector.secret], now })).toBe(vector.valid);
});

describe('accepted', () => {
  const later = (seconds: number) => new Date(signedAt.getTime() + seconds * 1000);
  test.each([
    ['signed by the reference library', {}],
    ['the second secret of a rotation', { secrets: [other, secret] }],
    ['a secret without its prefix', { secrets: [secret.replace('whsec_', '')] }],
    ['five minutes old', { now: later(300) }],
    ['five minutes ahead', { now: later(-300) }],
  ])('%s', (_, change) => expect(verify(change)).toBe(true));

  test("Svix's names of the headers", () => {
    const headers = new Headers({
      'svix-id': 'msg_1',
      'svix-timestamp': String(signedAt.getTime() / 1000),
      'svix-signature': new Webhook(secret).sign('msg_1', signedAt, body),
    });
    expect(
      verifyStandardWebhook(headers, Buffer.from(body), keysOf([secret], 'standard-webhooks'), signedAt),
    ).toBe(true);
  });
});

const senders = await everyKindSender();
describe.each(
  senders.filter(({ sample, sign }) => 'webhook-id' in sign(sample(), 'https://relay.example.com').headers),
)('$kind', ({ kind: name, secret, entry, sample, sign }) => {
  test("a request is the same delivery under the scheme's names and under Svix's", () => {
    const kind = sourceKinds.get(name);
    const options = kind?.options.parse(entry.options ?? {});
    const { url, headers, body } = sign(sample(), 'https://relay.example.com');
    const idOf = (prefix: string) => {
      const renamed = Object.entries(headers).map(
        ([header, value]) => [header.replace(/^webhook-/, prefix), value] as [string, string],
      );
      const context = { options, keys: keysOf([secret], kind?.secretForm?.(options)), now: new Date() };
      const request = { method: 'POST', url, headers: new Headers(renamed), body };
      const kept = kind && keepVerified(kind, request, context);
      return kept && kind?.read(kept, options).id;
    };
    expect(idOf('svix-')).toBe(idOf('webhook-'));
    expect(idOf('svix-')).toContain(headers['webhook-id']);
  });
});

describe('refused', () => {
  const later = (seconds: number) => new Date(signedAt.getTime() + seconds * 1000);
  const timestamp = String(signedAt.getTime() / 1000);
  test.each([
    ['another secret', { secrets: [other] }],
    ['a changed body', { body: '{"test": 2}' }],
    ['a changed id', { headers: { 'webhook-id': 'msg_2' } }],
    [
      'an id with a dot, which could move the boundary of what is signed',
      { headers: { 'webhook-id': 'msg.1' } },
    ],
    ['a changed timestamp', { headers: { 'webhook-timestamp': String(Number(timestamp) + 1) } }],
    ['text behind the timestamp', { headers: { 'webhook-timestamp': `${timestamp}x` } }],
    ['a timestamp with a fraction', { headers: { 'webhook-timestamp': `${timestamp}.0` } }],
    ['more than five minutes old', { now: later(301) }],
    ['more than five minutes ahead', { now: later(-301) }],
    ['no signature', { headers: { 'webhook-signature': '' } }],
    [
      'an unknown version',
      {
        headers: {
          'webhook-signature': new Webhook(secret).sign('msg_1', signedAt, body).replace('v1,', 'v2,'),
        },
      },
    ],
  ])('%s', (_, change) => expect(verify(change)).toBe(false));
});
