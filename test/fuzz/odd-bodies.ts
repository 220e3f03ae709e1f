import { gzipSync } from 'node:zlib';
import type { Random } from './random.ts';

type Bytes = Buffer<ArrayBuffer>;

/** Stands where personal data does: it must come back in no answer to a sender, and never stand in a log. */
export const marker = 'Zyxwv-Private';

/** Members that hold what is personal; ids and names of events stand in records and logs, as they should. */
const isPersonal = (name: string): boolean => personal.test(name) && !technical.test(name);
const technical = /entity|message|event|type|attribute|object|schema|user|source|topic|step/i;
const personal = /name|street|address|city|zip|post|phone|mail|company|tax|birth|vat|dob/i;

/** JSON that is odd where a value stands. */
const oddValues: readonly string[] = [
  'null',
  'true',
  '0',
  '-0',
  '1e400',
  '-1e-400',
  '9'.repeat(400),
  '""',
  '" "',
  '"\\u0000"',
  '"\\ud800"',
  '"\\ufeff"',
  '"\\u202e\\u2028"',
  '"+275760-09-13T00:00:00.000Z"',
  '"9999-12-31T23:59:59.999Z"',
  '99999999999999',
  '"__proto__"',
  '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
  '[]',
  '{}',
  '[[[[[[]]]]]]',
  '[null,{},"x",1]',
  `"${'x'.repeat(300)}"`,
  `"${'y'.repeat(40_000)}"`,
  `"${' '.repeat(60_000)}z"`,
  `"${'\\r\\n'.repeat(3000)}"`,
  `${'{"a":'.repeat(90)}1${'}'.repeat(90)}`,
  `${'['.repeat(200)}${']'.repeat(200)}`,
];

const oddKeys: readonly string[] = [
  '',
  '__proto__',
  'constructor',
  'k'.repeat(40_000),
  'a.b[0]',
  '\ud83d\ude00',
  '\u0000',
];

/** A body made odd in one way or several, and which: to be told of a body that did harm. */
export interface OddBody {
  readonly body: Bytes;
  readonly how: string;
}

export function oddBody(sample: Bytes, random: Random): OddBody {
  const ways = [inside, inside, inside, repeated, bytesChanged, encoded, atAll];
  let made: OddBody = { body: sample, how: 'as it is' };
  for (let n = random.oneIn(3) ? 2 : 1; n > 0; n--) {
    const { body, how } = random.oneOf(ways)(made.body, random);
    made = { body, how: made.how === 'as it is' ? how : `${made.how}, ${how}` };
  }
  return made.body.byteLength > largest ? { body: sample, how: 'as it is' } : made;
}

/** Beyond the limit of a body, and yet soon sent. */
const largest = 2_000_000;

type Way = (sample: Bytes, random: Random) => OddBody;

/** Another value, key or member within JSON or a form; of others, of their text. */
const inside: Way = (sample, random) => {
  const text = sample.toString('utf8');
  const json = parsed(text);
  if (json !== undefined) return insideJson(json, random);
  return text.includes('=') && !text.includes('<') ? insideForm(text, random) : insideXml(text, random);
};

function insideJson(json: unknown, random: Random): OddBody {
  const places = placesIn(json);
  if (places.length === 0) return { body: Buffer.from(random.oneOf(oddValues)), how: 'an odd value alone' };
  const raw: string[] = [];
  const how: string[] = [];
  for (let n = 1 + random.below(3); n > 0; n--) {
    const { holder, key } = random.oneOf(places);
    const way = random.below(4);
    if (way === 0 && !Array.isArray(holder)) {
      delete holder[key];
      how.push(`without ${key.slice(0, 40)}`);
    } else if (way === 1 && !Array.isArray(holder)) {
      const odd = random.oneOf(oddKeys);
      Object.defineProperty(holder, odd, {
        value: holder[key],
        enumerable: true,
        configurable: true,
        writable: true,
      });
      how.push(`${key.slice(0, 40)} as ${odd.slice(0, 20)} too`);
    } else {
      const value = isPersonal(key) && random.oneIn(2) ? `"${marker}"` : random.oneOf(oddValues);
      Reflect.set(holder, key, `@@${raw.push(value) - 1}@@`);
      how.push(`${key.slice(0, 40)}: ${value.slice(0, 30)}`);
    }
  }
  const text = JSON.stringify(json).replace(/"@@(\d+)@@"/g, (_, index) => raw[Number(index)] ?? 'null');
  return { body: Buffer.from(text), how: how.join(', ') };
}

interface Place {
  // What JSON.parse makes: objects and arrays.
  readonly holder: Record<string, unknown>;
  readonly key: string;
}

function placesIn(json: unknown): Place[] {
  if (typeof json !== 'object' || json === null) return [];
  // An array is read and written by its indexes like any object.
  const holder = json as Record<string, unknown>;
  return Object.keys(holder).flatMap((key) => [{ holder, key }, ...placesIn(holder[key])]);
}

