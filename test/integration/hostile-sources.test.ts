import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { everyKind, type Sources, sourcesOf, withSamples, writeRelayFile } from '../../local/relay-file.ts';
import { localSecret, type Sender, sampleSentNow, senderOf } from '../../local/sender.ts';
import { type Stack, startStack } from '../../local/stack.ts';
import { startVendors, type Vendors } from '../../local/vendors.ts';
import { sourceKinds } from '../../src/sources/index.ts';
import { keysOf } from '../sources/keys.ts';
import { changesOf, untilNothingIsPending } from './operator.ts';
import { functionKey } from './relay-under-test.ts';

/** How soon a hostile request is answered, in ms. It takes less than a hundredth of it; the machine may be busy. */
const quicklyMs = 20_000;

let stack: Stack;
let vendors: Vendors;
let folder: string;
let sources: Sources;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hostile-'));
  vendors = await startVendors();
  const relayConfig = await writeRelayFile({ sources: await withSamples(everyKind(), vendors) }, folder);
  sources = await sourcesOf(relayConfig);
  stack = await startStack({ relayConfig, host: { functionKey } });
});
afterAll(async () => {
  await stack?.stop();
  await vendors?.close();
  await rm(folder, { recursive: true, force: true });
});

type Body = Buffer<ArrayBuffer>;

interface Hostile {
  readonly body: Body;
  /** In place of what the vendor's sender says. */
  readonly headers?: Record<string, string>;
}

const utf8 = (text: string): Hostile => ({ body: Buffer.from(text) });
const xml = (text: string): Hostile => ({ ...utf8(text), headers: { 'Content-Type': 'text/xml' } });

const withDtd = '<?xml version="1.0"?><!DOCTYPE a SYSTEM "http://127.0.0.1:1/a.dtd"><a>Maria</a>';
const externalEntity =
  '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>';
const laughs = Array.from({ length: 9 }, (_, i) => `<!ENTITY e${i + 1} "${`&e${i};`.repeat(10)}">`).join('');
const bomb = `<?xml version="1.0"?><!DOCTYPE a [<!ENTITY e0 "ha">${laughs}]><a>&e9;</a>`;
const levels = (open: string, close: string) => open.repeat(10_000) + close.repeat(10_000);

/** What a hostile sender makes of the vendor's sample; `contentType` is the vendor's own. */
const hostile: Record<string, (sample: Body, contentType: string) => Hostile> = {
  'XML with a DTD': () => xml(withDtd),
  'XML with an external entity': () => xml(externalEntity),
  'an entity bomb': () => xml(bomb),
  'an entity bomb under the content type of the vendor': () => utf8(bomb),
  '10,000 levels of XML': () => xml(levels('<a>', '</a>')),
  '10,000 levels of JSON': () => utf8(`${levels('{"a":', '}').replace('}', '1}')}`),
  '10,000 levels of JSON in a list': () => utf8(levels('[', ']')),
  'a sample that is not UTF-8': (sample) => ({ body: withByte(sample) }),
  'a sample in ISO 8859-1 that says so': (sample, contentType) => ({
    body: withByte(sample),
    headers: { 'Content-Type': charset(contentType, 'iso-8859-1') },
  }),
  'a sample in UTF-16 that says so': (sample, contentType) => ({
    body: Buffer.from(`\ufeff${sample.toString('utf8')}`, 'utf16le'),
    headers: { 'Content-Type': charset(contentType, 'utf-16') },
  }),
  'a sample in UTF-16 that does not say so': (sample) => ({
    body: Buffer.from(sample.toString('utf8'), 'utf16le'),
  }),
};

/** With a byte that is a letter in ISO 8859-1 and nothing in UTF-8, in place of its first "e". */
function withByte(sample: Body): Body {
  const changed = Buffer.from(sample);
  changed[changed.indexOf('e')] = 0xe9;
  return changed;
}

const charset = (contentType: string, name: string) => `${contentType.split(';')[0]}; charset=${name}`;

