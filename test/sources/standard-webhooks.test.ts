import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { keptBefore } from '../../src/sources/kept-request.ts';
import { standardWebhooks } from '../../src/sources/standard-webhooks/standard-webhooks.ts';
import vectors from '../fixtures/standard-webhooks/signature-vectors.json' with { type: 'json' };
import { keysOf } from './keys.ts';

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const now = new Date('2026-11-20T21:05:00Z');
const url = new URL('https://relay.example.com/api/webhooks/any');

function verify(headers: Record<string, string>, body: Uint8Array, secrets: readonly string[], at = now) {
  const request = { method: 'POST', url, headers: new Headers(headers), body };
  return standardWebhooks.verify(request, {
    options: {},
    keys: keysOf(secrets, 'standard-webhooks'),
    now: at,
  });
}

test.each(vectors.vectors)(
  'the published vector: $name',
  ({ id, timestamp, header, body, secret, valid }) => {
    const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': header };
    const at = new Date(Number(timestamp) * 1000);
    expect(verify(headers, Buffer.from(body), [secret], at)).toBe(valid);
    expect(verify(headers, Buffer.from(body), ['whsec_AAAA', secret], at)).toBe(valid);
    expect(verify(headers, Buffer.from(`${body} `), [secret], at)).toBe(false);
  },
);

test('only what the reference library signed within five minutes is accepted', () => {
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: -600, max: 600 }), (text, ageSeconds) => {
      const signedAt = new Date(now.getTime() - ageSeconds * 1000);
      const headers = {
        'webhook-id': 'msg_1',
        'webhook-timestamp': String(signedAt.getTime() / 1000),
        'webhook-signature': new Webhook(secret).sign('msg_1', signedAt, text),
      };
      const body = Buffer.from(text);
      expect(verify(headers, body, [secret])).toBe(Math.abs(ageSeconds) <= 300);
      expect(verify({ ...headers, 'webhook-id': 'msg_2' }, body, [secret])).toBe(false);
    }),
  );
});

describe('what a delivery says', () => {
  const read = (body: unknown, options = {}, headers: Record<string, string> = { 'webhook-id': 'msg_1' }) =>
    standardWebhooks.read(
      keptBefore({ headers: new Headers(headers), body: Buffer.from(JSON.stringify(body)) }),
      options,
    );
  const event = { type: 'contact.updated', data: { id: 1 } };

  test('the payload as it is, by the id that every attempt repeats', () => {
    const expected = { id: 'msg_1', topic: 'contact.updated', content: { type: 'changes', payload: event } };
    expect(read(event)).toEqual(expected);
    expect(read(event, {}, { 'svix-id': 'msg_1' })).toEqual(expected);
    expect(read([1])).toEqual({ id: 'msg_1', content: { type: 'changes', payload: [1] } });
  });

  test('other types are ignored, deletions are for a person', () => {
    const options = { types: ['contact.updated'], forAPerson: ['contact.deleted'] };
    expect(read(event, options).content.type).toBe('changes');
    expect(read({ type: 'invoice.paid' }, options).content.type).toBe('ignored');
    expect(read({ data: {} }, options).content.type).toBe('ignored');
    expect(read({ type: 'contact.deleted' }, options).content).toEqual({
      type: 'for-a-person',
      reason: 'contact.deleted',
    });
  });
});
