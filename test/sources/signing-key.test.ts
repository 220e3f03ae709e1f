import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sourceKinds } from '../../src/sources/index.ts';
import { type SecretForm, signingKey } from '../../src/sources/signing-key.ts';
import { everyKindSender } from '../security/every-kind.ts';

const pemOf = (type: 'rsa' | 'ec', bits = 2048): string => {
  const { publicKey } =
    type === 'ec'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: bits });
  return publicKey.export({ type: 'spki', format: 'pem' }).toString();
};
const base64 = (bytes: number) => Buffer.alloc(bytes, 7).toString('base64');

test.each<[SecretForm, string, string]>([
  ['text', 'sixteen letters.', 'is-a-key'],
  ['user-and-password', 'relay:sixteen letters.', 'is-a-key'],
  ['user-and-password', 'relay:with:colons:in:it', 'is-a-key'],
  ['hex', '00'.repeat(16), 'is-a-key'],
  ['base64', base64(16), 'is-a-key'],
  ['standard-webhooks', base64(24), 'is-a-key'],
  ['standard-webhooks', `whsec_${base64(24)}`, 'is-a-key'],
  ['standard-webhooks', `whsec_${base64(25).replace(/=+$/, '')}`, 'is-a-key'],
  ['rsa-public-key', pemOf('rsa'), 'is-a-key'],
  ['rsa-public-key', pemOf('rsa').replaceAll('\n', '\\n'), 'is-a-key'],

  ['text', 'fifteen letters', 'is too short: it needs at least 16 bytes'],
  ['text', ` ${'x'.repeat(15)} `, 'is too short: it needs at least 16 bytes'],
  ['user-and-password', 'relay-without-a-password', 'is not of the form user:password'],
  ['user-and-password', ':sixteen letters.', 'is not of the form user:password'],
  ['user-and-password', 'a-long-user-name:short', 'is too short: it needs at least 16 bytes'],
  ['hex', '00'.repeat(15), 'is too short: it needs at least 16 bytes'],
  ['hex', 'no hex digits at all in it', 'is not hex'],
  ['hex', '0'.repeat(33), 'is not hex'],
  ['base64', base64(15), 'is too short: it needs at least 16 bytes'],
  ['base64', '*'.repeat(40), 'is not base64'],
  ['standard-webhooks', 'whsec_', 'is too short: it needs at least 24 bytes'],
  ['standard-webhooks', 'whsec_  ', 'is too short: it needs at least 24 bytes'],
  ['standard-webhooks', `whsec_${base64(23)}`, 'is too short: it needs at least 24 bytes'],
  ['standard-webhooks', '*'.repeat(40), 'is not base64'],
  ['standard-webhooks', `whsec_${'a'.repeat(33)}`, 'is not base64'],
  ['rsa-public-key', pemOf('ec'), 'is not an RSA public key'],
  ['rsa-public-key', pemOf('rsa', 1024), 'is too short: an RSA key needs at least 2048 bits'],
  ['rsa-public-key', 'not a PEM at all, but long enough', 'is not a public key in PEM'],
])('%s: %s', (form, secret, expected) => {
  const key = signingKey(secret, form);
  expect('unusable' in key ? key.unusable : 'is-a-key').toBe(expected);
});

const noSecret = ['', ' ', '\n', '\r\n', '\t \n', '****', 'whsec_', 'x'];

describe.each(await everyKindSender())('$kind', ({ kind: name, entry, sample, sign }) => {
  const kind = sourceKinds.get(name);
  if (!kind) throw new Error(`there is no kind ${name}`);
  const options = kind.options.parse(entry.options ?? {});
  const form = kind.secretForm?.(options) ?? 'text';

  test.each(noSecret)('has no key in %j', (text) => {
    expect(signingKey(text, form)).toEqual({ unusable: expect.any(String) });
  });

  test('has none in a secret below the floor, and never tells what it holds', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 15 }), (text) => {
        const key = signingKey(text, form);
        expect(key).toHaveProperty('unusable');
        if ('unusable' in key && text.length > 4) expect(key.unusable).not.toContain(text);
      }),
    );
  });

  test('verifies nothing without a key', () => {
    const { url, headers, body } = sign(sample(), 'https://relay.example.com');
    const request = { method: 'POST', url, headers: new Headers(headers), body };
    expect(kind.verify(request, { options, keys: [], now: new Date() })).toBe(false);
  });
});
