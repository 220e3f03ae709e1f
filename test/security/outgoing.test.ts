import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { everyKind } from '../../local/relay-file.ts';
import { type Stack, startStack } from '../../local/stack.ts';
import { call, functionKey, untilNothingIsPending } from '../integration/operator.ts';
import { everyKindSender, type KindSender } from './every-kind.ts';

/** Where every address leads that a sender writes anywhere into a request. */
let trap: Server;
let trapUrl: string;
const trapped: string[] = [];
let stack: Stack;

beforeAll(async () => {
  trap = createServer((request, response) => {
    trapped.push(`${request.method} ${request.url}`);
    response.end('{}');
  });
  trap.listen(0, '127.0.0.1');
  await once(trap, 'listening');
  const { port } = trap.address() as AddressInfo; // listening on TCP, so the address is not a pipe's
  trapUrl = `http://127.0.0.1:${port}`;
  stack = await startStack({ sources: everyKind(), host: { functionKey } });
});
afterAll(async () => {
  await stack?.stop();
  trap?.close();
});

/** Names under which protocols of webhooks carry an address that a receiver is to call. */
const addressNames = [
  'url',
  'href',
  'self',
  'callback',
  'callbackUrl',
  'validationUrl',
  'SubscribeURL',
  'data_url',
  'dataschema',
  'next',
  'instance_url',
  'sObjectUrl',
];

/** Bodies with the trap in them. Each kind gets all, signed as its vendor signs, as far as its vendor could. */
const bodies: Record<string, (sample: Buffer<ArrayBuffer>) => string> = {
  'the sample, with addresses beside its members': (sample) => changed(sample, (text) => text, true),
  'the sample, with an address in place of each text': (sample) => changed(sample, () => trapUrl, true),
  'the sample, with a path that leads elsewhere in place of each id': (sample) =>
    changed(sample, (text) => (/^\d+$/.test(text) ? `..//${trapUrl.replace('http://', '')}/` : text), false),
  'a validation of Event Grid': () =>
    JSON.stringify([
      {
        id: '1',
        eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent',
        data: { validationCode: 'x', validationUrl: trapUrl },
      },
    ]),
  'a validation of Adobe': () => JSON.stringify({ validationUrl: trapUrl }),
  'a confirmation of a subscription': () =>
    JSON.stringify({ Type: 'SubscriptionConfirmation', SubscribeURL: trapUrl, Token: 'x' }),
  'XML with a DTD and an entity elsewhere': () =>
    `<!DOCTYPE a SYSTEM "${trapUrl}/dtd" [<!ENTITY e SYSTEM "${trapUrl}/entity">]><a xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="${trapUrl}/include"/>&e;</a>`,
};

/** Headers by which callers or proxies name an address. */
const headers = (): Record<string, string> => ({
  'X-Forwarded-Host': new URL(trapUrl).host,
  'X-Original-URL': trapUrl,
  Forwarded: `host=${new URL(trapUrl).host}`,
  Origin: trapUrl,
  Referer: trapUrl,
  Link: `<${trapUrl}>; rel=next`,
  'WebHook-Request-Callback': trapUrl,
  'WebHook-Request-Origin': new URL(trapUrl).host,
  'aeg-event-type': 'SubscriptionValidation',
});

/** JSON, XML or a form, whichever the sample is, with each text of it changed. */
function changed(
  sample: Buffer<ArrayBuffer>,
  change: (text: string) => string,
  withAddresses: boolean,
): string {
  const text = sample.toString('utf8');
  const more: [string, string][] = withAddresses ? addressNames.map((name) => [name, trapUrl]) : [];
  if (/^\s*[[{]/.test(text)) return JSON.stringify(walk(JSON.parse(text), change, more));
  if (/^\s*</.test(text)) return text.replace(/>([^<>\s][^<>]*)</g, (_, value) => `>${change(value)}<`);
  const pairs = [...new URLSearchParams(text)].map(([name, value]): [string, string] => [
    name,
    change(value),
  ]);
  return new URLSearchParams([...pairs, ...more]).toString();
}

function walk(value: unknown, change: (text: string) => string, more: [string, string][]): unknown {
  if (typeof value === 'string') return change(value);
  if (typeof value === 'number')
    return Number.isNaN(Number(change(String(value)))) ? change(String(value)) : value;
  if (Array.isArray(value)) return value.map((item) => walk(item, change, more));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, member]): [string, unknown] => [
    name,
    walk(member, change, more),
  ]);
  return Object.fromEntries([...more, ...entries]);
}

describe.each(await everyKindSender())('$kind', (sender: KindSender) => {
  /** Undefined: the vendor could not send such bytes. */
  async function post(body: Buffer<ArrayBuffer>, more: Record<string, string>): Promise<number | undefined> {
    let request: ReturnType<KindSender['sign']>;
    try {
      request = sender.sign(body, stack.host.url);
    } catch {
      return undefined;
    }
    const response = await fetch(request.url, {
      method: 'POST',
      headers: { ...request.headers, ...more },
      body,
    });
    await response.body?.cancel();
    return response.status;
  }

  test('the sample with addresses in it is taken, and none of them is called', async () => {
    const body = bodies['the sample, with addresses beside its members']?.(sender.sample()) ?? '';
    expect(await post(Buffer.from(body), {})).toBeLessThan(300);
    await untilNothingIsPending(stack.host.url);
    expect(trapped).toEqual([]);
  });

  test('nor is any address in other bodies, in headers, or asked for by an operator', async () => {
    for (const [what, make] of Object.entries(bodies)) {
      const body = Buffer.from(make(sender.sample()));
      for (const more of [{}, headers()]) {
        const status = await post(body, more);
        expect([what, status ?? 400]).toEqual([what, expect.toSatisfy((s: number) => s < 500)]);
      }
      const preview = await call(stack.host.url, `preview/${sender.kind}?record=true`, {
        method: 'POST',
        body,
      });
      expect(preview.status).toBeLessThan(500);
      await preview.body?.cancel();
    }
    const url = new URL(`${stack.host.url}/api/webhooks/${sender.kind}`);
    url.search = new URLSearchParams(
      addressNames.map((name): [string, string] => [name, trapUrl]),
    ).toString();
    for (const method of ['GET', 'OPTIONS']) {
      const { status } = await fetch(url, { method, headers: headers() });
      expect(status).toBeLessThan(500);
    }
    await untilNothingIsPending(stack.host.url);
    expect(trapped).toEqual([]);
  });
});

test('the trap would notice a call', async () => {
  await fetch(`${trapUrl}/noticed`);
  expect(trapped.splice(0)).toEqual(['GET /noticed']);
});

test('the relay calls anybody itself from two places, and neither follows a redirect', async () => {
  const callers: string[] = [];
  for (const folder of ['src', 'functions']) {
    for (const file of await readdir(folder, { recursive: true })) {
      if (!file.endsWith('.ts')) continue;
      const text = await readFile(join(folder, file), 'utf8');
      if (/(?<![.\w]|async )fetch\(|from '(node:)?(https?|http2|net|tls|dgram|undici)'/.test(text)) {
        callers.push(`${folder}/${file.replaceAll('\\', '/')}`);
        expect([file, text.match(/redirect: 'manual'/g)?.length]).toEqual([
          file,
          text.match(/(?<![.\w]|async )fetch\(/g)?.length,
        ]);
      }
    }
  }
  expect(callers.toSorted()).toEqual(['src/net/exchange.ts', 'src/sources/shared/call-vendor.ts']);
});