function insideForm(text: string, random: Random): OddBody {
  const form = new URLSearchParams(text);
  const names = [...form.keys()];
  const name = names.length > 0 ? random.oneOf(names) : 'a';
  const value = isPersonal(name) && random.oneIn(2) ? marker : random.oneOf(oddValues);
  switch (random.below(4)) {
    case 0:
      form.delete(name);
      return { body: Buffer.from(form.toString()), how: `without ${name}` };
    case 1:
      form.append(name, value);
      return { body: Buffer.from(form.toString()), how: `${name} twice` };
    case 2:
      form.append(
        random.oneOf(['data[merges][[', 'data[__proto__][a]', 'data]', '['.repeat(5000), ...oddKeys]),
        value,
      );
      return { body: Buffer.from(form.toString()), how: 'an odd name' };
    default:
      form.set(name, value);
      return { body: Buffer.from(form.toString()), how: `${name}: ${value.slice(0, 30)}` };
  }
}

function insideXml(text: string, random: Random): OddBody {
  const values = [...text.matchAll(/>([^<>]+)</g)];
  if (values.length === 0) return { body: Buffer.from(`${text}<a/>`), how: 'an element more' };
  const place = random.oneOf(values);
  const odd = random.oneOf([
    '',
    marker,
    '&#0;',
    '&amp;lt;',
    '<![CDATA[<a>]]>',
    '&e;',
    '<x:y/>',
    'z'.repeat(40_000),
    '\u0001',
  ]);
  const at = place.index + 1;
  const changed = text.slice(0, at) + odd + text.slice(at + (place[1]?.length ?? 0));
  return { body: Buffer.from(changed), how: `text ${odd.slice(0, 20)}` };
}

/** Many of what the body is one of. */
const repeated: Way = (sample, random) => {
  const json = parsed(sample.toString('utf8'));
  const elements: unknown[] = Array.isArray(json) ? json : [json];
  const count = random.oneOf(random.oneIn(10) ? [200] : [0, 1, 2, 12]);
  const all = Array.from({ length: count }, () => elements).flat();
  return json === undefined
    ? { body: Buffer.concat(Array(random.below(4)).fill(sample)), how: 'repeated' }
    : { body: Buffer.from(JSON.stringify(all)), how: `a list of ${count}` };
};

/** Bytes flipped, cut out, put in. */
const bytesChanged: Way = (sample, random) => {
  const at = random.below(sample.length + 1);
  const length = random.oneOf([1, 2, 7, 100]);
  const rest = sample.subarray(Math.min(sample.length, at + length));
  const garbage = Buffer.from(Array.from({ length }, () => random.below(256)));
  switch (random.below(4)) {
    case 0:
      return { body: Buffer.from(sample.subarray(0, at)), how: `cut off at ${at}` };
    case 1:
      return { body: Buffer.concat([sample.subarray(0, at), rest]), how: `${length} bytes cut out` };
    case 2:
      return {
        body: Buffer.concat([sample.subarray(0, at), garbage, sample.subarray(at)]),
        how: `${length} bytes put in`,
      };
    default:
      return {
        body: Buffer.concat([sample.subarray(0, at), garbage, rest]),
        how: `${length} bytes replaced`,
      };
  }
};

const encoded: Way = (sample, random) => {
  const text = sample.toString('utf8');
  switch (random.below(5)) {
    case 0:
      return { body: Buffer.concat([Buffer.from('\ufeff'), sample]), how: 'with a byte order mark' };
    case 1:
      return { body: Buffer.from(`\ufeff${text}`, 'utf16le'), how: 'in UTF-16' };
    case 2:
      return { body: Buffer.from(text.replace('a', '\u00e9'), 'latin1'), how: 'in ISO 8859-1' };
    case 3:
      return { body: gzipSync(sample), how: 'compressed' };
    default:
      return { body: Buffer.from(`\n\t ${text} \r\n`), how: 'with blanks around' };
  }
};

/** Nothing of the sample is left. */
const atAll: Way = (_, random) => {
  const bodies: readonly (() => string)[] = [
    () => '',
    () => 'null',
    () => '[]',
    () => '{}',
    () => '"x"',
    () => '['.repeat(100_000),
    () => '{"a":'.repeat(10_000),
    () => `"${'x'.repeat(900_000)}"`,
    () => 'x'.repeat(1_500_000),
    () => `{${Array.from({ length: 5000 }, (_, n) => `"k${n}":${n}`).join(',')}}`,
    () => '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY e "ha">]><a>&e;</a>',
    () => 'a=1&a=2&b[c][d]=3&%ff=%zz',
  ];
  const index = random.below(bodies.length);
  return { body: Buffer.from(bodies[index]?.() ?? ''), how: `body ${index} of its own` };
};

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
