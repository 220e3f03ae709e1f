import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { appFolder } from '../src/app-folder.ts';
import type { SourceEntry } from '../src/config/configuration.ts';

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
  /** The secret in the form that the vendor gives out. Absent: that of {@link localSecret}. */
  secret?(name: string): string;
  /** What relay.json must say for the sample to work; `vendorUrl` is where `answer` answers. */
  entry?(vendorUrl: string): Partial<Pick<SourceEntry, 'mapping' | 'options'>>;
  /** Its sample changes no customer: it makes a link to one. */
  readonly makesLink?: true;
  /** The vendor's own API, for events that only name a record: the JSON at a path with its query. */
  answer?(path: string, now: Date): unknown;
}

/** The sender of a kind. */
export async function senderOf(kind: string): Promise<Sender> {
  const file = join(fixturesOf(kind), 'sender.ts');
  const { sender } = (await import(pathToFileURL(file).href)) as { sender: Sender };
  return sender;
}

const fixturesOf = (kind: string): string => join(appFolder, 'test', 'fixtures', kind);

/** The secret that the local vault holds under this name: always the same, of no use anywhere else. */
export function localSecret(name: string): string {
  return `whsec_${hash('sha256', `customer-relay local secret ${name}`, 'base64')}`;
}

/** Signs a payload (a file; absent: the kind's sample) as the source's vendor does, and posts it to the relay. */
export async function sendDelivery(
  relayUrl: string,
  source: string,
  entry: SourceEntry,
  file?: string,
): Promise<Response> {
  const sender = await senderOf(entry.kind);
  const sample = await readFile(file ? resolve(file) : join(fixturesOf(entry.kind), sender.sample));
  const [secretName = ''] = entry.secrets;
  const secret = sender.secret?.(secretName) ?? localSecret(secretName);
  const now = new Date();
  const body = sender.body?.(sample, secret, now) ?? sample;
  const webhook = new URL(`${relayUrl}/api/webhooks/${source}`);
  const url = sender.url?.(webhook, secret) ?? webhook;
  return fetch(url, { method: 'POST', headers: sender.headers(body, secret, now, url), body });
}

/** Follows the Location of a 202 until the delivery is no longer pending; the last answer. */
export async function followDelivery(response: Response, functionKey = ''): Promise<Response> {
  let last = response;
  let location = last.headers.get('location');
  // A vendor's own form of success is not a 202, but has the location, too.
  while (location && (last === response || last.status === 202)) {
    if (!last.bodyUsed) await last.arrayBuffer();
    await delay(50);
    last = await fetch(location, { headers: { 'x-functions-key': functionKey } });
    location = last.headers.get('location') ?? location;
  }
  return last;
}