describe.each([...sourceKinds])('%s', (name, kind) => {
  let sender: Sender;
  let secret: string;
  let options: unknown;
  let url: URL;
  let sample: Body;
  beforeAll(async () => {
    sender = await senderOf(name);
    secret = sender.secret?.(`${name}-webhook-secret`) ?? localSecret(`${name}-webhook-secret`);
    options = kind.options.parse(sources[name]?.options ?? {});
    const webhook = new URL(`${stack.host.url}/api/webhooks/${name}`);
    url = sender.url?.(webhook, secret) ?? webhook;
    const stored: Body = await readFile(join('test', 'fixtures', name, sender.sample));
    sample = sampleSentNow(sender, stored, secret, new Date());
  });

  /** The headers of the vendor for these bytes. A sender that cannot sign what is not its own signs the sample. */
  function signed(body: Body, key = secret): Headers {
    try {
      return new Headers(sender.headers(body, key, new Date(), url));
    } catch {
      return new Headers(sender.headers(sample, key, new Date(), url));
    }
  }

  /** Posts the body as the vendor would, and says whether it proves that it comes from there. */
  async function post(body: Body, more: Record<string, string> = {}) {
    const headers = signed(body);
    for (const [header, value] of Object.entries(more)) headers.set(header, value);
    const request = { method: 'POST', url, headers, body };
    const isAuthentic = kind.verify(request, {
      options,
      keys: keysOf([secret], kind.secretForm?.(options)),
      now: new Date(),
    });
    const response = await fetch(url, {
      method: 'POST',
      headers,
      body,
      signal: AbortSignal.timeout(quicklyMs),
    });
    return { response, isAuthentic };
  }

  /** A body that is larger than its sender ever makes is not even looked at. */
  function refusalOf(body: Body, isAuthentic: boolean) {
    if (body.byteLength > (kind.maxBodyBytes ?? Number.POSITIVE_INFINITY))
      return { status: 413, code: 'body-too-large' };
    return isAuthentic ? { status: 400, code: 'malformed-body' } : { status: 401, code: 'unauthorized' };
  }

  const contentType = () => signed(sample).get('content-type') ?? 'application/json';

  test.each(Object.keys(hostile))('%s: 400 if it is signed, else 401', async (what) => {
    const { body, headers } = hostile[what]?.(sample, contentType()) ?? { body: sample };
    const { response, isAuthentic } = await post(body, headers);
    await expectProblem(response, refusalOf(body, isAuthentic));
  });

  test('a compressed sample, signed as it is sent: 415', async () => {
    for (const encoding of ['gzip', 'GZIP', 'deflate, gzip', 'br']) {
      const { response } = await post(gzipSync(sample), { 'Content-Encoding': encoding });
      await expectProblem(response, { status: 415, code: 'unsupported-encoding' });
    }
  });

  test('a compressed sample that does not say so: 400 if it is signed, else 401', async () => {
    const { response, isAuthentic } = await post(gzipSync(sample));
    await expectProblem(response, refusalOf(gzipSync(sample), isAuthentic));
  });

  test('a header of 5 MB where the secret or the signature is: 431', async () => {
    const ours = signed(sample);
    const others = signed(sample, sender.secret?.('another') ?? localSecret('another'));
    const names = [...ours.keys()].filter((header) => ours.get(header) !== others.get(header));
    for (const header of names.length > 0 ? names : ['authorization']) {
      const { response } = await post(sample, { [header]: 'a'.repeat(5_000_000) });
      expect([header, response.status]).toEqual([header, 431]);
      expect(await response.text()).toBe('');
    }
  });
});

async function expectProblem(
  response: Response,
  problem: { readonly status: number; readonly code: string },
): Promise<void> {
  const text = await response.text();
  expect([response.status, text]).toEqual([problem.status, expect.any(String)]);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(JSON.parse(text)).toMatchObject({ ...problem, detail: expect.any(String) });
  expect(text).not.toContain('Maria');
}

test('nothing of all that is recorded, nothing reaches DirectScale, and the relay still runs', async () => {
  await untilNothingIsPending(stack.host.url);
  expect(await changesOf(stack.host.url)).toEqual([]);
  expect(stack.sandbox.history).toEqual([]);
  expect(stack.host.process.exitCode).toBeNull();
  expect(stack.host.log()).not.toContain('unexpected failure');
});
