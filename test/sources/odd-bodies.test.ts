import { describe, expect, test } from 'vitest';
import { sourceKinds } from '../../src/sources/index.ts';
import { keepVerified, keptBefore } from '../../src/sources/kept-request.ts';
import { type Delivery, MalformedDelivery } from '../../src/sources/kind.ts';
import { readKept } from '../../src/sources/read-kept.ts';
import { everyKindSender } from '../security/every-kind.ts';
import { keysOf } from './keys.ts';

const long = 'x'.repeat(40_000);

/** What no vendor sends in place of a value, and a sender with the secret could. */
const oddValues: readonly unknown[] = [
  long,
  '',
  ' ',
  '\u0000',
  '\ud800',
  '__proto__',
  null,
  true,
  0,
  -1,
  1.5,
  1e300,
  [],
  {},
  [[]],
  [null],
  [long],
  { toString: 1, valueOf: 1 },
  { [long]: long },
  { __proto__: 1, constructor: 1, hasOwnProperty: 1 },
];

/** The JSON with each of its parts, one at a time, replaced, left out, or under a name of 40,000 characters. */
function* odd(json: unknown): Generator<unknown> {
  yield* oddValues;
  if (typeof json !== 'object' || json === null) return;
  for (const name of Object.keys(json)) {
    const copy = () => structuredClone(json) as Record<string, unknown>;
    const value = Reflect.get(json, name);
    for (const changed of odd(value)) yield Object.assign(copy(), { [name]: changed });
    const without = copy();
    delete without[name];
    yield without;
    if (!Array.isArray(json)) yield Object.assign(without, { [long]: value });
  }
}

describe.each(await everyKindSender())('$kind', ({ kind: name, secret, entry, sample, sign }) => {
  const kind = sourceKinds.get(name);
  if (!kind) throw new Error(`there is no kind ${name}`);
  const options = kind.options.parse(entry.options ?? {});
  const { headers, url } = sign(sample(), 'https://relay.example.com');

  /** Bounded whatever was sent, or a refusal: never another error, which would be answered 503 for ever. */
  function readOddly(body: string, more: Record<string, string> = {}): void {
    const kept = keptBefore({ headers: new Headers({ ...headers, ...more }), body: Buffer.from(body) });
    let delivery: Delivery;
    try {
      delivery = readKept(kind as NonNullable<typeof kind>, kept, options);
    } catch (error) {
      if (error instanceof MalformedDelivery) return;
      throw new Error(`not read, and not refused: ${body.slice(0, 500)}`, { cause: error });
    }
    const { topic = '', content } = delivery;
    expect(topic.length).toBeLessThanOrEqual(200);
    if ('reason' in content) expect(content.reason.length).toBeLessThanOrEqual(500);
    if (content.type !== 'items') return;
    for (const item of content.items)
      if ('forAPerson' in item) expect(item.forAPerson.length).toBeLessThanOrEqual(500);
    expect(JSON.parse(JSON.stringify(content.items))).toEqual(content.items);
  }

  const text = sample().toString('utf8');
  const isJson = /^[[{]/.test(text.trim());

  test.runIf(isJson)(
    'any part of its sample may be anything: content, or a refusal',
    () => {
      for (const json of odd(JSON.parse(text))) readOddly(JSON.stringify(json));
    },
    60_000,
  );

  test.runIf(isJson)('a byte order mark changes nothing', () => {
    const read = (body: string) =>
      readKept(kind, keptBefore({ headers: new Headers(headers), body: Buffer.from(body) }), options).content;
    expect(read(`\ufeff${text}`)).toEqual(read(text));
  });

  test.runIf(!isJson)(
    'any part of its sample may be anything: content, or a refusal',
    () => {
      for (const part of text.matchAll(/[^&=<>\s]+/g)) {
        for (const value of ['', long, '%', '&', '<', '[]', '\u0000'])
          readOddly(text.slice(0, part.index) + value + text.slice(part.index + part[0].length));
      }
    },
    60_000,
  );

  test('any header that it reads may be anything: content, or a refusal', () => {
    for (const header of Object.keys(headers)) {
      for (const value of ['', 'x'.repeat(8000), '%', '"', 'null', '\u00ff'])
        readOddly(text, { [header]: value });
    }
  });

  test('whatever the body, verifying and keeping it does not throw', () => {
    const keys = keysOf([secret], kind.secretForm?.(options));
    for (const body of [
      '',
      '[',
      '{"token":',
      `"${long}"`,
      '\ufeff',
      '['.repeat(10_000),
      `{"token":"${long}"}`,
    ]) {
      const sent = { method: 'POST', url, headers: new Headers(headers), body: Buffer.from(body) };
      const kept = keepVerified({ ...kind, verify: () => true }, sent, { options, keys, now: new Date() });
      expect(kept?.body).toBeInstanceOf(Uint8Array);
      expect(kind.verify(sent, { options, keys, now: new Date() })).toBeTypeOf('boolean');
    }
  });
});
