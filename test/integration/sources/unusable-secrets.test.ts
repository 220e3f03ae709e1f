import { createHmac, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { everyKind, withSamples, writeRelayFile } from '../../../local/relay-file.ts';
import { type Stack, startStack } from '../../../local/stack.ts';
import { startVendors, type Vendors } from '../../../local/vendors.ts';
import { everyKindSender, type KindSender } from '../../security/every-kind.ts';
import { untilNothingIsPending } from '../operator.ts';
import { functionKey } from '../relay-under-test.ts';

let stack: Stack;
let vendors: Vendors;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'secrets-'));
  vendors = await startVendors();
  const relayConfig = await writeRelayFile({ sources: await withSamples(everyKind(), vendors) }, folder);
  // Every request reads the secret anew.
  const env = { SECRETS_TTL_MINUTES: '0.00001', SECRETS_MIN_REFRESH_SECONDS: '0' };
  stack = await startStack({ relayConfig, host: { functionKey, env } });
});
afterAll(async () => {
  await stack?.stop();
  await vendors?.close();
  await rm(folder, { recursive: true, force: true });
});

async function health() {
  const response = await fetch(`${stack.host.url}/api/health/details?code=${functionKey}`);
  return (await response.json()) as {
    status: string;
    sources: Record<string, string>;
    secrets: { name: string; failure?: { code: string; message: string } }[];
  };
}

/** What everybody could sign where the key is empty. */
function withEmptyKey(body: Uint8Array): Record<string, string> {
  const [id, timestamp] = [randomUUID(), String(Math.floor(Date.now() / 1000))];
  const signature = createHmac('sha256', '').update(`${id}.${timestamp}.`).update(body).digest('base64');
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signature}`,
  };
}

describe.each(await everyKindSender())('$kind', (sender) => {
  const { kind, secret } = sender;
  const name = `${kind}-webhook-secret`;
  const post = ({ sample, sign }: KindSender, more: Record<string, string> = {}) => {
    const { url, headers, body } = sign(sample(), stack.host.url);
    return fetch(url, { method: 'POST', headers: { ...headers, ...more }, body });
  };

  test.each(['whsec_', '   ', '****', '\n', 'brief'])(
    'a secret %j verifies nothing, and health says so',
    async (none) => {
      stack.vault.set(name, none);
      expect((await post(sender)).status).toBe(401);
      expect((await post(sender, withEmptyKey(sender.sample()))).status).toBe(401);
      const { status, sources, secrets } = await health();
      expect(status).toBe('degraded');
      expect(sources[kind]).toBe('secret-unusable');
      const failure = secrets.find((report) => report.name === name)?.failure;
      expect(failure).toEqual({ code: 'secret-unusable', message: expect.stringContaining(name) });
      expect(JSON.stringify(failure)).not.toContain(none);
      stack.vault.set(name, secret);
      expect((await health()).sources[kind]).toBe('ready');
    },
  );

  test('a secret that was stored with its line end works', async () => {
    stack.vault.set(name, `${secret}\n`);
    expect((await post(sender)).status).toBeLessThan(300);
    expect((await health()).sources[kind]).toBe('ready');
    await untilNothingIsPending(stack.host.url);
    stack.vault.set(name, secret);
  });
});
