import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { appFolder, relayFileSchema, type SourceEntry } from '../src/config.ts';

/** How a kind's vendor sends: lives in the kind's fixtures, `test/fixtures/<kind>/sender.ts`. */
export interface Sender {
  /** The sample payload's file name, beside the sender. */
  readonly sample: string;
  /** The headers with which the vendor would send these bytes to this address now. */
  headers(body: Uint8Array, secret: string, now: Date, url: URL): Record<string, string>;
  /** The sample as it would be sent now, for vendors that put a time or a secret into it. Absent: as it is. */
  body?(sample: Buffer<ArrayBuffer>, secret: string, now: Date): Buffer<ArrayBuffer>;
  /** The address that the vendor calls, for those that carry a secret in it. Absent: the webhook's own. */
  url?(webhook: URL, secret: string): URL;
}

/** The secret that the local vault holds under this name: always the same, of no use anywhere else. */
export function localSecret(name: string): string {
  return `whsec_${createHash('sha256').update(`customer-relay local secret ${name}`).digest('base64')}`;
}

/** The sources of relay.json, or of another file of its form. */
export async function localSources(config = 'relay.json'): Promise<Record<string, SourceEntry>> {
  const file = await readFile(join(appFolder, config), 'utf8');
  return relayFileSchema.parse(JSON.parse(file)).sources;
}

/** Signs a payload (a file; absent: the kind's sample) as the source's vendor does, and posts it to the relay. */
export async function sendDelivery(
  relayUrl: string,
  source: string,
  entry: SourceEntry,
  file?: string,
): Promise<Response> {
  const folder = join(appFolder, 'test', 'fixtures', entry.kind);
  const { sender } = (await import(pathToFileURL(join(folder, 'sender.ts')).href)) as { sender: Sender };
  const sample = await readFile(file ? resolve(file) : join(folder, sender.sample));
  const secret = localSecret(entry.secrets[0] ?? '');
  const now = new Date();
  const body = sender.body?.(sample, secret, now) ?? sample;
  const webhook = new URL(`${relayUrl}/api/webhooks/${source}`);
  const url = sender.url?.(webhook, secret) ?? webhook;
  return fetch(url, { method: 'POST', headers: sender.headers(body, secret, now, url), body });
}

/** Follows the Location of a 202 until the delivery is no longer pending; the last answer. */
export async function followDelivery(response: Response, functionKey = ''): Promise<Response> {
  let last = response;
  while (last.status === 202) {
    const location = last.headers.get('location');
    if (!location) return last;
    if (!last.bodyUsed) await last.arrayBuffer();
    await delay(50);
    last = await fetch(location, { headers: { 'x-functions-key': functionKey } });
  }
  return last;
}
