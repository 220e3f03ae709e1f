import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { sourceKinds } from '../../src/sources/index.ts';
import { keysOf } from '../sources/keys.ts';
import { everyKindSender } from './every-kind.ts';

/** How often one of Node's own comparisons was asked; `sayNo` makes each of them refuse. */
const compared = vi.hoisted(() => ({ times: 0, sayNo: false }));
vi.mock('node:crypto', async (original) => {
  const crypto = await original<typeof import('node:crypto')>();
  const counting =
    <Arguments extends unknown[]>(compare: (...given: Arguments) => boolean) =>
    (...given: Arguments): boolean => {
      compared.times++;
      return compare(...given) && !compared.sayNo;
    };
  const replaced = {
    // Of a public key there is nothing to find out by time.
    verify: counting((...given: Parameters<typeof crypto.createVerify> | unknown[]) =>
      Boolean(Reflect.apply(crypto.verify, undefined, given)),
    ),
    timingSafeEqual: counting(crypto.timingSafeEqual),
  };
  return { ...crypto, ...replaced, default: { ...crypto, ...replaced } };
});

const senders = await everyKindSender();
beforeEach(() => {
  compared.times = 0;
});
afterEach(() => {
  compared.sayNo = false;
});

describe.each(senders)('$kind', ({ kind: name, secret, entry, sample, sign }) => {
  const kind = sourceKinds.get(name);
  if (!kind) throw new Error(`there is no kind ${name}`);
  const options = kind.options.parse(entry.options ?? {});
  const { url, headers, body } = sign(sample(), 'https://relay.example.com');
  const request = { method: 'POST', url, headers: new Headers(headers), body };
  const verify = (secrets: readonly string[]) =>
    kind.verify(request, {
      options,
      keys: keysOf(secrets, kind.secretForm?.(options)),
      now: new Date(),
    });
  const other = secret.replace(/[A-Za-z](?=[A-Za-z]{3})/, (letter) => (letter === 'Q' ? 'R' : 'Q'));

  test('lets a request in by nothing but a comparison in constant time', () => {
    expect(verify([secret])).toBe(true);
    expect(compared.times).toBeGreaterThan(0);
    compared.sayNo = true;
    expect(verify([secret])).toBe(false);
  });

  test('compares with every secret, whichever of them fits', () => {
    const timesWith = (secrets: readonly string[]) => {
      compared.times = 0;
      expect(verify(secrets)).toBe(secrets.includes(secret));
      return compared.times;
    };
    const first = timesWith([secret, other, other]);
    expect(timesWith([other, other, secret])).toBe(first);
    expect(timesWith([other, secret, other])).toBe(first);
  });
});
