import { gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';
import { TableClient, TableServiceClient } from '@azure/data-tables';
import { QueueClient } from '@azure/storage-queue';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startFunctionHost } from '../../local/function-host.ts';
import { everyKind } from '../../local/relay-file.ts';
import { followDelivery, localSecret } from '../../local/sender.ts';
import { type Stack, startStack } from '../../local/stack.ts';
import { readMessage } from '../../src/delivery/record/message.ts';
import { call, changesOf, functionKey, untilNothingIsPending } from '../integration/operator.ts';
import { everyKindSender, type KindSender, type SignedRequest } from './every-kind.ts';

/** What is sent beside the payload to prove who sends: it must be nowhere afterwards. */
const proofs = new Set<string>([functionKey, localSecret('directscale-subscription-key')]);
/** What the relay answered, apart from what an operator asked for. */
const answers: string[] = [];
let stack: Stack;
let senders: KindSender[];

beforeAll(async () => {
  senders = await everyKindSender();
  stack = await startStack({ sources: everyKind(), host: { functionKey } });
  for (const sender of senders) {
    const request = sender.sign(sender.sample(), stack.host.url);
    remember(sender.secret, request.headers);
    const response = await fetch(request.url, { method: 'POST', ...request });
    expect([sender.kind, response.status]).toEqual([sender.kind, expect.toSatisfy((s: number) => s < 300)]);
    answers.push(await whole(response.clone()), await whole(await followDelivery(response, functionKey)));
    answers.push(await whole(await sendForged(request, sender.secret)));
  }
  await untilNothingIsPending(stack.host.url);
});
afterAll(() => stack?.stop());

/** The signature of another body, or nearly the secret itself. */
async function sendForged({ url, headers }: SignedRequest, secret: string): Promise<Response> {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const nearly = (text: string) =>
    text.replace(secret, `${secret}x`).replace(base64(secret), base64(`${secret}x`));
  const altered = Object.entries(headers).map(([name, value]): [string, string] => [name, nearly(value)]);
  const query = [...url.searchParams].map(([name, value]): [string, string] => [name, nearly(value)]);
  const response = await fetch(new URL(`?${new URLSearchParams(query)}`, url), {
    method: 'POST',
    headers: altered,
    body: '{}',
  });
  expect(response.status).toBe(401);
  return response;
}

/** The secret, what it decodes to, and each header that is made with it. */
function remember(secret: string, headers: Readonly<Record<string, string>>): void {
  proofs.add(secret);
  const decoded = Buffer.from(secret.replace(/^whsec_/, ''), 'base64').toString('latin1');
  if (decoded.length > 8) proofs.add(decoded);
  for (const [name, value] of Object.entries(headers)) {
    if (/signature|hmac|authorization|key|token/i.test(name) && value.length > 8) proofs.add(value);
  }
}

async function whole(response: Response): Promise<string> {
  return `${JSON.stringify([...response.headers])} ${await response.text()}`;
}

function expectNoProof(text: string): void {
  for (const proof of proofs) {
    expect(text.includes(proof), 'a secret or a signature').toBe(false);
    expect(text.includes(encodeURIComponent(proof)), 'a secret or a signature in a URL').toBe(false);
  }
}

test('no answer holds a secret or a signature, neither to a sender nor to an operator', async () => {
  expect(answers.length).toBe(3 * senders.length);
  const changes = await changesOf(stack.host.url);
  expect(changes.length).toBeGreaterThanOrEqual(senders.length);
  for (const path of [
    'deliveries?limit=500',
    'links?limit=500',
    'health/details',
    'openapi.json',
    'issues',
    'acts',
    ...changes.map(({ deliveryId }) => `deliveries/${deliveryId}?body=true`),
  ]) {
    const answer = await call(stack.host.url, path);
    expect([path, answer.ok]).toEqual([path, true]);
    answers.push(await whole(answer));
  }
  for (const answer of answers) expectNoProof(answer);
});

test('no stored row holds a secret or a signature, also where it is compressed', async () => {
  const connection = stack.env.AzureWebJobsStorage ?? '';
  const options = { allowInsecureConnection: true };
  const seen: string[] = [];
  for await (const { name = '' } of TableServiceClient.fromConnectionString(
    connection,
    options,
  ).listTables()) {
    const table = TableClient.fromConnectionString(connection, name, options);
    for await (const row of table.listEntities()) {
      const texts = Object.values(row).map((value) => readable(value));
      seen.push(name);
      expectNoProof(texts.join('\n'));
    }
  }
  // It has looked where it matters.
  expect(new Set(seen)).toEqual(
    new Set(['relaydeliveries', 'relaycustomers', 'relayseen', 'relaylinks', 'relayoperator']),
  );
});

test('the log holds no secret and no signature', async () => {
  await vi.waitFor(() => expect(stack.host.log()).toContain('webhook refused'), 15_000);
  expectNoProof(stack.host.log());
});

test('a forged webhook makes the vault be asked at most once in the set interval, however many there are', async () => {
  const name = 'shopify-webhook-secret';
  const before = stack.vault.reads(name);
  const forged = () =>
    fetch(`${stack.host.url}/api/webhooks/shopify`, {
      method: 'POST',
      headers: { 'X-Shopify-Hmac-Sha256': 'bm90IGEgc2lnbmF0dXJl' },
      body: '{}',
    });
  // Not all at once: those would share one reading.
  for (let i = 0; i < 20; i++) {
    const refused = await Promise.all([forged(), forged(), forged()]);
    expect(refused.map(({ status }) => status)).toEqual([401, 401, 401]);
  }
  expect(stack.vault.reads(name) - before).toBeLessThanOrEqual(1);
});

test('a message in the queue holds no secret and no signature, also where it is compressed', async () => {
  await stack.host.stop();
  // Nobody takes the message away.
  const env = { ...stack.env, 'AzureWebJobs.apply.Disabled': 'true' };
  const host = await startFunctionHost({ functionKey, env });
  try {
    for (const sender of senders) {
      const request = sender.sign(sender.sample(), host.url);
      remember(sender.secret, request.headers);
      expect((await fetch(request.url, { method: 'POST', ...request })).ok).toBe(true);
    }
    const queue = new QueueClient(stack.env.AzureWebJobsStorage ?? '', 'customer-changes');
    const { peekedMessageItems } = await queue.peekMessages({ numberOfMessages: 32 });
    const texts = peekedMessageItems.map(({ messageText }) => messageText);
    const deliveries = texts.flatMap((text) => {
      const message = readMessage(text);
      return message && 'deliveries' in message ? message.deliveries : [];
    });
    const bodies = deliveries.map(({ body = '' }) => readable(Buffer.from(body, 'base64')));
    // It has looked where it matters.
    expect(new Set(deliveries.map(({ source }) => source))).toEqual(new Set(senders.map(({ kind }) => kind)));
    expect(bodies.filter((body) => body.includes('Maria')).length).toBeGreaterThan(5);
    expectNoProof([...texts, ...bodies].join('\n'));
  } finally {
    await host.stop();
  }
});

/** A column as text: bytes as they are and, where they are compressed, what they hold. */
function readable(value: unknown): string {
  if (!(value instanceof Uint8Array))
    return typeof value === 'object' ? JSON.stringify(value) : String(value);
  const unpacked = [gunzipSync, inflateSync, inflateRawSync].map((unpack) => {
    try {
      return unpack(value).toString('latin1');
    } catch {
      return '';
    }
  });
  return [Buffer.from(value).toString('latin1'), ...unpacked].join('\n');
}
