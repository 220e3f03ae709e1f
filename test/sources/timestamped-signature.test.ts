import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hasTimestampedSignature } from '../../src/sources/shared/timestamped-signature.ts';
import { keysOf } from './keys.ts';

const now = new Date('2026-11-20T21:05:00Z');
const t = now.getTime() / 1000;
const secret = 'whsec_c2VjcmV0';
const body = '{"id":"evt_1"}';

const v1Of = (key: string, time: number | string = t, content: string | Uint8Array = body) =>
  createHmac('sha256', key).update(`${time}.`).update(content).digest('hex');
const isSigned = (header: string | null, secrets = [secret], content: string | Uint8Array = body) =>
  hasTimestampedSignature(header, Buffer.from(content), { keys: keysOf(secrets), now });
const right = v1Of(secret);

test.each([
  ['alone', `t=${t},v1=${right}`],
  ['beside that of the other secret of a rotation', `t=${t},v1=${v1Of('old')},v1=${right}`],
  ['beside other schemes', `t=${t},v0=${v1Of('x')},v1=${right},v2=x`],
  ['with spaces', `t=${t}, v1=${right}`],
])('a signature %s is accepted, for one of the secrets and these bytes', (_, header) => {
  expect(isSigned(header)).toBe(true);
  expect(isSigned(header, ['another', secret])).toBe(true);
  expect(isSigned(header, ['another'])).toBe(false);
  expect(isSigned(header, [secret], `${body} `)).toBe(false);
});

test.each([
  ['of another scheme only', `t=${t},v0=${right}`],
  ['without time', `v1=${right}`],
  ['with two times', `t=${t},t=${t},v1=${right}`],
  ['of another time', `t=${t + 1},v1=${right}`],
  ['in upper case', `t=${t},v1=${right.toUpperCase()}`],
  ['cut short', `t=${t},v1=${right.slice(1)}`],
  ['with a time that is no number', `t=${t}x,v1=${v1Of(secret, `${t}x`)}`],
  ['that is empty', ''],
  ['that is absent', null],
])('a signature %s is refused', (_, header) => expect(isSigned(header)).toBe(false));

test.each([
  [-301, false],
  [-300, true],
  [300, true],
  [301, false],
])('a signature made %i s from now: %s', (seconds, accepted) => {
  expect(isSigned(`t=${t + seconds},v1=${v1Of(secret, t + seconds)}`)).toBe(accepted);
});

test('whatever is not exactly that of these bytes is refused, without a throw', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.string(), fc.string({ minLength: 1 }), (bytes, text, key) => {
      const good = `t=${t},v1=${v1Of(key, t, bytes)}`;
      expect(isSigned(good, [key], bytes)).toBe(true);
      expect(isSigned(text, [key], bytes)).toBe(false);
      expect(isSigned(`t=${t},v1=${text}`, [key], bytes)).toBe(false);
      expect(isSigned(good, [key], Buffer.concat([bytes, Buffer.from('x')]))).toBe(false);
    }),
  );
});
